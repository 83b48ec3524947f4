"""Whether a pooler stands between us and PostgreSQL, and leaves each connection a session of its own."""

from contextlib import ExitStack, closing
from enum import StrEnum
from typing import Final

from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

# One is enough unless others use the pooler just then.
ATTEMPTS: Final = 5


class Pooling(StrEnum):
    """What stands between: nothing, a pooler in session mode, one that shares sessions (transaction or statement mode)."""

    NONE = "none"
    OWN_SESSIONS = "own_sessions"
    SHARED_SESSIONS = "shared_sessions"


def find_pooling() -> Pooling:
    """
    Return how Django's connection reaches its session at the server. Raises Django's DatabaseError when it cannot.

    A pooler numbers its clients itself. It shares sessions when another connection, which holds one for a transaction,
    was given ours meanwhile.
    """
    ours = _session_number(connection)
    if connection.connection.pgconn.backend_pid == ours:
        return Pooling.NONE
    with ExitStack() as held:
        for _ in range(ATTEMPTS):
            other = connection.copy()
            held.enter_context(closing(other))
            try:
                other.ensure_connection()
            except Error:
                break  # No more are to be had.
            try:
                other.set_autocommit(False)
                theirs = _session_number(other)
            except Error:
                return Pooling.SHARED_SESSIONS  # It refuses transactions.
            if theirs == ours or _session_number(connection) != ours:
                return Pooling.SHARED_SESSIONS
    return Pooling.OWN_SESSIONS


def _session_number(wrapper: BaseDatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
