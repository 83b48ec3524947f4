"""Recordings: found, watched, deleted and forgotten."""
