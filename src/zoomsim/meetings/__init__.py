"""Scheduled meetings: made, read, listed, changed, deleted."""
