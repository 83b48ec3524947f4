"""
The people and classes of the demo: a small school that looks lived in.

Run again, it adds nothing twice. Everything goes through the services that the product itself uses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings
from django.db import transaction

from classbell.accounts.models import Role, User
from classbell.demo.circles import seed_circles
from classbell.demo.tutoring import seed_tutoring
from classbell.groups.models import Group, GroupKind
from classbell.groups.services import sync_members
from classbell.meetings import hosts
from classbell.meetings.claims import taken_periods
from classbell.meetings.gateway import zoom_client
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.services import MeetingWish, sync_now, want_meeting

PASSWORD = "demo-classbell"
TIMEZONE = "Europe/Lisbon"
WEEKS = 12
SIM_TIMEOUT_SECONDS = 10
# The lesson that runs when the demo comes up: from a little before to a little after, if nothing else is in the way.
EARLIER, LATER = timedelta(minutes=10), timedelta(minutes=50)
SHORTEST_LESSON = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody of the demo school."""

    email: str
    first_name: str
    last_name: str
    role: Role
    timezone: str = TIMEZONE
    locale: str = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyLesson:
    """A class of the demo school; `weekdays` with 0 for Monday, `at` in wall time of TIMEZONE."""

    title: str
    description: str
    teacher: str
    weekdays: tuple[int, ...]
    at: tuple[int, int]
    minutes: int


PEOPLE: Sequence[Person] = (
    Person(email="admin@classbell.example", first_name="Leonor", last_name="Vasconcelos", role=Role.ADMIN),
    Person(email="teacher@classbell.example", first_name="Amina", last_name="Haddad", role=Role.TEACHER),
    Person(email="student@classbell.example", first_name="Yusuf", last_name="Almeida", role=Role.STUDENT),
    Person(
        email="khalid@classbell.example",
        first_name="خالد",
        last_name="العبد الرحمن آل سعدون",
        role=Role.TEACHER,
        timezone="Asia/Riyadh",
        locale="ar",
    ),
    Person(email="ines@classbell.example", first_name="Inês", last_name="Figueiredo-Montenegro", role=Role.TEACHER),
    Person(
        email="maryam@classbell.example",
        first_name="مريم",
        last_name="بنت عبد الله",
        role=Role.STUDENT,
        timezone="Asia/Riyadh",
        locale="ar",
    ),
    Person(email="tomas@classbell.example", first_name="Tomás", last_name="Pereira", role=Role.STUDENT),
    Person(email="sofia@classbell.example", first_name="Sofia", last_name="Lindqvist", role=Role.STUDENT),
    Person(
        email="david@classbell.example",
        first_name="David",
        last_name="Okonkwo",
        role=Role.STUDENT,
        timezone="America/New_York",
    ),
    Person(email="layla@classbell.example", first_name="Layla", last_name="Benali", role=Role.STUDENT),
)

LESSONS: Sequence[WeeklyLesson] = (
    WeeklyLesson(
        title="Arabic for beginners",
        description="Letters, sounds and first sentences.",
        teacher="teacher@classbell.example",
        weekdays=(0, 2),
        at=(18, 0),
        minutes=60,
    ),
    WeeklyLesson(
        title="Reading circle",
        description="One short text a week, read aloud.",
        teacher="teacher@classbell.example",
        weekdays=(1, 5),
        at=(10, 30),
        minutes=45,
    ),
    WeeklyLesson(
        title="حلقة تلاوة وتجويد",
        description="مراجعة سورة يس.",
        teacher="khalid@classbell.example",
        weekdays=(5, 6),
        at=(17, 0),
        minutes=45,
    ),
    WeeklyLesson(
        title="Linear algebra, problem class",
        description="Bring the sheet of the week.",
        teacher="ines@classbell.example",
        weekdays=(1, 3),
        at=(14, 0),
        minutes=90,
    ),
)


def seed(*, now: datetime) -> None:
    """Make the people, read the simulator's hosts, wish for the classes of the coming weeks, book lessons, open circles."""
    people = {person.email: _person(person) for person in PEOPLE}
    hosts.read_hosts(zoom_client(), account_id=settings.ENVIRONMENT.zoom_account_id, now=now)
    students = [user for user in people.values() if user.role == Role.STUDENT]
    monday = now.date() - timedelta(days=now.weekday())
    for lesson in LESSONS:
        if not Group.objects.filter(name=lesson.title).exists():
            _lesson(lesson, people[lesson.teacher], students, monday, now)
    seed_tutoring(people, now=now)
    seed_circles(people, now=now)


