"""Meetings taking place."""
