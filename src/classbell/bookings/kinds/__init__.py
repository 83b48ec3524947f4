"""Kinds of lessons: what a school offers, what is asked of who books one, and who teaches it."""
