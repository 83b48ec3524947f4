"""The weekly classes of the demo school, which began three weeks ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from classbell.demo.people import LISBON, People, named
from classbell.groups.models import GroupKind
from classbell.groups.places import open_group
from classbell.groups.services import WhenFull, create_group, enrol_students
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.services import MeetingSpec, want_meeting

WEEKS_PAST, WEEKS_TO_COME = 3, 12


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyLesson:
    """
    A class of the demo school; `weekdays` with 0 for Monday, `at` (hour, minute) on the wall clock of Lisbon.

    In the week `off` before this one its first session was cancelled; None: in none. Of more `students`
    than its `capacity` the last ones wait; in one that `is_open` students take places by themselves.
    """

    title: str
    description: str
    teacher: str
    students: Sequence[str]
    weekdays: tuple[int, ...]
    at: tuple[int, int]
    minutes: int
    off: int | None = None
    capacity: int | None = None
    is_open: bool = False


LESSONS: Sequence[WeeklyLesson] = (
    WeeklyLesson(
        title="Arabic for beginners",
        description="Letters, sounds and first sentences.",
        teacher="teacher",
        students=("student", "tomas", "sofia", "david", "layla", "maryam", "noura", "salman"),
        weekdays=(0, 2),
        at=(18, 0),
        minutes=60,
        off=2,
    ),
    WeeklyLesson(
        title="Reading circle",
        description="One short text a week, read aloud.",
        teacher="teacher",
        students=("student", "sofia", "layla", "tomas", "abdullah"),
        weekdays=(1, 5),
        at=(10, 30),
        minutes=45,
        capacity=8,
        is_open=True,
    ),
    WeeklyLesson(
        title="حلقة تلاوة وتجويد",
        description="مراجعة سورة يس.",
        teacher="khalid",
        students=("maryam", "abdullah", "noura", "fatima", "student"),
        weekdays=(5, 6),
        at=(17, 0),
        minutes=45,
    ),
    WeeklyLesson(
        title="Linear algebra, problem class",
        description="Bring the sheet of the week.",
        teacher="ines",
        students=("student", "tomas", "sofia", "david", "salman", "reem", "noura"),
        weekdays=(1, 3),
        at=(14, 0),
        minutes=90,
        capacity=6,
    ),
)


def make_classes(people: People, *, now: datetime) -> None:
    """Make the classes and want their meetings, those of the past weeks too. Needs a transaction."""
    monday = now.date() - timedelta(days=now.weekday())
    for lesson in LESSONS:
        _make(lesson, people, monday, now)


def _make(lesson: WeeklyLesson, people: People, monday: date, now: datetime) -> None:
    day = monday + timedelta(days=min(lesson.weekdays))
    first = day - timedelta(weeks=WEEKS_PAST)
    cancelled = {} if lesson.off is None else {day - timedelta(weeks=lesson.off): "Public holiday."}
    hour, minute = lesson.at
    group = create_group(
        kind=GroupKind.CLASS,
        name=lesson.title,
        description=lesson.description,
        timezone=LISBON,
        capacity=lesson.capacity,
        teachers=[people[lesson.teacher]],
    )
    enrol_students(group_id=group.pk, students=named(people, lesson.students), when_full=WhenFull.WAIT)
    if lesson.is_open:
        open_group(group_id=group.pk, is_open=True)
    want_meeting(
        MeetingSpec(
            teacher=people[lesson.teacher],
            group=group,
            title=lesson.title,
            description=lesson.description,
            starts_at=datetime(first.year, first.month, first.day, hour, minute, tzinfo=ZoneInfo(LISBON)),
            duration_minutes=lesson.minutes,
            timezone=LISBON,
            rule=weekly_rule(lesson.weekdays, count=(WEEKS_PAST + WEEKS_TO_COME) * len(lesson.weekdays)),
            cancelled=cancelled,
        ),
        now=now,
    )
