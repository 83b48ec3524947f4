"""What the API of tutoring takes and answers; a module for each of `api`."""
