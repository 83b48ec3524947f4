"""Prepared statements are planned once per connection, for all values, and outlive what happens to their tables."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, connection, transaction

from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.slots import find_slots, fits, next_free
from classbell.database import fetch_prepared
from tests.factories_bookings import make_group_kind, make_tutor

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
# From then on the server would ask itself whether one plan for all values is good enough.
OFTEN = 7
NAMES = "SELECT name FROM things WHERE id = %(id)s::int"


@pytest.fixture
def things(db: None) -> None:
    run("CREATE TEMPORARY TABLE things (id int, name text) ON COMMIT DROP")
    run("INSERT INTO things VALUES (1, 'one')")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def planned_anew() -> list[str]:
    """Return the prepared statements of this connection of which the server ever made a plan for certain values."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE custom_plans > 0")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_of_free_times_is_never_planned_anew() -> None:
    connection.close()
    tutor = make_tutor()
    kind, zone = make_group_kind(tutor), ZoneInfo("UTC")

    for number in range(OFTEN):
        day, starts_at = NOW.date() + timedelta(days=number), NOW + timedelta(days=number)
        find_slots(teacher_id=tutor.pk, first=day, days=31, now=NOW)
        fits(teacher_id=tutor.pk, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), now=NOW)
        next_free([tutor.pk], days=14, minutes=60, now=NOW)
        slots_of_kind(kind, [tutor.pk], first=day, days=14, minutes=60, zone=zone, now=NOW)

    assert planned_anew() == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("ALTER TABLE things ADD COLUMN more text DEFAULT 'x'", id="another column"),
        pytest.param(
            "ALTER TABLE things RENAME COLUMN id TO gone; ALTER TABLE things ADD COLUMN id int DEFAULT 1", id="replaced"
        ),
        pytest.param("CREATE INDEX ON things (id)", id="an index"),
        pytest.param("ANALYZE things", id="other figures"),
        pytest.param("DISCARD PLANS", id="plans forgotten"),
    ],
)
def test_a_kept_plan_outlives_changes_of_its_table(things: None, change: str) -> None:
    before = [fetch_prepared(NAMES, {"id": 1}) for _time in range(OFTEN)]
    run(change)

    assert [*before, fetch_prepared(NAMES, {"id": 1})] == [[("one",)]] * (OFTEN + 1)


def test_a_plan_made_before_a_rollback_is_good_after_it(things: None) -> None:
    with transaction.atomic():
        run("CREATE INDEX things_by_id ON things (id)")
        assert fetch_prepared(NAMES, {"id": 1}) == [("one",)]
        transaction.set_rollback(True)

    assert fetch_prepared(NAMES, {"id": 1}) == [("one",)]


def test_a_prepared_statement_fails_as_djangos_do_and_can_be_asked_again(things: None) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        fetch_prepared("SELECT * FROM no_such_things WHERE id = %(id)s::uuid", {"id": uuid4()})

    assert fetch_prepared(NAMES, {"id": 1}) == [("one",)]


@pytest.mark.django_db(transaction=True)
def test_another_connection_makes_a_plan_of_its_own() -> None:
    fetch_prepared("SELECT 1 WHERE %(id)s::int = 1", {"id": 1})
    connection.close()

    assert fetch_prepared("SELECT 1 WHERE %(id)s::int = 1", {"id": 1}) == [(1,)]
