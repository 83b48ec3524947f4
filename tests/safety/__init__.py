"""What holds at every entrance, whoever knocks: docs/security.md says why."""
