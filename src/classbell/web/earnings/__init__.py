"""Pages about hours taught and what teachers are owed."""
