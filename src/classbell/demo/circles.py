"""
The study circles of the demo school, which began some weeks ago: one is full and has a waiting list, the others have places.

In one of them a session to come is moved, one is cancelled, one is held by a substitute, and all are later in Ramadan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from classbell.demo.holidays import ramadan_near
from classbell.demo.people import LISBON, RIYADH, People, named
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.periods import Period
from classbell.halakat.services import create_halaka, join_halaka, put_period
from classbell.meetings.models import Occurrence
from classbell.meetings.occurrences import cancel_occurrence, change_occurrence

WEEKS_PAST, WEEKS_TO_COME = 3, 9
# What is changed lies far enough ahead that people can still read of it.
NOTICE = timedelta(days=2)
AFTER_RAMADAN = timedelta(weeks=2)
TUESDAY, THURSDAY = 1, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Circle:
    """A circle of the demo school; `weekdays` with 0 for Monday. Who joins when it is full waits."""

    title: str
    description: str
    teacher: str
    weekdays: tuple[int, ...]
    at: time
    minutes: int
    timezone: str
    capacity: int
    joining: Sequence[str]
    frequency: Frequency = Frequency.WEEKLY


FULL = Circle(
    title="حلقة الفجر لتلاوة القرآن الكريم",
    description="نقرأ كل يوم صفحة، ونصحّح مخارج الحروف.",
    teacher="khalid",
    weekdays=(6, TUESDAY, THURSDAY),
    at=time(5, 30),
    minutes=45,
    timezone=RIYADH,
    capacity=5,
    joining=("maryam", "abdullah", "noura", "salman", "fatima", "reem", "student"),
)
EVENING = Circle(
    title="حلقة المراجعة والتثبيت",
    description="مراجعة جزء عمّ، صفحة بعد صفحة، لمن حفظ وخاف النسيان.",
    teacher="khalid",
    weekdays=(TUESDAY, THURSDAY),
    at=time(20, 30),
    minutes=45,
    timezone=RIYADH,
    capacity=8,
    joining=("student", "maryam", "noura", "salman", "reem"),
)
TAJWID = Circle(
    title="Tajwid for beginners",
    description="Where each letter comes from, and how long it stays.",
    teacher="teacher",
    weekdays=(0,),
    at=time(20),
    minutes=60,
    timezone=LISBON,
    capacity=12,
    joining=("sofia", "layla", "david", "ines"),
    frequency=Frequency.BIWEEKLY,
)
CIRCLES: Sequence[Circle] = (FULL, EVENING, TAJWID)


def make_circles(people: People, *, now: datetime) -> None:
    """Open the circles. Needs a transaction."""
    for circle in CIRCLES:
        halaka = _open(circle, people, now)
        if circle is EVENING:
            _change_occurrences(halaka, people, now)


def _open(circle: Circle, people: People, now: datetime) -> Halaka:
    monday = now.date() - timedelta(days=now.weekday())
    first = monday - timedelta(weeks=WEEKS_PAST)
    last = monday + timedelta(weeks=WEEKS_TO_COME)
    ramadan = ramadan_near(now) if circle is EVENING else None
    halaka = create_halaka(
        teacher=people[circle.teacher],
        title=circle.title,
        description=circle.description,
        pattern=Pattern(
            start_date=first,
            end_date=max(last, ramadan.last_day + AFTER_RAMADAN) if ramadan else last,
            weekdays=circle.weekdays,
            frequency=circle.frequency,
            start_time=circle.at,
            duration_minutes=circle.minutes,
            timezone=circle.timezone,
        ),
        capacity=circle.capacity,
        now=now,
    )
    if ramadan is not None:
        period = Period(
            name=ramadan.name,
            first_day=ramadan.first_day,
            last_day=ramadan.last_day,
            start_time=time(22, 30),
            duration_minutes=circle.minutes,
        )
        put_period(halaka_id=halaka.pk, period=period, now=now)
    for student in named(people, circle.joining):
        join_halaka(halaka_id=halaka.pk, student=student)
    return halaka


def _change_occurrences(halaka: Halaka, people: People, now: datetime) -> None:
    """Move the next Thursday's session, call the one after it off, and let somebody else hold the next Tuesday's."""
    thursdays, tuesdays = _coming(halaka, THURSDAY, now), _coming(halaka, TUESDAY, now)
    later = thursdays[0].starts_at + timedelta(minutes=45)
    change_occurrence(occurrence_id=thursdays[0].pk, starts_at=later, now=now)
    cancel_occurrence(occurrence_id=thursdays[1].pk, reason="الشيخ خالد على سفر.", now=now)
    change_occurrence(occurrence_id=tuesdays[0].pk, teacher=people["teacher"], now=now)


def _coming(halaka: Halaka, weekday: int, now: datetime) -> list[Occurrence]:
    """Return the sessions that are held on one day of the circle's week from soon on, in order."""
    parts: list[UUID] = list(halaka.parts.values_list("meeting", flat=True))
    ahead = Occurrence.objects.taking_place().filter(meeting__in=parts, starts_at__gt=now + NOTICE)
    occurrences = ahead.order_by("starts_at")
    return [
        occurrence for occurrence in occurrences if halaka.pattern.day_of(occurrence.starts_at).weekday() == weekday
    ]
