"""A school in which everything exists once, on a simulated Zoom, and everybody who may or may not see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import transaction
from pydantic import SecretStr
from pytest_django import DjangoDbBlocker

from classbell.accounts.cards import Child, card_link, create_children
from classbell.accounts.invitations import invitation_link
from classbell.accounts.models import User
from classbell.accounts.tokens import issue_tokens
from classbell.bookings import hours
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.periods import add_period
from classbell.bookings.series import services
from classbell.calendars.models import CalendarKind, ExternalCalendar
from classbell.calendars.sealing import digest_of, sealed
from classbell.courses.batches import create_sessions
from classbell.courses.models import Course
from classbell.courses.pattern import NewSession
from classbell.courses.services import create_course
from classbell.earnings.models import Per, TeacherRate
from classbell.earnings.services import set_rate
from classbell.excuses.documents import Document
from classbell.excuses.services import Absence, tell_excuse
from classbell.groups.models import Group
from classbell.groups.places import open_group
from classbell.groups.services import enrol_students
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.services import add_students, create_halaka
from classbell.hooks.services import make_webhook, send_test
from classbell.meetings.account_changes import add_account
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import object_to
from classbell.meetings.hosts.pool import read_hosts
from classbell.meetings.models import Meeting, MeetingRun, Occurrence, OccurrenceStatus, WebhookEvent, ZoomHost
from classbell.meetings.services import sync_now, want_meeting
from classbell.meetings.sync import gateway
from classbell.notices.feeds import open_calendar_feed, token_of
from classbell.privacy.models import Export
from classbell.recordings.models import Recording, RecordingKind, Watchers
from classbell.recordings.rules import set_watch_rule
from tests.bookings.lessons import make_lesson
from tests.courses.timetable.terms import handed_in
from tests.factories import make_admin, make_class, make_guardian, make_student, make_teacher, make_teacher_who_learns
from tests.factories_attendance import make_stay
from tests.factories_bookings import a_day_ahead, make_group_kind, take_seat
from tests.factories_door import make_open_kind, make_public, open_school
from tests.factories_halakat import next_sunday
from tests.factories_keys import issue_key
from tests.factories_meetings import spec
from tests.holidays.factories import make_holiday
from tests.payments.shop import WEBHOOK_SECRET as PAYMENTS_SECRET
from tests.payments.shop import make_purchase
from tests.simulator import Simulator
from tests.zoom_events import SECRET as WEBHOOK_SECRET
from tests.zoom_setup import environment_for

# Whose statuses each row names, in this order.
NAMED_ROLES: Final = ("anonymous", "other_student", "member", "other_teacher", "class_teacher", "host", "admin")
# A teacher who learns here too: what either other student or other teacher may, they may.
BOTH: Final = "student_teacher"
# Nothing but the member's guardian: without saying for whom, they may what a stranger may who learns nothing here.
GUARDIAN: Final = "guardian"
ROLES: Final = (*NAMED_ROLES[:-2], BOTH, GUARDIAN, *NAMED_ROLES[-2:])
EAST_SECRET: Final = "the-secret-of-the-app-in-the-east"
SDK_SECRET: Final = "the-secret-of-the-meeting-sdk-" + "s" * 16
GUEST: Final = "guest@elsewhere.example"
# Settings with which members of a class do not come in just now.
CLOSED: Final[tuple[dict[str, object], ...]] = (
    {"student_email_domains": "elsewhere.example"},
    {"join_early_minutes": 0},
)
# Settings with which teachers do not read students' addresses whole, nor students each other's names.
PRIVATE: Final[tuple[dict[str, object], ...]] = (
    {"teachers_emails": "masked", "students_names": "initial"},
    {"teachers_emails": "none", "students_names": "none"},
)
ALL_DAY: Final = [(0, 24 * 60)]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """
    People by the names of `ROLES` and "fellow", who is in the class, and "pupil", who is in the circle and the course; and
    the ids of things by name. In all three groups is a child without an address too.

    `host` holds the class's meetings, the circle, the course and the lessons; `class_teacher` teaches the class and holds
    nothing. `member` is in everything, and has a guardian.
    """

    people: dict[str, User]
    ids: dict[str, str]

    def person(self, role: str) -> User | None:
        """Return who has a role; nobody for "anonymous"."""
        return self.people.get(role)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker, simulator_process: Simulator) -> Iterator[World]:
    """The world of a module's tests, all inside one transaction: each test takes back what it does (`taken_back`)."""
    simulator_process.reset()
    secrets = {
        "zoom_sdk_key": "sdk-key",
        "zoom_sdk_secret": SecretStr(SDK_SECRET),
        "zoom_webhook_secret": SecretStr(WEBHOOK_SECRET),
        "zoom_seats_per_host": 20,
        "stripe_webhook_secret": SecretStr(PAYMENTS_SECRET),
    }
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "ENVIRONMENT", environment_for(simulator_process, **secrets))
        gateway._client.cache_clear()
        yield make_world()
        transaction.set_rollback(True)


