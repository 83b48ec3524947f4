"""Whether the tables are those that this version of the program wants, and bringing them there."""

import time
from collections.abc import Callable
from typing import Final

import psycopg
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# While a migration waits for a lock, everybody who comes after it waits too.
LOCK_SECONDS: Final = 3
PAUSE_SECONDS: Final = 5.0
ATTEMPTS: Final = 60
# What a concurrent build that was given up leaves behind, and what is in its way the next time.
HALF_BUILT: Final = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = 'public'
"""


class NewerDatabase(Exception):
    """A newer version has brought the database's tables up to itself; the text says what that means for this one."""

    def __init__(self, migrations: list[str]) -> None:
        self.migrations = migrations
        super().__init__(
            f"A newer version of Classbell has migrated this database: {len(migrations)} migrations that this version does "
            f"not know, the last of them {migrations[-1]}. Nothing was changed. Migrations are not undone: what has been "
            "entered since would be lost. The version directly before the newer one may go on running; an older one may "
            "not. To go back further, restore the backup that was taken before the upgrade: docs/upgrade.md."
        )


def missing_migrations() -> int:
    """
    Return how many migrations have not run yet; those of a newer version do not count.

    Raises Django's DatabaseError.
    """
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def known_migrations() -> set[str]:
    """Return the migrations that this version brings, its libraries' too, as `app.name`. Asks no database."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


def unknown_migrations() -> list[str]:
    """Return, as `app.name`, the migrations that have run and are not this version's: a newer one's. Raises DatabaseError."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted({f"{app}.{name}" for app, name in applied} - known_migrations())


def bring_up_to_date(*, tell: Callable[[str], object], pause: Callable[[float], None] = time.sleep) -> None:
    """
    Run what migrations are missing, beside running processes of the version before.

    One that would have to wait longer than LOCK_SECONDS for somebody's transaction lets it through and is tried again.
    Raises NewerDatabase, and Django's OperationalError when it is in vain ATTEMPTS times.
    """
    if newer := unknown_migrations():
        raise NewerDatabase(newer)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            call_command("migrate", interactive=False, verbosity=1)
            call_command("createcachetable")
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable) or attempt == ATTEMPTS:
                raise
            tell(f"Somebody's transaction is in the way; attempt {attempt + 1} of {ATTEMPTS} in {PAUSE_SECONDS:g} s.")
            _drop_half_built()
            pause(PAUSE_SECONDS)
        else:
            return


def _drop_half_built() -> None:
    with connection.cursor() as cursor:
        cursor.execute(HALF_BUILT)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
