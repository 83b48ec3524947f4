"""
Reads that may lag a few seconds behind, done by a replica: reports, calendar feeds, free times of far days.

The replica takes the place of the database for a thread while such a read runs, and takes no writes. Whenever it is away, too
far behind, or does not know what is asked for, the database itself is asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Final, ParamSpec, TypeVar

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from classbell.errors import NotThere
from classbell.postgres.reach import REPLICA
from classbell.postgres.trouble import trouble_of, was_stopped

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

# Workers commit that they are alive every few seconds, so the latest commit that a replica has done tells its lag, also while
# nobody changes anything. While no worker runs it seems to be behind, and is not asked.
SECONDS_BEHIND: Final = """
SELECT CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) ELSE 0 END
"""


def may_lag(read: Callable[P, R]) -> Callable[P, R]:
    """
    Let a function that only reads, and whose answer may be some seconds old, be answered by the replica if there is one.

    It must return what it found, not querysets, and may be called twice. Within a transaction the database itself is asked:
    whoever is writing reads what they wrote.
    """

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with _replica() as is_there:
                if is_there:
                    return read(*args, **kwargs)
        except NotThere:
            pass  # Maybe not yet.
        except Error as error:
            # What took too long there would take as long here.
            if (trouble := trouble_of(error)) is None or was_stopped(error):
                raise
            log.warning("replica_failed", trouble=trouble.value)
        return read(*args, **kwargs)

    return reading


def seconds_behind(replica: BaseDatabaseWrapper) -> float | None:
    """Return how old the replica's latest commit is, None when it has none. Raises Django's DatabaseError."""
    with replica.cursor() as cursor:
        cursor.execute(SECONDS_BEHIND)
        seconds = cursor.fetchone()[0]
    return None if seconds is None else float(seconds)


@contextmanager
def _replica() -> Iterator[bool]:
    """Put the replica in the place of this thread's connection, and say so; leave it where it is when that may not be."""
    own = connections[DEFAULT_DB_ALIAS]
    if REPLICA not in connections.settings or own.in_atomic_block:
        yield False
        return
    replica = connections[REPLICA]
    replica.close_if_health_check_failed()
    behind = seconds_behind(replica)
    if behind is None or behind > settings.ENVIRONMENT.replica_lag.total_seconds():
        log.info("replica_is_behind", seconds=behind)
        yield False
        return
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield True
    finally:
        connections[DEFAULT_DB_ALIAS] = own
