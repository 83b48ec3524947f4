"""Signing in with the school's own accounts."""