def make_world(mark: str = "") -> World:
    """Make everything; what can be on Zoom is there. `mark` tells a second world's addresses from those of the first."""
    now = datetime.now(UTC)
    read_hosts(gateway.zoom_client(), account_id=settings.ENVIRONMENT.zoom_account_id, now=now)
    people = _people(ZoomHost.objects.order_by("email")[0])
    child = _child()
    group = make_class(teacher=people["class_teacher"], students=[people["member"], people["fellow"], child])
    ids = {name: str(person.pk) for name, person in people.items()} | {
        "class": str(group.pk),
        "open_class": str(open_group(group_id=make_class().pk, is_open=True).pk),
        "idle_class": str(make_class(teacher=people["class_teacher"], students=[people["fellow"]]).pk),
        "host_email": people["host"].email,
        "member_email": people["member"].email,
        "export": _export(people["member"], now=now),
        "zoom_user": people["host"].zoom_user,
        "feed": token_of(open_calendar_feed(people["member"], now=now)) or "",
        "refresh": issue_tokens(people["member"]).refresh_token,
        "sign_in": str(people["member"].sign_ins.all()[0].pk),
        "card": card_link(child).rpartition("/")[2],
        "invitation": invitation_link(make_student()).rpartition("/")[2],
        "event": _webhook(now),
        "key": str(issue_key(owner=people["admin"]).key.pk),
        **_webhook_out(now),
        "holiday": str(_holiday(people["host"])),
        "calendar": str(_calendar_elsewhere(people["host"], now=now)),
        "zoom_account": str(_zoom_account(f"east{mark}", now=now)),
        "term_draft": str(handed_in(people["admin"], now=now).pk),
    }
    ids |= _meetings(people, group, now=now) | _circle(people, child, now=now) | _course(people, child, now=now)
    ids |= _lessons(people)
    ids |= _open_door(people["host"], mark)
    ids |= _purchase(people["member"])
    ids["excuse"] = _excuse(people["member"], UUID(ids["lesson_occurrence"]), now=now)
    return World(people=people, ids=ids)


def _purchase(student: User) -> dict[str, str]:
    """A package that somebody bought; nobody can pay here, so nobody buys another."""
    purchase = make_purchase(student)
    return {"purchase": str(purchase.pk), "offer": str(purchase.offer_id)}


def _open_door(teacher: User, mark: str) -> dict[str, str]:
    """The school's page and the teacher's, which search engines may list, and a kind of lesson that everybody may book."""
    open_school(indexable=True)
    make_public(teacher, address=f"host{mark}", indexable=True)
    make_open_kind(teacher, address=f"trial{mark}")
    return {"public_address": f"host{mark}"}


def _zoom_account(account_id: str, *, now: datetime) -> UUID:
    """Another account at Zoom, whose credentials Zoom does not know."""
    values = {"name": "East", "client_id": "east", "client_secret": EAST_SECRET, "webhook_secret": WEBHOOK_SECRET}
    return add_account(account_id=account_id, values=values, now=now).pk


def _calendar_elsewhere(teacher: User, *, now: datetime) -> UUID:
    """A calendar of a teacher at an address that is never asked."""
    address = "https://127.0.0.1/a-secret-address-of-a-calendar.ics"
    calendar = ExternalCalendar.objects.create(
        teacher=teacher,
        kind=CalendarKind.ICS,
        name="127.0.0.1",
        sealed=sealed({"url": address, "password": ""}),
        digest=digest_of(address, ""),
        due_at=now,
        created_at=now,
    )
    return calendar.pk


def _export(person: User, *, now: datetime) -> str:
    return str(Export.objects.create(person=person, asked_by=person, asked_at=now).pk)


