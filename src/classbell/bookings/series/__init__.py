"""Lessons for weeks: asked for once, answered once, one meeting at Zoom; each date is a booking of its own."""
