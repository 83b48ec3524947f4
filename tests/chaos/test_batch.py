"""
A batch larger than its hosts' days: it goes out over days, the soonest sessions first, and Zoom never has to say no.

Days pass by moving Zoom's clock on and everything that waits in the database back. A thousand sessions, by hand:

    CHAOS_SESSIONS=1000 CHAOS_BATCH_HOSTS=2 .venv/bin/pytest tests/chaos/test_batch.py -s
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from classbell.meetings.hosts.budget import HOST_WRITES_KEPT_FOR_PEOPLE
from classbell.zoom.limits import HOST_WRITES_PER_DAY
from tests.bookings.school import fill
from tests.courses.teaching import lessons
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator, wait_until, wait_while_moving
from tests.system import System, difference, fresh_system

SESSIONS = int(os.environ.get("CHAOS_SESSIONS", "120"))
HOSTS = int(os.environ.get("CHAOS_BATCH_HOSTS", "1"))
A_DAY = HOSTS * (HOST_WRITES_PER_DAY - HOST_WRITES_KEPT_FOR_PEOPLE)
DAYS = -(-SESSIONS // A_DAY)
DOWN_SECONDS = 6.0
DAY_SECONDS = 86_400

DAY_PASSES = """
DELETE FROM meetings_dailybudget WHERE day < (now() AT TIME ZONE 'UTC')::date;
UPDATE meetings_dailybudget SET day = day - 1;
UPDATE meetings_meeting SET next_attempt_at = next_attempt_at - interval '1 day' WHERE sync_status = 'pending';
UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '1 day'
WHERE status = 'todo' AND task_name = 'meetings.reconcile';
"""
# What has its turn before the next midnight UTC.
DUE_TODAY = """
SELECT count(*) FROM meetings_meeting WHERE sync_status = 'pending' AND (next_attempt_at IS NULL OR next_attempt_at <
    (date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC')
"""
# A job notes when its meeting is tried again before it says so to the queue.
AT_WORK = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'meetings.reconcile'"
FAILURES = "SELECT count(*) FROM meetings_meeting WHERE sync_failures > 0 OR sync_status = 'failed'"
SYNCED = "SELECT starts_at FROM meetings_meeting WHERE sync_status = 'synced' ORDER BY starts_at"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Zoom with few hosts and the limits of the Business plan."""
    with Simulator(plan="business", hosts=HOSTS) as simulator:
        yield simulator


@pytest.fixture
def system(simulator: Simulator, tmp_path: Path) -> Iterator[System]:
    """Classbell under the same plan, its worker running."""
    with fresh_system(simulator, tmp_path, ZOOM_PLAN="business") as system:
        system.start_worker()
        yield system


@pytest.mark.chaos
@pytest.mark.parametrize("down", [False, True], ids=["Zoom is up", "Zoom is down for half of it"])
def test_batch_goes_out_over_days_within_every_limit(system: System, simulator: Simulator, *, down: bool) -> None:
    teacher = _teacher(system)
    course = teacher.post("/courses", json={"title": "Recitation"}).raise_for_status().json()["course"]
    first = a_day_ahead(days=60 + DAYS, hour=0)

    if down:
        simulator.fault(path="/.*", kind="refuse")
    body = {"sessions": lessons(SESSIONS, first=first, every=timedelta(hours=6))}
    made = teacher.post(f"/courses/{course['id']}/sessions/batch", json=body).raise_for_status().json()
    by_day = _let_days_pass(system, simulator, down=down)

    counters = simulator.counters()
    creates = sum(count for name, count in counters["by_endpoint"].items() if name == "POST /users/{userId}/meetings")
    print(
        f"\n{SESSIONS} sessions on {HOSTS} hosts, Zoom {'down for half of it' if down else 'up'}: on Zoom by day {by_day}; "
        f"{creates} creates reached Zoom, {counters['throttled']} answers of 429; foreseen: {made['budget']['message']}"
    )
    assert made["budget"]["today"] == min(SESSIONS, A_DAY)
    assert by_day[-1] == SESSIONS
    assert down or len(by_day) == DAYS == len(made["budget"]["later"]) + 1
    assert counters["throttled"] == 0
    assert difference(system, simulator) == []


def _let_days_pass(system: System, simulator: Simulator, *, down: bool) -> list[int]:
    """Let one day after the other go by until everything is on Zoom; return how many sessions were there each evening."""
    by_day: list[int] = []
    while not by_day or system.unfinished():
        if down:
            simulator.fault(path="/.*", kind="refuse")
            _wait_out(DOWN_SECONDS)
            simulator.clear_faults()
        wait_while_moving(
            lambda: system.query(DUE_TODAY) == [(0,)] == system.query(AT_WORK),
            sign=lambda: system.query(SYNCED),
            what="the day's share to be on Zoom",
        )
        on_zoom = [row[0] for row in system.query(SYNCED)]
        waiting = system.query("SELECT min(starts_at) FROM meetings_meeting WHERE sync_status = 'pending'")[0][0]
        # Not to the last one: those of today are sent by several at once.
        assert down or waiting is None or waiting > on_zoom[-1 - len(on_zoom) // 10]
        assert down or system.query(FAILURES) == [(0,)]
        by_day.append(len(on_zoom))
        assert len(by_day) <= 2 * DAYS + 1, f"It takes too many days: {by_day}."
        simulator.clock(len(by_day) * DAY_SECONDS)
        system.execute(DAY_PASSES)
    return by_day


def _wait_out(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until, seconds=seconds + 1)


def _teacher(system: System) -> httpx.Client:
    """Start the web process and return a client of its API, signed in."""
    school = fill(system, students=1)
    system.start_web()
    system.wait_for_web()
    return system.client(school.teacher_token, seconds=60)
