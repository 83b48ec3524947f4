"""
Many people at one moment, through two server processes on one database: nothing is booked twice and nothing is left over.

The run in the suite is short. The long one, by hand:

    CHAOS_ROUNDS=100 .venv/bin/pytest tests/bookings/test_races.py -s
"""

import asyncio
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import httpx
import pytest

from tests.bookings.conftest import CROWD, Town
from tests.bookings.timetable_check import leftovers
from tests.factories_bookings import a_day_ahead
from tests.system import difference, wait_until

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "8"))
BOOKINGS = "/api/bookings/bookings/"
# Refusals that somebody who comes too late may get.
TOO_LATE = {"booking_not_pending", "booking_not_confirmed", "booking_closed", "slot_unavailable"}

# What three people do to one booking at the same moment: who, what, and by how many hours a move moves it.
COLLISIONS = (
    (("teacher", "confirm", 0), ("student", "reschedule", 1), ("student", "cancel", 0)),
    (("teacher", "confirm", 0), ("teacher", "reschedule", 2), ("student", "reschedule", 1)),
    (("teacher", "confirm", 0), ("teacher", "confirm", 0), ("student", "create_meeting", 0)),
    (("teacher", "confirm", 0), ("teacher", "decline", 0), ("student", "reschedule", 1)),
    (("teacher", "confirm", 0), ("teacher", "cancel", 0), ("student", "cancel", 0)),
)


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_crowd_after_one_slot_leaves_one_winner_and_no_error(town: Town) -> None:
    start = a_day_ahead(days=3)
    body = {"teacher_id": town.school.teacher_id, "start_time": start.isoformat(), "duration": 60}
    servers = cycle(town.urls)

    answers = asyncio.run(_all_at_once([(next(servers) + BOOKINGS, t, body) for t in town.school.student_tokens]))

    outcomes = Counter((status, answer.get("code")) for status, answer, _seconds in answers)
    took = sorted(seconds for _status, _answer, seconds in answers)
    print(f"\n{CROWD} at once for one slot: median {took[CROWD // 2]:.2f} s, slowest {took[-1]:.2f} s")
    assert outcomes == {(201, None): 1, (400, "slot_unavailable"): CROWD - 1}
    assert town.system.query("SELECT status FROM bookings_booking WHERE starts_at = %s", start) == [("PENDING",)]
    assert leftovers(town.system) == []


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_changes_of_one_booking_at_once_end_in_a_legal_state(town: Town) -> None:
    first_start = a_day_ahead(hour=0)
    outcomes: Counter[Any] = Counter()
    for number in range(ROUNDS):
        start = first_start + timedelta(hours=4 * number)
        booking_id = _book(town, start)
        servers = cycle(town.urls)
        actions = COLLISIONS[number % len(COLLISIONS)]

        answers = asyncio.run(
            _all_at_once(
                [
                    (f"{next(servers)}{BOOKINGS}{booking_id}/{action}/", town.token(who), _body(start, action, hours))
                    for who, action, hours in actions
                ]
            )
        )

        outcomes.update(
            (action, status, answer.get("code"))
            for (_who, action, _hours), (status, answer, _seconds) in zip(actions, answers, strict=True)
        )
    statuses = town.system.query("SELECT status, count(*) FROM bookings_booking GROUP BY status ORDER BY status")
    print(f"\n{ROUNDS} rounds: {dict(statuses)}; {dict(outcomes)}")
    assert [outcome for outcome in outcomes if outcome[1] != 200 and outcome[2] not in TOO_LATE] == []
    assert leftovers(town.system) == []
    wait_until(lambda: town.system.unfinished() == 0, seconds=60, what="every meeting to be on Zoom or gone")
    assert difference(town.system, town.simulator) == []


def _book(town: Town, start: datetime) -> str:
    with town.client("student") as student:
        body = {"teacher_id": town.school.teacher_id, "start_time": start.isoformat(), "duration": 60}
        return str(student.post(BOOKINGS, json=body).raise_for_status().json()["id"])


def _body(start: datetime, action: str, hours: int) -> dict[str, Any]:
    return (
        {"start_time": (start + timedelta(hours=hours)).astimezone(UTC).isoformat()} if action == "reschedule" else {}
    )


async def _all_at_once(requests: list[tuple[str, str, dict[str, Any]]]) -> list[tuple[int, dict[str, Any], float]]:
    """POST everything together and return (status, answer, seconds) of each, in order."""
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=len(requests))) as client:

        async def post(url: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any], float]:
            started = time.perf_counter()
            answer = await client.post(url, json=body, headers={"Authorization": f"Bearer {token}"})
            return answer.status_code, answer.json(), time.perf_counter() - started

        return await asyncio.gather(*(post(*request) for request in requests))
