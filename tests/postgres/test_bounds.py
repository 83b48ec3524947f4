"""How long a statement may take is told by what it is read for, to whichever connection answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from classbell.database import fetch_prepared
from classbell.postgres.bounds import Read, bound_reads, reading
from classbell.postgres.trouble import was_stopped

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process whose statements may take 20 seconds, for pages and reports others; on a connection of its own."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict["SESSION"], "statement_timeout", "20000")
    bound_reads({Read.PAGE: 20 * SECOND, Read.REPORT: 30 * SECOND, Read.EXPORT: SECOND / 20})
    yield
    bound_reads({})
    connection.close()


def bound() -> str:
    """Return how long a statement may take just now."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_each_read_has_its_own_bound_and_the_next_none_of_it() -> None:
    bounds = [bound()]
    for read in (Read.REPORT, Read.PAGE, None):
        with reading(read):
            bounds.append(bound())

    assert bounds == ["20s", "30s", "20s", "20s"]


def test_prepared_statement_has_the_bound_of_what_it_is_read_for() -> None:
    def told() -> str:
        return str(fetch_prepared("SELECT current_setting('statement_timeout')", {})[0][0])

    before = told()
    with reading(Read.REPORT):
        within = told()

    assert (before, within, told()) == ("20s", "30s", "20s")


def test_new_connection_is_told_too() -> None:
    with reading(Read.REPORT):
        before = bound()
        connection.close()

        assert (before, bound()) == ("30s", "30s")


def test_transaction_that_is_taken_back_takes_no_bound_along() -> None:
    with reading(Read.REPORT):
        with transaction.atomic():
            within = bound()
            transaction.set_rollback(True)

        assert (within, bound()) == ("30s", "30s")
    assert bound() == "20s"


@pytest.mark.database_timers
def test_what_is_read_longer_is_stopped() -> None:
    with (
        reading(Read.EXPORT),
        pytest.raises(OperationalError) as stopped,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_sleep(600)")

    assert was_stopped(stopped.value)


def test_process_without_bounds_is_told_none() -> None:
    bound_reads({})

    with reading(Read.REPORT):
        assert bound() == "20s"
