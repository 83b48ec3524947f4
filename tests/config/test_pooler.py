"""PgBouncer between Classbell and PostgreSQL: session mode carries everything, transaction mode is found out."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from classbell.postgres.pooler import Pooling, find_pooling
from tests.bookings.school import fill
from tests.database_proxy import DatabaseProxy
from tests.factories_bookings import a_day_ahead
from tests.pgbouncer import PGBOUNCER, WHY_NOT, pgbouncer
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, difference, fresh_system

pytestmark = pytest.mark.slow
needs_pgbouncer = pytest.mark.skipif(PGBOUNCER is None, reason=WHY_NOT)


@pytest.fixture
def system(simulator: Simulator, tmp_path: Path) -> Iterator[System]:
    with fresh_system(simulator, tmp_path) as system:
        yield system


def doctor_on_pooler(system: System) -> str:
    lines = system.command("doctor", check=False).stdout
    return lines.partition("Pooler")[2].partition("\n")[0]


@pytest.mark.django_db(transaction=True)
def test_direct_connection_is_known_as_one():
    assert find_pooling() == Pooling.NONE


@needs_pgbouncer
def test_lesson_is_booked_and_brought_to_zoom_through_session_mode(system, simulator, tmp_path):
    with pgbouncer(system.database_url, tmp_path, mode="session") as address:
        system.environment["DATABASE_URL"] = address
        school = fill(system, students=1)
        system.start_web()
        system.start_worker()
        system.wait_for_web()
        student, teacher = system.client(school.student_tokens[0]), system.client(school.teacher_token)
        lesson = {"teacher_id": school.teacher_id, "start_time": a_day_ahead(days=3, hour=9).isoformat()}

        booking = student.post("/bookings/bookings", json=lesson, headers={"Idempotency-Key": "once"})
        again = student.post("/bookings/bookings", json=lesson, headers={"Idempotency-Key": "once"})
        teacher.post(f"/bookings/bookings/{booking.json()['id']}/confirm").raise_for_status()

        assert booking.json()["id"] == again.json()["id"]
        wait_until(lambda: system.unfinished() == 0, seconds=STUCK_SECONDS, what="the lesson to be on Zoom")
        assert difference(system, simulator) == []
        assert "a session of its own" in doctor_on_pooler(system)
        system.kill_all()


@needs_pgbouncer
def test_transaction_mode_is_found_out(system, tmp_path):
    with pgbouncer(system.database_url, tmp_path, mode="transaction") as address:
        system.environment["DATABASE_URL"] = address

        assert "gives our sessions to others" in doctor_on_pooler(system)


@needs_pgbouncer
def test_pooler_that_lets_people_in_while_its_database_is_away_keeps_nobody_waiting(system, tmp_path):
    with DatabaseProxy(os.environ["DATABASE_URL"]) as proxy:
        name = system.database_url.partition("?")[0].rpartition("/")[2]
        with pgbouncer(proxy.url(name), tmp_path, mode="session") as address:
            system.environment["DATABASE_URL"] = address
            system.start_web()
            system.wait_for_web()

            proxy.hang()
            wait_until(lambda: status(system) == 503, seconds=STUCK_SECONDS, what="the absence")
            proxy.mend()

            wait_until(lambda: status(system) == 200, seconds=STUCK_SECONDS, what="its return")
            system.kill_all()


def status(system: System) -> int:
    return httpx.get(f"{system.url}/healthz", timeout=20).status_code
