"""Migrate nothing, in place of Django's command: the database of a test run is a copy of one that is (`tests.databases`)."""

from typing import Any

from django.core.management.commands import migrate


class Command(migrate.Command):
    """Take Django's arguments and do nothing."""

    def handle(self, *args: Any, **options: Any) -> None:
        """There is nothing to do."""
