"""Backups: everything the database holds at one moment in one file, and a database made of it again."""
