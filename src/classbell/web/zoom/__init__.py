"""Pages about how Zoom stands."""
