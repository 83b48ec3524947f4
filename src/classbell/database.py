"""What Django's database layer does not offer: prepared statements, and session locks on connections that are kept."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import psycopg
from django.db import Error, connection
from psycopg.rows import tuple_row

from classbell.postgres.base import DatabaseWrapper

PLACEHOLDER: Final = re.compile(r"%(?:\((\w+)\)s|%)")


def fetch_prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """
    Run one statement, planned once per connection rather than at every call, and return its rows.

    For reads that are asked for often and cost more to plan than to run; Django's own cursors never prepare. The plan is
    made without looking at values (`plan_cache_mode` of every session), so it has to be good for all of them: a statement
    whose best plan depends on its values belongs to Django's cursor. Parameters are named, `%(name)s`, and bound by the
    server: write their types where it cannot tell (`%(day)s::date`). Raises Django's DatabaseError.
    """
    text, names = numbered(statement)
    values = [parameters[name] for name in names]
    cursor = _cursor_of(text)
    with connection.wrap_database_errors:
        cursor.execute(text, values, prepare=True, binary=True)
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


@cache
def numbered(statement: str) -> tuple[bytes, list[str]]:
    """
    Return a statement as the server takes it, `$1` for the first name, and the names in order. psycopg does the same, but
    anew at each call for statements that are as long as ours.
    """
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return PLACEHOLDER.sub(number, statement).encode(), names


def _cursor_of(statement: bytes) -> "psycopg.RawCursor[tuple[Any, ...]]":
    """Return this connection's cursor for a statement. It is kept: it knows by then how values are sent and rows are read."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    wrapper = cast("DatabaseWrapper", connection)
    wrapper.bound_statements()
    cursor = wrapper.prepared.get(statement)
    if cursor is None:
        cursor = wrapper.prepared[statement] = psycopg.RawCursor(wrapper.connection, row_factory=tuple_row)
    return cursor
