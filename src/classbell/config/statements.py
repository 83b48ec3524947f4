"""How long a request may ask the database for one thing, and what it is answered when that was too long."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from classbell.errors import DomainError


class TookTooLong(DomainError):
    """The database was asked for more than it could find in time, or waited too long for somebody else's change."""

    code: ClassVar[str] = "took_too_long"
    status: ClassVar[int] = 503
    retry_after_seconds: ClassVar[int] = 30

    def __init__(self) -> None:
        super().__init__(_("This took too long and was stopped. Ask for less at a time, or try again in a minute."))


def bound_statements(database: dict[str, Any], longest: timedelta) -> None:
    """Let every statement on connections still to be made with these settings end after so long."""
    database["SESSION"]["statement_timeout"] = str(longest // timedelta(milliseconds=1))
