"""Pages about people, and what they are told."""
