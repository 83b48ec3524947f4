"""
Free times of a kind with any of several teachers against those of a slow and obvious reference, in schools made at random.

The long run, by hand: `SLOT_WORLDS=2000 .venv/bin/pytest tests/bookings/test_kind_slots_property.py`
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.bookings import hours
from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.models import Booking, BookingStatus, GroupLesson, LessonKind
from classbell.holidays.models import Effect
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import ClaimKind
from tests.bookings.kind_slots_reference import Offer, School, Shared, offers
from tests.bookings.slots_reference import MINUTE, Window, World, day_begins
from tests.bookings.slots_worlds import CHANGES, SECOND, USUAL_HORIZON, ZONES, keep_rules
from tests.bookings.test_slots_property import WORLDS
from tests.examples import examples
from tests.factories import make_student, make_teacher
from tests.factories_door import make_open_kind
from tests.holidays.factories import make_holiday

Question = tuple[School, date, int, int, str]
LENGTHS = (30, 60)


@st.composite
def schools(draw: st.DrawFn) -> Question:
    """Draw a school and a question: from which day, how many days, how long, on whose clock."""
    reader = draw(st.sampled_from(ZONES))
    first = draw(st.sampled_from(CHANGES[reader])) + timedelta(days=draw(st.integers(-1, 1)))
    days = draw(st.integers(1, 2))
    begins, ends = day_begins(first, reader), day_begins(first + timedelta(days=days), reader)
    now = begins + draw(st.sampled_from([-24, -1, 0, 3])) * 60 * MINUTE - draw(st.sampled_from([0, 20])) * SECOND
    asked_buffer, asked_notice = draw(st.sampled_from([None, 0, 30])), draw(st.sampled_from([None, None, 0, 90]))
    teachers = [
        World(
            zone=draw(st.sampled_from([reader, "UTC", *ZONES])),
            windows=draw(st.lists(_windows(first), max_size=2)),
            buffer=draw(st.sampled_from([0, 0, 15])),
            asked_buffer=asked_buffer,
            notice=draw(st.sampled_from([0, 0, 60])),
            asked_notice=asked_notice,
            interval=draw(st.sampled_from([None, 30, 60])),
            horizon_days=draw(st.sampled_from([USUAL_HORIZON, 1])),
            now=now,
        )
        for _number in range(draw(st.integers(1, 3)))
    ]
    edges = [begins, ends, *(_whole(moment) for one in teachers for moment in (now, one.earliest))]
    numbers = st.integers(0, len(teachers) - 1)
    seats = draw(st.integers(1, 3))
    lesson = st.builds(
        Shared,
        teacher=numbers,
        start=st.sampled_from(edges).flatmap(_near)
        | st.integers(-4, 48 * days).map(lambda at: begins + 30 * at * MINUTE),
        minutes=st.sampled_from(LENGTHS),
        taken=st.integers(0, seats),
        is_cancelled=st.sampled_from([False, False, False, True]),
        is_of_the_kind=st.sampled_from([True, True, True, False]),
    )
    day_off = st.tuples(st.integers(-1, 2), st.integers(0, 1)).map(
        lambda at: (first + timedelta(days=at[0]), first + timedelta(days=at[0] + at[1]))
    )
    school = School(
        teachers=teachers,
        asked=draw(st.lists(numbers, min_size=1, unique=True)),
        gone=draw(st.sets(numbers, max_size=1)),
        seats=seats,
        other_buffer=draw(st.sampled_from([0, 60])),
        lessons=_apart(draw(st.lists(lesson, max_size=6))),
        warned=draw(st.lists(st.builds(_of, st.sampled_from(["Eid", "National day"]), day_off), max_size=2)),
        own_warned=draw(st.lists(st.builds(_of, numbers, day_off), max_size=2)),
    )
    return school, first, days, draw(st.sampled_from(LENGTHS)), reader


def _windows(first: date) -> st.SearchStrategy[Window]:
    halves = st.tuples(st.integers(0, 47), st.integers(1, 48)).filter(lambda span: span[0] < span[1])
    near = st.integers(-1, 2).map(lambda number: first + timedelta(days=number))
    return st.builds(lambda day, span: Window(day=day, start=span[0] * 30, end=span[1] * 30), near, halves)


def _whole(moment: datetime) -> datetime:
    """Return the next whole minute, as lessons begin."""
    return moment if moment.second == 0 else moment.replace(second=0) + MINUTE


def _near(moment: datetime) -> st.SearchStrategy[datetime]:
    return st.sampled_from([moment - MINUTE, moment, moment, moment + MINUTE])


def _of(whose: Any, days: tuple[date, date]) -> tuple[Any, date, date]:
    return whose, *days


def _apart(lessons: list[Shared]) -> list[Shared]:
    """Leave out what a teacher cannot hold because of something earlier."""
    kept: list[Shared] = []
    for lesson in sorted(lessons, key=lambda one: one.start):
        held = [one for one in kept if one.teacher == lesson.teacher and not one.is_cancelled]
        if lesson.is_cancelled or all(one.end <= lesson.start for one in held):
            kept.append(lesson)
    return kept


def _build(school: School, minutes: int) -> tuple[LessonKind, list[UUID]]:
    teachers = [make_teacher(timezone=world.zone) for world in school.teachers]
    for teacher, world in zip(teachers, school.teachers, strict=True):
        for window in world.windows:
            hours.add_availability(
                teacher=teacher, start_minute=window.start, end_minute=window.end, day=window.day, day_of_week=None
            )
        keep_rules(teacher, world)
    kind = make_open_kind(
        *teachers,
        minutes=[minutes],
        seats=school.seats,
        buffer_minutes=school.teachers[0].asked_buffer,
        min_notice_minutes=school.teachers[0].asked_notice,
    )
    other = make_open_kind(*teachers, seats=school.seats, buffer_minutes=school.other_buffer)
    _share(school.lessons, teachers, kind, other)
    for name, begins, ends in school.warned:
        make_holiday(begins, ends, name=name, effect=Effect.WARN)
    for number, begins, ends in school.own_warned:
        make_holiday(begins, ends, name="At home", effect=Effect.WARN, teacher=teachers[number])
    gone = [teachers[number].pk for number in school.gone]
    User.objects.filter(pk__in=gone).update(is_active=False)
    return kind, [teachers[number].pk for number in school.asked]


def _share(lessons: Sequence[Shared], teachers: list[User], kind: LessonKind, other: LessonKind) -> None:
    """Begin group lessons and give their seats away, one more of them and back again."""
    student = make_student()
    for one in lessons:
        lesson = GroupLesson.objects.create(
            kind=kind if one.is_of_the_kind else other,
            teacher=teachers[one.teacher],
            starts_at=one.start,
            ends_at=one.end,
            cancelled_at=one.start if one.is_cancelled else None,
        )
        held = [] if one.is_cancelled else [BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED]
        for status in [*held[: one.taken], BookingStatus.CANCELLED]:
            Booking.objects.create(
                teacher=lesson.teacher,
                student=student,
                starts_at=one.start,
                ends_at=one.end,
                kind=lesson.kind,
                group_lesson=lesson,
                status=status,
            )
    refused = claims.take(
        NewClaim(
            kind=ClaimKind.TEACHER,
            resource_id=teachers[one.teacher].pk,
            starts_at=one.start,
            ends_at=one.end,
            held_by=uuid4(),
        )
        for one in lessons
        if not one.is_cancelled
    )
    assert refused == []


def _at_a_repeated_midnight() -> Question:
    """A lesson in the first of the two hours with which a day begins."""
    zone, first = "America/Havana", CHANGES["America/Havana"][1]
    begins = day_begins(first, zone)
    lesson = Shared(teacher=0, start=begins, minutes=30, taken=1, is_cancelled=False, is_of_the_kind=True)
    school = School(
        teachers=[World(zone=zone, windows=[], now=begins - 60 * MINUTE)],
        asked=[0],
        gone=set(),
        seats=2,
        other_buffer=0,
        lessons=[lesson],
        warned=[],
        own_warned=[],
    )
    return school, first, 1, 30, zone


def _at_every_edge(*, now_after: timedelta, notice: int | None = None) -> Question:
    """Two usual days, asked so long after their begin, with lessons at their first and last moments and at the earliest."""
    reader, first, days = "Europe/Lisbon", date(2027, 6, 1), 2
    begins, ends = day_begins(first, reader), day_begins(first + timedelta(days=days), reader)
    now, hour, half = begins + now_after, 60 * MINUTE, 30 * MINUTE
    always = [Window(day=first + timedelta(days=ahead), start=0, end=24 * 60) for ahead in range(-1, 4)]
    zones = [reader, "UTC", "Asia/Kathmandu", reader, reader]

    def lesson(teacher: int, start: datetime, taken: int = 1, **more: Any) -> Shared:
        usual: dict[str, Any] = {"minutes": 30, "is_cancelled": False, "is_of_the_kind": True}
        return Shared(teacher=teacher, start=start, taken=taken, **usual | more)

    lessons = [
        *(lesson(0, start) for start in (begins - half, begins, ends - half, ends)),
        lesson(1, begins + 10 * hour, taken=2),
        lesson(1, begins + 12 * hour, is_of_the_kind=False),
        lesson(1, begins + 14 * hour, is_cancelled=True),
        lesson(1, begins + 16 * hour, minutes=60),
        lesson(1, begins + 18 * hour, taken=0),
        *(lesson(2, _whole(now) + number * half) for number in range(4)),
        *(lesson(gone_or_not_asked, begins + 20 * hour) for gone_or_not_asked in (3, 4)),
    ]
    school = School(
        teachers=[World(zone=zone, windows=always, asked_notice=notice, now=now) for zone in zones],
        asked=[0, 1, 2, 3],
        gone={3},
        seats=2,
        other_buffer=60,
        lessons=lessons,
        warned=[("Eid", first, first), ("National day", first, first)],
        own_warned=[(0, first + timedelta(days=1), first + timedelta(days=1)), (1, first, first)],
    )
    return school, first, days, 30, reader


@pytest.mark.django_db
@settings(
    max_examples=examples(WORLDS),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(schools())
@example(_at_a_repeated_midnight())
@example(_at_every_edge(now_after=timedelta(days=-1)))
@example(_at_every_edge(now_after=timedelta(hours=1)))
@example(_at_every_edge(now_after=timedelta(hours=1), notice=60))
@example(_at_every_edge(now_after=timedelta(hours=1) - 20 * SECOND))
def test_offered_is_what_asking_each_teacher_finds_and_the_seats_that_are_left(asked: Question) -> None:
    school, first, days, minutes, reader = asked
    with transaction.atomic():
        kind, teacher_ids = _build(school, minutes)

        found = slots_of_kind(
            kind,
            teacher_ids,
            first=first,
            days=days,
            minutes=minutes,
            zone=ZoneInfo(reader),
            now=school.teachers[0].now,
        )
        transaction.set_rollback(True)

    offered: list[Offer] = [
        (datetime.fromtimestamp(slot.start * 60, UTC), slot.teachers, slot.seats, slot.holiday) for slot in found.slots
    ]
    assert offered == offers(school, first=first, days=days, minutes=minutes, reader=reader)
