"""Zoom's API as HTTP: which call a path means, who may make it, and how it answers."""
