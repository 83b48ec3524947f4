"""Reads that may lag go to a replica, as long as it is near enough; nobody notices when it is not."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from classbell.bookings.slots import find_slots
from classbell.config.doctor import examine
from classbell.config.findings import Verdict
from classbell.config.reading import Reading
from classbell.errors import NotThere
from classbell.notices.calendar import feed_of
from classbell.postgres import reach, replica
from classbell.postgres.address import READ_ONLY
from classbell.postgres.reach import Reach
from classbell.postgres.replica import may_lag
from classbell.postgres.trouble import was_stopped
from tests.database_proxy import DatabaseProxy
from tests.factories import make_teacher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseProxy]:
    """The same database again, as a replica that is up to date, by a line that can be cut."""
    monkeypatch.setattr(reach, "REACH_OF_REPLICA", Reach(patience=0.8, patience_while_away=0.0))
    with DatabaseProxy(os.environ["DATABASE_URL"]) as proxy:
        described = connections["default"].settings_dict
        here = {"HOST": "127.0.0.1", "PORT": str(proxy.port), "SESSION": described["SESSION"] | READ_ONLY}
        monkeypatch.setitem(connections.settings, "replica", described | here)
        with closing(connections["replica"]) as there:
            monkeypatch.setattr(there, "ensure_connection", partial(connect, there))
            yield proxy
            proxy.mend()
        del connections["replica"]


def connect(wrapper: BaseDatabaseWrapper) -> None:
    """Connect as Django does outside of tests, which know of no other database than theirs."""
    if wrapper.connection is not None:
        return
    with wrapper.wrap_database_errors:
        wrapper.connect()


@may_lag
def where() -> str:
    return asked()


def asked() -> str:
    """Return who answers."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW default_transaction_read_only")
        return "replica" if cursor.fetchone()[0] == "on" else "database"


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connections["replica"]) as queries:
        yield queries


def test_read_that_may_lag_is_answered_by_the_replica_and_the_next_by_the_database():
    assert (where(), asked()) == ("replica", "database")


def test_who_writes_reads_what_they_wrote():
    with transaction.atomic():
        assert where() == "database"


@pytest.mark.parametrize("seconds", [None, 10.5])
def test_replica_that_is_too_far_behind_is_not_asked(monkeypatch, seconds):
    monkeypatch.setattr(replica, "seconds_behind", lambda _replica: seconds)

    assert where() == "database"


def test_replica_that_is_away_costs_nobody_an_error(proxy):
    assert where() == "replica"
    proxy.cut()

    assert [where() for _ in range(3)] == ["database"] * 3


def test_replica_takes_no_writes():
    teacher = make_teacher()
    answered = []

    @may_lag
    def rename() -> None:
        answered.append(asked())
        type(teacher).objects.filter(pk=teacher.pk).update(first_name="Amal")

    rename()

    assert answered == ["replica", "database"]
    teacher.refresh_from_db()
    assert teacher.first_name == "Amal"


def test_what_the_replica_does_not_know_yet_is_looked_for_in_the_database():
    @may_lag
    def find() -> str:
        if asked() == "replica":
            raise NotThere
        return "found"

    assert find() == "found"


@pytest.mark.parametrize(("days_ahead", "is_replicas"), [(1, False), (30, True)])
def test_free_times_of_far_days_may_lag_and_those_of_near_ones_not(days_ahead, is_replicas):
    now = datetime.now(UTC)
    teacher = make_teacher()

    with counted() as queries:
        find_slots(teacher_id=teacher.pk, first=now.date() + timedelta(days=days_ahead), now=now)

    assert bool(len(queries)) == is_replicas


def test_doctor_says_how_far_behind_it_is(monkeypatch):
    def found() -> tuple[Verdict, str]:
        return next((one.verdict, one.text) for one in examine() if one.subject == "Replica")

    assert found() == (Verdict.OK, "0.0 s behind.")
    monkeypatch.setattr("classbell.config.doctor.seconds_behind", lambda _replica: 60.0)
    assert found()[0] == Verdict.WARNING


def test_calendar_feed_may_lag():
    with counted() as queries:
        feed_of(make_teacher(), now=datetime.now(UTC))

    assert len(queries) > 1


def test_report_may_lag(client):
    client.force_login(make_teacher())

    with counted() as queries:
        assert client.get("/reports/").status_code == 200

    assert len(queries) > 1


def test_read_of_the_replica_is_stopped_when_its_sender_left_and_not_begun_anew():
    request, is_over, answered = Reading(), threading.Event(), []

    def cancel_until_over() -> None:
        while not is_over.wait(0.02):
            request.cancel()

    @may_lag
    def read_for_long() -> None:
        answered.append(asked())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(600)")

    leaving = threading.Thread(target=cancel_until_over)
    with request.by_this_thread():
        where()  # connects
        leaving.start()
        try:
            with pytest.raises(OperationalError) as stopped:
                read_for_long()
        finally:
            is_over.set()
            leaving.join()

    assert was_stopped(stopped.value)
    assert answered in (["replica"], [])


@pytest.mark.database_timers
def test_read_that_took_too_long_at_the_replica_is_not_begun_anew_at_the_database():
    answered = []

    @may_lag
    def read_for_long() -> None:
        answered.append(asked())
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(600)")

    with pytest.raises(OperationalError):
        read_for_long()

    assert answered == ["replica"]
