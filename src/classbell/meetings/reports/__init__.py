"""Attendance added up by the database."""
