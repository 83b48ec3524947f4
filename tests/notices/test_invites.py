"""A mail about a session books it in people's calendars, moves it and takes it out: two libraries read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage as Received
from email.policy import default

import pytest
import vobject
from django.core import mail
from django.test import override_settings
from icalendar import Calendar

from classbell.accounts.models import User
from classbell.meetings.occurrences import cancel_occurrence, hold_again, move_occurrence
from classbell.notices import occurrences
from classbell.notices.mailing import mail_digest, mail_notice
from classbell.notices.models import Notice
from classbell.notices.preferences import change_preferences
from classbell.notices.services import tell
from classbell.notices.texts import Kind
from tests.api_client import ApiClient
from tests.factories import make_class, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_tutor
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC).replace(microsecond=0)
STARTS_AT = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def with_mail() -> Iterator[None]:
    """A school that sends mail, here into Django's outbox."""
    with override_settings(EMAIL_HOST="mail.school.example", DEFAULT_FROM_EMAIL="School <bell@school.example>"):
        yield


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a calendar reads in a mail."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime
    status: str
    attendee: str
    organizer: str


def received() -> list[Received]:
    """Return all mails as their reader's program takes them in."""
    return [message_from_bytes(sent.message().as_bytes(), policy=default) for sent in mail.outbox]


def part(message: Received, content_type: str) -> Received:
    (found,) = (one for one in message.walk() if one.get_content_type() == content_type)
    return found


def by_icalendar(text: str) -> Read:
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return Read(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event.decoded("SEQUENCE")),
        starts_at=event.decoded("DTSTART"),
        status=str(event["STATUS"]),
        attendee=str(event["ATTENDEE"]),
        organizer=str(event["ORGANIZER"]),
    )


def by_vobject(text: str) -> Read:
    calendar = vobject.readOne(text)
    event = calendar.vevent
    return Read(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        starts_at=event.dtstart.value,
        status=event.status.value,
        attendee=event.attendee.value,
        organizer=event.organizer.value,
    )


def read(message: Received) -> Read:
    """Return what both libraries read in both places where calendars look."""
    alternative, file = part(message, "text/calendar"), part(message, "application/ics")
    text = file.get_content().decode()
    one = by_icalendar(text)
    assert by_vobject(text) == one
    assert by_icalendar(alternative.get_content()) == one
    assert alternative.get_param("method") == one.method
    return one


def send_all() -> list[Read]:
    for notice in Notice.objects.order_by("created_at", "pk"):
        mail_notice(notice_id=notice.pk, now=NOW)
    return [read(message) for message in received()]


@pytest.fixture
def student() -> User:
    """Somebody with an odd name."""
    return make_student(first_name='Sami "the; quick"', last_name="Nür, خليل", locale="ar")


def test_session_is_booked_moved_and_taken_out_as_the_same_event(student: User) -> None:
    teacher = make_teacher()
    meeting = make_meeting(spec(teacher, group=make_class(teacher=teacher, students=[student]), starts_at=STARTS_AT))
    session = meeting.occurrences.get().pk
    later = STARTS_AT + timedelta(hours=2)

    move_occurrence(occurrence_id=session, starts_at=later, duration_minutes=60, now=NOW)
    occurrences.tell_moved(occurrence_id=session, now=NOW)
    (moved,) = send_all()
    cancel_occurrence(occurrence_id=session, reason="", now=NOW)
    occurrences.tell_cancelled(occurrence_ids=[session], now=NOW)
    _moved, cancelled = send_all()
    hold_again(occurrence_id=session, now=NOW)
    occurrences.tell_held_again(occurrence_id=session, now=NOW)
    *_before, again = send_all()

    chain = [moved, cancelled, again]
    assert [(one.method, one.status) for one in chain] == [
        ("REQUEST", "CONFIRMED"),
        ("CANCEL", "CANCELLED"),
        ("REQUEST", "CONFIRMED"),
    ]
    assert {one.uid for one in chain} == {f"{session}@classbell"}
    assert moved.sequence < cancelled.sequence < again.sequence
    assert {one.starts_at for one in chain} == {later}
    assert {one.attendee.lower() for one in chain} == {f"mailto:{student.email}"}
    assert {one.organizer.lower() for one in chain} == {"mailto:bell@school.example"}


@pytest.mark.usefixtures("zoom_hosts")
def test_lesson_is_booked_moved_and_taken_out_as_the_same_event(api: Callable[..., ApiClient]) -> None:
    teacher, student = make_tutor(), make_student()
    start, later = a_day_ahead(), a_day_ahead() + timedelta(hours=3)
    asked = {"teacher_id": str(teacher.pk), "start_time": start.isoformat(), "duration": 60}
    booking = f"/api/bookings/bookings/{api(student).post('/api/bookings/bookings/', asked).json()['id']}"

    api(teacher).post(f"{booking}/confirm/")
    api(teacher).post(f"{booking}/reschedule/", {"start_time": later.isoformat(), "duration": 60})
    api(teacher).post(f"{booking}/cancel/", {"reason": "Ill"})

    told = Notice.objects.filter(user=student).order_by("created_at", "pk")
    assert [notice.kind for notice in told] == [Kind.LESSON_CONFIRMED, Kind.LESSON_MOVED, Kind.LESSON_CANCELLED]
    assert len({notice.facts["session"] for notice in told}) == 1
    mail_notice(notice_id=told[2].pk, now=NOW)
    (cancelled,) = map(read, received())
    assert (cancelled.method, cancelled.starts_at) == ("CANCEL", later)


