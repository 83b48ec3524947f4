"""Sessions of a backup's own at the database: as long as it takes, and not through Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from classbell.backup.errors import BackupError

Session = psycopg.Connection[Any]

# What belongs to extensions comes with them.
TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""


@contextmanager
def session_at(address: str, *, writes: bool) -> Iterator[Session]:
    """Lend a session at the database; with `writes` at that of several servers which takes them. Raises BackupError.

    So does whatever the database refuses meanwhile.
    """
    wanted = "read-write" if writes else "any"
    whole = make_conninfo(address, application_name="classbell backup", target_session_attrs=wanted)
    try:
        session = psycopg.connect(whole, autocommit=True)
    except psycopg.OperationalError as error:
        raise BackupError(f"The database is not reached ({error}). Check DATABASE_URL.") from error
    try:
        with session:
            session.execute("SET statement_timeout = 0")
            yield session
    except psycopg.Error as error:
        raise BackupError(f"The database did not go along: {error}") from error


def server_version(session: Session) -> int:
    """Return the major version of the server."""
    return session.info.server_version // 10000


def row_counts(session: Session) -> dict[str, int]:
    """Return how many rows each table has, as the session's transaction sees it."""
    names = [name for (name,) in session.execute(TABLES)]
    return {name: _count(session, name) for name in names}


def _count(session: Session, table: str) -> int:
    row = session.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))).fetchone()
    return int(row[0]) if row else 0
