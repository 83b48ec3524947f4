"""
The circles and the course of the demo school.

Run again, it adds nothing twice. A teacher who has something else by then keeps it: what would clash is left out.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from classbell.accounts.models import User
from classbell.courses.batches import create_sessions
from classbell.courses.models import Course
from classbell.courses.pattern import Pattern as Sessions
from classbell.courses.pattern import sessions_of
from classbell.courses.services import create_course
from classbell.groups.services import enrol_students
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.services import create_halaka, join_halaka
from classbell.meetings.refusals import TeacherBusy

# They begin next week, clear of the lesson that runs when the demo comes up.
BEGINS_AFTER = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Circle:
    """A circle of the demo school; `weekdays` with 0 for Monday. Members past its capacity wait."""

    title: str
    description: str
    teacher: str
    weekdays: tuple[int, ...]
    frequency: Frequency
    at: time
    minutes: int
    weeks: int
    capacity: int
    members: Sequence[str]


CIRCLES: Sequence[Circle] = (
    Circle(
        title="حلقة الفجر لتلاوة القرآن الكريم",
        description="نقرأ كل يوم صفحة، ونصحّح مخارج الحروف.",
        teacher="khalid@classbell.example",
        weekdays=(6, 1, 3),
        frequency=Frequency.WEEKLY,
        at=time(5, 30),
        minutes=45,
        weeks=26,
        capacity=4,
        members=("maryam", "student", "layla", "david", "tomas"),
    ),
    Circle(
        title="Tajwid for beginners",
        description="Where each letter comes from, and how long it stays.",
        teacher="teacher@classbell.example",
        weekdays=(0,),
        frequency=Frequency.BIWEEKLY,
        at=time(20),
        minutes=60,
        weeks=20,
        capacity=12,
        members=("sofia", "layla"),
    ),
)


def seed_circles(people: Mapping[str, User], *, now: datetime) -> None:
    """Open the circles and plan the course; `people` by e-mail."""
    first = (now + BEGINS_AFTER).date()
    for circle in CIRCLES:
        if not Halaka.objects.filter(group__name=circle.title).exists():
            with suppress(TeacherBusy):
                _open(circle, people, first, now)
    if not Course.objects.exists():
        _plan_course(people, first, now)


def _open(circle: Circle, people: Mapping[str, User], first: date, now: datetime) -> None:
    teacher = people[circle.teacher]
    halaka = create_halaka(
        teacher=teacher,
        title=circle.title,
        description=circle.description,
        pattern=Pattern(
            start_date=first,
            end_date=first + timedelta(weeks=circle.weeks),
            weekdays=circle.weekdays,
            frequency=circle.frequency,
            start_time=circle.at,
            duration_minutes=circle.minutes,
            timezone=teacher.timezone,
        ),
        capacity=circle.capacity,
        now=now,
    )
    for name in circle.members:
        join_halaka(halaka_id=halaka.pk, student=people[f"{name}@classbell.example"])


def _plan_course(people: Mapping[str, User], first: date, now: datetime) -> None:
    teacher = people["teacher@classbell.example"]
    last = first + timedelta(weeks=6)
    course = create_course(
        teacher=teacher,
        title="Reading the news in Arabic",
        description="One article an evening, from the headline to the last line.",
        timezone=teacher.timezone,
        start_date=first,
        end_date=last,
    )
    names = ("student", "sofia", "tomas", "maryam")
    enrol_students(group_id=course.group_id, students=[people[f"{name}@classbell.example"] for name in names])
    pattern = Sessions(
        title=course.title,
        weekdays=(3,),
        start_time=time(19),
        duration_minutes=75,
        first_date=first,
        last_date=last,
        timezone=teacher.timezone,
    )
    create_sessions(course_id=course.pk, wanted=sessions_of(pattern), now=now, skip_clashes=True)
