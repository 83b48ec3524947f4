"""What Django's database layer does not offer: prepared statements, and session locks on connections that are kept."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import psycopg
from django.db import Error, connection
from psycopg.rows import tuple_row


def fetch_prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """
    Run one statement, planned once per connection rather than at every call, and return its rows.

    For reads that are asked for often and cost more to plan than to run; Django's own cursors never prepare. The plan is
    made without looking at values (`plan_cache_mode` of every session), so it has to be good for all of them: a statement
    whose best plan depends on its values belongs to Django's cursor. Parameters are named, `%(name)s`, and bound by the
    server: write their types where it cannot tell (`%(day)s::date`). Raises Django's DatabaseError.
    """
    session = _session()
    with connection.wrap_database_errors, psycopg.Cursor(session, row_factory=tuple_row) as cursor:
        cursor.execute(statement, parameters, prepare=True, binary=True)
        return cursor.fetchall()


def unlock_session(statement: str, parameters: Sequence[int]) -> None:
    """
    Run the statement that frees an advisory lock of this session.

    When it cannot run, the session is ended, which frees the lock too: nobody else may get it together with the lock.
    """
    session = connection.connection
    if session is None or session.closed:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except Error:
        session.close()


def _session() -> "psycopg.Connection[Any]":
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)
