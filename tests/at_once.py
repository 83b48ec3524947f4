"""Doing things at the same moment, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from tests.simulator import wait_while_moving

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all calls in threads that begin together; return results, or what was raised, in the order of the calls."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            connection.ensure_connection()
            gate.wait(timeout=10)
            return call()
        except Exception as error:  # noqa: BLE001 -- the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def done_at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run all calls as `at_once` does and return their results; fail the test when one of them raised anything."""
    results = []
    for outcome in at_once(calls):
        assert not isinstance(outcome, Exception), repr(outcome)
        results.append(outcome)
    return results


def held_at_lock(
    rows: QuerySet[Any], calls: Sequence[Callable[[], T]], *, under_it: Callable[[], object] = lambda: None
) -> list[T | Exception]:
    """
    Run calls at once that meet at these rows: they are locked, and `under_it` is done, until each call waits for them, or for
    one that does.

    Returns as `at_once`. Fails the test when one of the calls does not wait.
    """
    ended: list[object] = []

    def run(call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            ended.append(call)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert list(rows.order_by("pk").select_for_update()), "There is nothing to lock."
            under_it()
            running = pool.submit(at_once, [partial(run, call) for call in calls])
            wait_while_moving(
                lambda: _waiting() + len(ended) >= len(calls), sign=_waiting, what="all calls to come to the lock"
            )
            were_early = len(ended)
        results = running.result()
    assert not were_early, f"Some do not wait for the lock: {results}"
    return results


def _waiting() -> int:
    """Return how many sessions of this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])