def start_live_meeting(*, now: datetime) -> None:
    """Have a class of the demo's teacher run right now, on the simulated Zoom too."""
    teacher = User.objects.get(email="teacher@classbell.example")
    meeting = _lesson_about_now(teacher, now) or _extra_lesson(teacher, now)
    sync_now(meeting.pk)
    meeting.refresh_from_db()
    if meeting.zoom_meeting_id:
        _fill_the_room(meeting)


def _lesson_about_now(teacher: User, now: datetime) -> Meeting | None:
    """Return the meeting of a lesson that runs or begins so soon that nothing fits before it."""
    soon = Occurrence.objects.taking_place().between(now, now + SHORTEST_LESSON).filter(meeting__teacher=teacher)
    sitting = soon.select_related("meeting").order_by("starts_at").first()
    return sitting.meeting if sitting else None


def _extra_lesson(teacher: User, now: datetime) -> Meeting:
    """Wish for a lesson around now, between what the teacher has before and after it."""
    minute = now.replace(second=0, microsecond=0)
    taken = taken_periods([teacher.pk], start=minute - EARLIER, end=minute + LATER)[teacher.pk]
    starts_at = max([minute - EARLIER, *(end for _start, end in taken if end <= now)])
    ends_at = min([minute + LATER, *(start for start, _end in taken if start > now)])
    title = "Conversation hour"
    group, _created = Group.objects.get_or_create(kind=GroupKind.CLASS, name=title, defaults={"timezone": TIMEZONE})
    group.teachers.add(teacher)
    students = list(User.objects.filter(role=Role.STUDENT, email__endswith="@classbell.example"))
    sync_members({group: students})
    return want_meeting(
        MeetingWish(
            teacher=teacher,
            group=group,
            title=title,
            description="Talk about the week.",
            starts_at=starts_at,
            duration_minutes=int((ends_at - starts_at) / timedelta(minutes=1)),
            timezone=TIMEZONE,
        ),
        now=now,
        soon=True,
    )


def _person(person: Person) -> User:
    user = User.objects.filter(email__iexact=person.email).first()
    if user is not None:
        return user
    return User.objects.create_user(
        person.email,
        PASSWORD,
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role,
        timezone=person.timezone,
        locale=person.locale,
        is_staff=person.role == Role.ADMIN,
        is_superuser=person.role == Role.ADMIN,
    )


def _lesson(lesson: WeeklyLesson, teacher: User, students: list[User], monday: date, now: datetime) -> None:
    first = min(monday + timedelta(days=weekday) for weekday in lesson.weekdays)
    hour, minute = lesson.at
    starts_at = datetime(first.year, first.month, first.day, hour, minute, tzinfo=ZoneInfo(TIMEZONE))
    with transaction.atomic():
        group = Group.objects.create(
            kind=GroupKind.CLASS, name=lesson.title, description=lesson.description, timezone=TIMEZONE
        )
        group.teachers.add(teacher)
        sync_members({group: students})
        want_meeting(
            MeetingWish(
                teacher=teacher,
                group=group,
                title=lesson.title,
                description=lesson.description,
                starts_at=starts_at,
                duration_minutes=lesson.minutes,
                timezone=TIMEZONE,
                rule=weekly_rule(lesson.weekdays, count=WEEKS * len(lesson.weekdays)),
            ),
            now=now,
        )


def _fill_the_room(meeting: Meeting) -> None:
    """Start the meeting at the simulator and let some students come in, unless it runs already."""
    students = User.objects.filter(role=Role.STUDENT, email__endswith="@classbell.example").order_by("pk")
    sim = settings.ENVIRONMENT.zoom_api_url.removesuffix("/v2")
    with httpx.Client(base_url=sim, timeout=SIM_TIMEOUT_SECONDS) as client:
        known = client.get("/sim/state", params={"meeting": meeting.zoom_meeting_id}).raise_for_status().json()
        if any(run["end_time"] is None for one in known["meetings"] for run in one["runs"]):
            return
        client.post(f"/sim/meetings/{meeting.zoom_meeting_id}/start").raise_for_status()
        for student in students[:4]:
            client.post(
                f"/sim/meetings/{meeting.zoom_meeting_id}/join",
                json={"name": student.name, "email": student.email, "customer_key": student.pk.hex},
            ).raise_for_status()
