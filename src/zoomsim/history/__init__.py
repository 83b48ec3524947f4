"""What took place: past meetings and reports."""