def _child() -> User:
    (child,) = create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    return child


def _people(zoom_host: ZoomHost) -> dict[str, User]:
    students = {name: make_student() for name in ("other_student", "member", "fellow", "pupil")}
    teachers = {name: make_teacher() for name in ("other_teacher", "class_teacher")}
    teachers |= {BOTH: make_teacher_who_learns()}
    others = {"host": make_teacher(zoom_user=zoom_host.email), "admin": make_admin()}
    return students | teachers | others | {"guardian": make_guardian(students["member"], relation="mother")}


def _meetings(people: dict[str, User], group: Group, *, now: datetime) -> dict[str, str]:
    """A class meeting to come, and one of two days ago with its attendance, one objection, and a guest nobody knows."""
    lesson = want_meeting(spec(people["host"], group=group, starts_at=a_day_ahead(4)), now=now)
    held = _held(people["host"], group, now=now - timedelta(days=2))
    make_stay(held, people["member"], 0, 60)
    stay = make_stay(held, None, 5, 50, name="iPad", email=GUEST)
    run = MeetingRun.objects.create(
        # Each world's own: some stand beside the one that the others share.
        zoom_instance_uuid=f"run-{held.pk}",
        occurrence=held,
        started_at=held.starts_at,
        ended_at=held.ends_at,
        seen_at=now,
    )
    record_attendance(occurrence_id=held.pk, now=now)
    object_to(occurrence_id=held.pk, student=people["fellow"], objection="I was there.", now=now)
    return {
        "lesson": str(lesson.pk),
        "lesson_occurrence": str(lesson.occurrences.get().pk),
        "number": _on_zoom(lesson.pk).zoom_meeting_id,
        "held": str(held.meeting_id),
        "held_occurrence": str(held.pk),
        "run": str(run.pk),
        "recording": str(_recording(run, now=now).pk),
        "stay": str(stay.pk),
    }


def _recording(run: MeetingRun, *, now: datetime) -> Recording:
    """A video of a run that families may watch, and keep no copy of."""
    assert run.occurrence is not None
    assert run.started_at is not None
    assert run.ended_at is not None
    set_watch_rule(run.occurrence.meeting, watchers=Watchers.FAMILIES, may_download=False)
    return Recording.objects.create(
        run=run,
        zoom_file_id=f"file-{run.pk}",
        kind=RecordingKind.VIDEO,
        extension="mp4",
        starts_at=run.started_at,
        ends_at=run.ended_at,
        size=1000,
        download_url="https://zoom.us/rec/download/a-secret-of-zoom",
        seen_at=now,
    )


def _held(teacher: User, group: Group, *, now: datetime) -> Occurrence:
    starts_at = now.replace(minute=0, second=0, microsecond=0)
    meeting = want_meeting(spec(teacher, group=group, title="Held", starts_at=starts_at), now=now - timedelta(days=1))
    occurrence = meeting.occurrences.get()
    occurrence.actual_starts_at, occurrence.actual_ends_at = occurrence.starts_at, occurrence.ends_at
    occurrence.status = OccurrenceStatus.ENDED
    occurrence.save()
    return occurrence


def _circle(people: dict[str, User], child: User, *, now: datetime) -> dict[str, str]:
    start = next_sunday()
    pattern = Pattern(
        start_date=start,
        end_date=start + timedelta(days=15),
        weekdays=(1,),
        frequency=Frequency.WEEKLY,
        start_time=time(17),
        duration_minutes=45,
        timezone="Asia/Riyadh",
    )
    halaka: Halaka = create_halaka(teacher=people["host"], title="Tajweed", pattern=pattern, now=now)
    add_students(halaka_id=halaka.pk, students=[people["member"], people["pupil"], child])
    meeting = _on_zoom(halaka.parts.get().meeting_id)
    occurrence = meeting.occurrences.order_by("starts_at")[0]
    return {"halaka": str(halaka.pk), "occurrence": str(occurrence.pk), "halaka_meeting": str(meeting.pk)}


def _course(people: dict[str, User], child: User, *, now: datetime) -> dict[str, str]:
    course: Course = create_course(teacher=people["host"], title="Fiqh", timezone="UTC")
    enrol_students(group_id=course.group_id, students=[people["member"], people["pupil"], child])
    at = a_day_ahead(20, hour=12)
    new = NewSession(title="Lesson", starts_at=at, duration_minutes=60, timezone="UTC")
    (session,) = create_sessions(course_id=course.pk, wanted=[new], now=now).sessions
    meeting = _on_zoom(session.meeting_id)
    return {"course": str(course.pk), "session": str(session.pk), "session_meeting": str(meeting.pk)}


