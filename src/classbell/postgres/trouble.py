"""What a failure of the database means to whoever asked: which ones pass, and are no fault of the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import psycopg
from django.db import Error, InterfaceError, OperationalError
from procrastinate.exceptions import ConnectorException


class Trouble(StrEnum):
    """What ails the database. All of it passes or is mended outside this program, so the same request may succeed later."""

    AWAY = "database_unavailable"
    BUSY = "database_busy"
    READ_ONLY = "database_read_only"
    FULL = "database_full"


# SQLSTATEs, and their classes of two characters: https://www.postgresql.org/docs/current/errcodes-appendix.html
MEANING: Final = {
    "08": Trouble.AWAY,  # the connection
    "57P": Trouble.AWAY,  # shut down, crashed, starting, session ended by the server
    "25P03": Trouble.AWAY,  # ended for keeping a transaction open
    "57014": Trouble.BUSY,  # took too long
    "53": Trouble.BUSY,  # too many connections, no memory
    "55P03": Trouble.BUSY,  # a lock was not to be had in time
    "40": Trouble.BUSY,  # deadlock, serialization
    "25006": Trouble.READ_ONLY,  # a standby, or one that was told to refuse writes
    "53100": Trouble.FULL,
    "58030": Trouble.FULL,  # the disk refuses
}
# A disk that is only read is told as a want of privilege, by the parts of the server that keep files.
KEEPING_FILES: Final = frozenset({"md.c", "fd.c", "slru.c"})
# A refused connection comes without its SQLSTATE.
NO_CONNECTION_LEFT: Final = ("too many clients", "connection slots are reserved", "too many connections")
PASSING: Final = (*NO_CONNECTION_LEFT, "starting up", "shutting down", "in recovery", "not yet accepting")


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Return what ails the database when `error` is a passing failure of it, None for everything else."""
    if not isinstance(error, Error | psycopg.Error | ConnectorException):
        return None
    for cause in _causes(error):
        if isinstance(cause, psycopg.Error):
            return _meaning(cause)
    # Django's own: the connection was lost within a transaction.
    return Trouble.AWAY if isinstance(error, InterfaceError) else None


def was_stopped(error: BaseException | None) -> bool:
    """Say whether it is the database's word that a statement took too long, or that nobody waits for it any more."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, psycopg.errors.QueryCanceled)


@contextmanager
def unless_writes_are_refused() -> Iterator[None]:
    """
    Leave undone what would only be kept for later, while the database reads but takes nothing: a standby, a full disk. What
    it is kept for, such as letting people into their class, goes on.
    """
    try:
        yield
    except Error as error:
        if not refuses_writes(error):
            raise


def refuses_writes(error: BaseException) -> bool:
    """Whether the database answers, and takes nothing in."""
    return trouble_of(error) in (Trouble.READ_ONLY, Trouble.FULL)


def is_worth_another_attempt(error: psycopg.OperationalError) -> bool:
    """Whether a connection that was refused may be had in a moment: not when the server said no to who asks."""
    said = str(error)
    return "FATAL:" not in said or any(words in said for words in PASSING)


def _meaning(error: psycopg.Error) -> Trouble | None:
    state = error.sqlstate
    if state is None and any(words in str(error) for words in NO_CONNECTION_LEFT):
        return Trouble.BUSY
    if state is None:
        # Never got as far as the server's opinion: no connection, or lost on the way.
        return Trouble.AWAY if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else None
    if isinstance(error, psycopg.errors.InsufficientPrivilege) and error.diag.source_file in KEEPING_FILES:
        return Trouble.READ_ONLY
    return next((MEANING[state[:length]] for length in (5, 3, 2) if state[:length] in MEANING), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
