"""
Doing something to see what it comes to, and taking it back: pages and `dryRun` show it before anything is saved.

What is really done hardly ever waits for what is only tried: a rehearsal takes no turn that the whole school takes (`is_on`),
and gives up before PostgreSQL looks for deadlocks, which would end either of the two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar, Final

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from classbell.errors import DomainError

# Shorter than PostgreSQL's deadlock_timeout, a second unless somebody has set it otherwise.
WAITS_FOR: Final = "400ms"
_on: ContextVar[bool] = ContextVar("rehearsal", default=False)


class BeingChanged(DomainError):
    """Somebody is changing what a rehearsal would have to change."""

    code: ClassVar[str] = "being_changed"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Somebody is changing this at the moment. Try again."))


def is_on() -> bool:
    """Say whether what happens now will be taken back."""
    return _on.get()


@contextmanager
def rehearsal() -> Iterator[None]:
    """
    Let the block do what it does, and take all of it back. Rows that it read or made may be used afterwards.

    Raises BeingChanged where somebody else has locked what it needs.
    """
    token = _on.set(True)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{WAITS_FOR}'")
            yield
            transaction.set_rollback(True)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise BeingChanged from error
    finally:
        _on.reset(token)
