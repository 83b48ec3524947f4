"""Guardians: people who answer for students, see what concerns them and act for them."""
