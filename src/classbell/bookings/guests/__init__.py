"""Lessons of people without an account: booked, confirmed, moved and cancelled by links, and taken over by an account."""
