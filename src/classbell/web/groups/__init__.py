"""Pages about classes, courses, circles and terms."""
