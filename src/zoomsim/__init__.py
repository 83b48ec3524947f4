"""Zoom on your desk: a program that behaves like Zoom's REST API, OAuth server and webhook sender."""

__version__ = "2026.11.0"
"""The month to which Zoom's behaviour is known, and a number."""
