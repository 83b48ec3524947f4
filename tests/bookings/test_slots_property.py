"""
The database's free slots against those of a slow and obvious reference, in worlds made at random.

The run in the suite is short. The long one, by hand:

    SLOT_WORLDS=2000 .venv/bin/pytest tests/bookings/test_slots_property.py
"""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings

from classbell.bookings.free_times import write_days
from classbell.bookings.slots import find_slots, fits, fitting, fitting_teachers, outside_hours, starts_of
from tests.bookings.slots_reference import MINUTE, Window, World, free_slots, free_stretches, minutes_of, warnings
from tests.bookings.slots_worlds import Question, build, worlds
from tests.examples import examples

WORLDS = int(os.environ.get("SLOT_WORLDS", "80"))
MOMENT = timedelta(microseconds=1)
NOON = datetime(2027, 6, 1, 12, tzinfo=UTC)
# A lesson that asks for a longer pause than where it is to be moved to, and something else that the teacher has.
MOVES = World(
    zone="UTC",
    windows=[Window(day=NOON.date(), start=6 * 60, end=20 * 60)],
    claims=[(NOON + 180 * MINUTE, NOON + 240 * MINUTE)],
    moving=(NOON, NOON + 60 * MINUTE, 60),
    asked_buffer=0,
    now=NOON - timedelta(days=1),
)


@pytest.mark.django_db
@settings(
    max_examples=examples(WORLDS),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(worlds())
@example((MOVES, NOON.date(), 1, 60, "UTC"))
def test_slots_are_those_that_asking_every_minute_finds(asked: Question) -> None:
    world, first, days, minutes, reader = asked
    runs = free_stretches(world, first=first, days=days, minutes=minutes, reader=reader)
    with transaction.atomic():
        teacher, kind, own_claims = build(world)

        found = find_slots(
            teacher_id=teacher.pk,
            first=first,
            days=days,
            minutes=minutes,
            timezone=reader,
            now=world.now,
            own_claims=own_claims,
            kind=kind,
        )
        starts = list(starts_of(found))
        transaction.set_rollback(True)

    assert starts == free_slots(world, first=first, days=days, minutes=minutes, reader=reader)
    free = {moment for run in runs for moment in run}
    assert all(start + number * MINUTE in free for start in starts for number in range(minutes))
    assert sorted(found.warned) == [
        (start.timestamp() / 60, end.timestamp() / 60, "The teacher’s holiday" if is_own else "Eid")
        for start, end, is_own in warnings(world, first=first, days=days, reader=reader)
    ]
    shown = [slot for day in map(json.loads, write_days(found)) for slot in day["available_slots"]]
    assert [datetime.fromisoformat(slot["datetime_start"]) for slot in shown] == starts
    assert {
        datetime.fromisoformat(slot["datetime_end"]) - datetime.fromisoformat(slot["datetime_start"]) for slot in shown
    } <= {minutes * MINUTE}


@pytest.mark.django_db
@settings(
    max_examples=examples(WORLDS // 2),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(worlds())
@example((MOVES, NOON.date(), 1, 60, "UTC"))
def test_a_lesson_fits_where_each_of_its_minutes_is_free(asked: Question) -> None:
    """Asked a moment before, at and a moment after whatever makes a difference."""
    world, first, days, minutes, reader = asked
    length = minutes * MINUTE
    own = replace(world, asked_buffer=None, asked_notice=None)
    edges = [world.earliest, world.latest, own.earliest]
    for one in {world.asked_buffer: world, None: own}.values():
        for run in free_stretches(one, first=first, days=days, minutes=minutes, reader=reader)[:3]:
            edges += [run[0], run[-1] + MINUTE - length]
    lessons = [(start, start + length) for edge in edges for start in (edge - MOMENT, edge, edge + MOMENT)]
    with transaction.atomic():
        teacher, kind, own_claims = build(world)

        asked_each: list[dict[str, Any]] = [
            {"starts_at": start, "ends_at": end, "now": world.now, "kind": kind} for start, end in lessons
        ]
        fit = [fits(teacher_id=teacher.pk, own_claims=own_claims, **one) for one in asked_each]
        with_teacher = [teacher.pk in fitting_teachers([teacher.pk], **one) for one in asked_each]
        fit_own = fitting(teacher_id=teacher.pk, periods=lessons, now=world.now, own_claims=own_claims)
        ids = {uuid4(): lesson for lesson in lessons}
        outside = outside_hours(teacher.pk, [(key, start, end) for key, (start, end) in ids.items()])
        transaction.set_rollback(True)

    assert fit == [world.fits(start, end) for start, end in lessons]
    assert world.moving or with_teacher == fit
    assert fit_own == [own.fits(start, end) for start, end in lessons]
    assert outside == {key for key, lesson in ids.items() if not all(map(world.is_open, minutes_of(*lesson)))}
