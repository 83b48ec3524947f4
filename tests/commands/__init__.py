"""An app for tests alone: commands in place of Django's."""
