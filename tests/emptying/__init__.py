"""An app for tests alone: how the database is emptied between those that commit."""
