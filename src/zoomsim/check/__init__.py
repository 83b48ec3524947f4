"""Asking a Zoom, real or simulated, whether it answers as the simulator does."""
