"""Pages about lessons: finding a teacher, booking, hours, rules."""
