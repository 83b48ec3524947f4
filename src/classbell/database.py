"""What Django's database layer does not offer: prepared statements, and session locks in a pool of connections."""

from collections.abc import Mapping
from typing import Any, Final, cast

import psycopg
from django.db import connection
from psycopg.rows import tuple_row

_LOCKED: Final = "classbell_took_session_locks"


def fetch_prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """
    Run one statement, planned once per connection rather than at every call, and return its rows.

    For reads that are asked for often and cost more to plan than to run; Django's own cursors never prepare. Parameters
    are named, `%(name)s`, and bound by the server: write their types where it cannot tell (`%(day)s::date`).
    """
    with psycopg.Cursor(_session(), row_factory=tuple_row) as cursor:
        cursor.execute(statement, parameters, prepare=True, binary=True)
        return cursor.fetchall()


def expect_session_lock() -> None:
    """Note that this connection is about to take an advisory lock of the session, so that the pool makes sure it is freed."""
    setattr(_session(), _LOCKED, True)


def free_session_locks(session: "psycopg.Connection[Any]") -> None:
    """Free what a session may still hold before the pool hands it to somebody else. Costs nothing for most."""
    if getattr(session, _LOCKED, False):
        session.execute("SELECT pg_advisory_unlock_all()")
        setattr(session, _LOCKED, False)


def _session() -> "psycopg.Connection[Any]":
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)
