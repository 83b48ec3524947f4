"""Excused absence: students tell ahead or afterwards that they are away; a rule, a teacher or an admin says yes or no."""
