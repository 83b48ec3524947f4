"""Zoom on your desk: a program that behaves like Zoom's REST API, OAuth server and webhook sender."""
