"""Pages about courses: `browse` to look, `edit` for the course and its people, `planning` and `sessions` for what is held."""
