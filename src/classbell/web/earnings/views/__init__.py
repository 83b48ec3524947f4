"""Views of hours taught, a file a page."""
