"""Polls and quizzes of meetings."""