def _lessons(people: dict[str, User]) -> dict[str, str]:
    """Bookings of the member in every state, each named for it; `begun` is confirmed and has begun. The pupil has one too."""
    host = people["host"]
    hours.set_week(teacher=host, windows=dict.fromkeys(range(7), ALL_DAY))
    week = timedelta(days=7)
    wanted = {
        "pending": (BookingStatus.PENDING, 4 * week),
        "confirmed": (BookingStatus.CONFIRMED, 5 * week),
        "begun": (BookingStatus.CONFIRMED, timedelta(hours=-1)),
        "completed": (BookingStatus.COMPLETED, timedelta(hours=-6)),
    }
    made: dict[str, Booking] = {
        name: make_lesson(status, starts_in=starts_in, teacher=host, student=people["member"])
        for name, (status, starts_in) in wanted.items()
    }
    asked = services.draft_series(
        student=people["member"],
        teacher=host,
        starts_at=a_day_ahead(10 * 7, hour=8),
        duration_minutes=60,
        count=2,
        timezone="UTC",
    )
    series = services.request_series(asked, now=datetime.now(UTC))
    made["pupils"] = make_lesson(starts_in=6 * week, teacher=host, student=people["pupil"])
    meeting_id = made["confirmed"].meeting_id
    assert meeting_id is not None
    _on_zoom(meeting_id)
    away = a_day_ahead(60)
    time_off = hours.add_time_off(teacher=host, starts_at=away, ends_at=away + timedelta(days=1))
    later = a_day_ahead(200).date()
    period = add_period(
        teacher=host,
        name="Ramadan",
        first_day=later,
        last_day=later + timedelta(days=29),
        windows={},
        now=datetime.now(UTC),
    ).period
    kind = make_group_kind(host)
    seat = take_seat(kind, host, people["member"], starts_at=a_day_ahead(12 * 7, hour=6))
    names = {name: str(booking.pk) for name, booking in made.items()}
    names |= {"kind": str(kind.pk), "group_lesson": str(seat.group_lesson_id)}
    return names | {
        "window": str(host.availability.all()[0].pk),
        "time_off": str(time_off.pk),
        "hours_period": str(period.pk),
        "booking_meeting": str(meeting_id),
        "series": str(series.pk),
        "rate": str(_rate_of(host).pk),
    }


def _rate_of(teacher: User) -> TeacherRate:
    return set_rate(
        teacher=teacher,
        in_force_from=date(2020, 2, 1),
        amount=2000,
        currency="EUR",
        per=Per.HOUR,
        now=datetime.now(UTC),
    )


def _excuse(student: User, occurrence_id: UUID, *, now: datetime) -> str:
    """An absence of the class's next session that nobody has answered, with a document."""
    absence = Absence(reason="At the dentist's.", occurrence_id=occurrence_id)
    paper = Document(name="note.pdf", content_type="application/pdf", content=b"%PDF-1.7")
    return str(tell_excuse(student_id=student.pk, by=student, absence=absence, document=paper, now=now).pk)


def _holiday(teacher: User) -> UUID:
    """A day off of the host, far from whatever else there is."""
    day = a_day_ahead(90).date()
    return make_holiday(day, teacher=teacher).pk


def _webhook_out(now: datetime) -> dict[str, str]:
    """A program of the school that is told of lessons, and one delivery to it."""
    webhook = make_webhook(url="https://portal.example/in", events=["booking.confirmed"], now=now).webhook
    return {"webhook": str(webhook.pk), "delivery": str(send_test(webhook_id=webhook.pk, now=now).pk)}


def _webhook(now: datetime) -> str:
    """Store something Zoom told that nobody could understand yet."""
    kept = WebhookEvent.objects.create(
        event="meeting.odd", digest=uuid4().bytes, body={}, happened_at=now, error="Odd."
    )
    return str(kept.pk)


def _on_zoom(meeting_id: UUID) -> Meeting:
    sync_now(meeting_id)
    meeting = Meeting.objects.get(pk=meeting_id)
    assert meeting.password, meeting.sync_error
    return meeting