@pytest.mark.usefixtures("zoom_hosts")
def test_calendars_of_both_follow_a_lesson_whoever_moves_and_cancels_it(api: Callable[..., ApiClient]) -> None:
    teacher, student = make_tutor(), make_student()
    start, later = a_day_ahead(), a_day_ahead() + timedelta(hours=3)
    asked = {"teacher_id": str(teacher.pk), "start_time": start.isoformat(), "duration": 60}
    booking = f"/api/bookings/bookings/{api(student).post('/api/bookings/bookings/', asked).json()['id']}"
    chains: dict[str, list[Read]] = {teacher.email: [], student.email: []}

    for person, act, body in (
        (teacher, "confirm", {}),
        (teacher, "reschedule", {"start_time": later.isoformat(), "duration": 60}),
        (student, "cancel", {"reason": "Ill"}),
    ):
        assert api(person).post(f"{booking}/{act}/", body).status_code == 200
        for notice in Notice.objects.filter(mailed_at=None).exclude(kind=Kind.LESSON_REQUESTED).order_by("pk"):
            mail_notice(notice_id=notice.pk, now=NOW)
            chains[mail.outbox[-1].to[0]].append(read(received()[-1]))

    for chain in chains.values():
        assert [one.method for one in chain] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [one.starts_at for one in chain] == [start, later, later]
        assert chain[0].sequence < chain[1].sequence < chain[2].sequence
    assert len({one.uid for chain in chains.values() for one in chain}) == 1
    of_themselves = Notice.objects.filter(kind__endswith="_by_you")
    assert set(of_themselves.values_list("on_page", flat=True)) == {False}


@pytest.mark.usefixtures("zoom_hosts")
def test_lesson_that_staff_book_stands_in_the_calendars_of_both(api: Callable[..., ApiClient]) -> None:
    teacher, student = make_tutor(), make_student()
    make_class(teacher=teacher, students=[student])
    whose = {"teacher_id": str(teacher.pk), "student_id": str(student.pk)}

    api(teacher).post("/api/bookings/bookings/", whose | {"start_time": a_day_ahead().isoformat(), "duration": 60})

    booked = send_all()
    assert {one.method for one in booked} == {"REQUEST"}
    assert {one.attendee.lower() for one in booked} == {f"mailto:{one.email}" for one in (teacher, student)}


@pytest.mark.usefixtures("zoom_hosts")
def test_request_that_was_never_agreed_is_in_no_calendar(api: Callable[..., ApiClient]) -> None:
    teacher, student = make_tutor(), make_student()
    asked = {"teacher_id": str(teacher.pk), "start_time": a_day_ahead().isoformat(), "duration": 60}
    made = api(student).post("/api/bookings/bookings/", asked).json()

    api(student).post(f"/api/bookings/bookings/{made['id']}/cancel/", {"reason": "Ill"})

    assert not Notice.objects.filter(user=student).exists()


def test_mail_is_text_and_html_in_the_readers_language_and_direction(student: User) -> None:
    tell(student, Kind.PLACE, {"title": "<b>Fatiha</b>\r\nBcc: all@school.example"}, path="/x/", now=NOW)
    mail_notice(notice_id=Notice.objects.get().pk, now=NOW)

    (message,) = received()
    html = part(message, "text/html").get_content()
    assert part(message, "text/plain").get_content().strip().endswith("/x/")
    assert '<html lang="ar" dir="rtl">' in html
    assert "&lt;b&gt;Fatiha&lt;/b&gt;" in html
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert not [one for one in message.walk() if "calendar" in one.get_content_type()]


def test_mail_of_a_day_has_a_file_for_each_session(student: User) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher, students=[student])
    for day in range(2):
        session = make_meeting(spec(teacher, group=group, starts_at=STARTS_AT + timedelta(days=day))).occurrences.get()
        cancel_occurrence(occurrence_id=session.pk, reason="", now=NOW)
        facts = {"title": "Algebra", "when": NOW.isoformat(), "count": 1, "listed": [], "session": str(session.pk)}
        change_preferences(student, {"digest_at": NOW.time()})
        tell(student, Kind.SESSIONS_CANCELLED, facts, now=NOW)

    mail_digest(user_id=student.pk, now=NOW)

    (message,) = received()
    files = [one for one in message.walk() if one.get_content_type() == "application/ics"]
    assert [by_icalendar(file.get_content().decode()).method for file in files] == ["CANCEL", "CANCEL"]
