"""One process at a time per meeting, by PostgreSQL's advisory locks: no transaction stays open, and a crash frees them."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from classbell import rehearsal
from classbell.database import unlock_session

# The first of the two integers of our advisory locks: what is locked.
MEETING_LOCKS = 0x436C_6101
TOKEN_LOCKS = 0x436C_6102
REGISTRANT_LOCKS = 0x436C_6103
MOVE_LOCKS = 0x436C_6104
RULE_LOCKS = 0x436C_6105


class LockBusy(Exception):
    """Someone else is at it."""


@contextmanager
def advisory_lock(namespace: int, key: int, *, wait_seconds: float) -> Iterator[None]:
    """
    Hold a session-level advisory lock, waiting for it at most `wait_seconds` (at least a millisecond).

    `key` is a signed 32-bit integer; a collision of keys only makes two strangers wait for each other. Needs a connection
    of its own for the time: not to be used through a pooler that shares sessions between transactions.

    Raises LockBusy.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{max(1, int(wait_seconds * 1000))}ms"])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [namespace, key])
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise LockBusy from error
        finally:
            # On a connection that was lost there is nothing left to set.
            if connection.is_usable():
                cursor.execute("SELECT set_config('lock_timeout', '0', false)")
    try:
        yield
    finally:
        unlock_session("SELECT pg_advisory_unlock(%s, %s)", [namespace, key])


def meeting_key(meeting_id: UUID) -> int:
    """Return the lock key of a meeting: the last 32 bits of its id, which are random, as a signed integer."""
    return int.from_bytes(meeting_id.bytes[-4:], "big", signed=True)


def wait_for_other_moves() -> None:
    """
    Let changes that free time and then take other time follow one another, until the end of the transaction.

    Two that move into what the other one frees would each wait for the other to end. Call it before any row is locked. What
    is only tried (`rehearsal`) waits for nobody and lets nobody wait.
    """
    if rehearsal.is_on():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [MOVE_LOCKS])


def wait_for_other_rules() -> None:
    """
    Let changes of the rules of attendance follow one another, until the end of the transaction.

    Each sets all rules anew from those there are, which are new rows: there is none to lock. For rehearsals as above.
    """
    if rehearsal.is_on():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [RULE_LOCKS])
