"""Asking for lessons and moving them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.bookings import hours, services
from classbell.bookings.models import Booking, BookingStatus, Reschedule
from classbell.meetings.models import Claim, ClaimKind, Meeting, Occurrence
from classbell.meetings.services import want_meeting
from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import spec

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings/"
TEN = a_day_ahead(hour=10)


def written(moment: datetime) -> str:
    """Write a moment as the API does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_request_answers_the_whole_booking(api: Api) -> None:
    teacher = make_tutor(
        first_name="Maria", last_name="Garcia", timezone="Europe/Madrid", opens="00:00", closes="24:00"
    )
    student = make_student(first_name="John", last_name="Doe", timezone="America/New_York")

    answer = api(student).post(
        BOOKINGS,
        {"teacher_id": str(teacher.pk), "start_time": TEN.isoformat(), "duration": 60, "notes": "Conversation, please"},
    )

    booking = Booking.objects.get()
    shown = answer.json()
    assert answer.status_code == 201
    assert {shown.pop(name) is not None for name in ("created_at", "updated_at", "lapses_at")} == {True}
    assert shown == {
        "id": str(booking.pk),
        "student": str(student.pk),
        "teacher": str(teacher.pk),
        "student_name": "John Doe",
        "teacher_name": "Maria Garcia",
        "student_timezone": "America/New_York",
        "teacher_timezone": "Europe/Madrid",
        "start_time": written(TEN),
        "end_time": written(TEN + timedelta(hours=1)),
        "duration_minutes": 60,
        "status": "PENDING",
        "series_id": None,
        "kind": None,
        "kind_name": None,
        "answers": {},
        "group_lesson_id": None,
        "notes": "Conversation, please",
        "booked_by": None,
        "booked_by_name": None,
        "holiday": None,
        "cancellation_reason": None,
        "no_show": None,
        "zoom_meeting_id": None,
        "zoom_join_url": None,
        "zoom_start_url": None,
        "zoom_password": None,
        "can_cancel": True,
        "can_reschedule": True,
        "zoom_info": {
            "meeting_id": None,
            "join_url": None,
            "password": None,
            "has_meeting": False,
            "status": "none",
            "location": None,
            "backup_room": None,
        },
    }


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        pytest.param({}, 60, id="an hour unless told otherwise"),
        pytest.param({"duration": 15}, 15, id="the shortest"),
        pytest.param({"duration": 420}, 420, id="long"),
        pytest.param({"end_time": (TEN + timedelta(minutes=45)).isoformat()}, 45, id="by its end"),
    ],
)
def test_request_gives_its_length_in_either_way(api: Api, length: dict[str, Any], minutes: int) -> None:
    answer = api(make_student()).post(
        BOOKINGS, {"teacher_id": str(make_tutor().pk), "start_time": TEN.isoformat()} | length
    )

    assert (answer.status_code, answer.json()["duration_minutes"]) == (201, minutes)


def test_offset_of_the_start_counts(api: Api) -> None:
    local = (TEN + timedelta(hours=5, minutes=30)).replace(tzinfo=None).isoformat() + "+05:30"

    answer = api(make_student()).post(BOOKINGS, {"teacher_id": str(make_tutor().pk), "start_time": local})

    assert answer.json()["start_time"] == written(TEN)


@pytest.mark.parametrize(
    ("settings", "starts_in", "hour"),
    [
        pytest.param({}, timedelta(days=7), 8, id="before the teacher's hours"),
        pytest.param({}, timedelta(days=7), 17, id="after them"),
        pytest.param({}, timedelta(days=-1), 10, id="yesterday"),
        pytest.param({"min_notice_minutes": 8 * 24 * 60}, timedelta(days=7), 10, id="within the notice"),
        pytest.param({"max_days_ahead": 6}, timedelta(days=7), 10, id="too far ahead"),
    ],
)
def test_time_that_is_not_offered_cannot_be_booked(
    api: Api, settings: dict[str, Any], starts_in: timedelta, hour: int
) -> None:
    teacher = make_tutor(opens="09:00", closes="17:00", settings=settings)
    start = (datetime.now(UTC) + starts_in).replace(hour=hour, minute=0, second=0, microsecond=0)

    answer = api(make_student()).post(BOOKINGS, {"teacher_id": str(teacher.pk), "start_time": start.isoformat()})

    assert (answer.status_code, answer.json()["error"], answer.json()["code"]) == (
        400,
        "Time slot is not available",
        "slot_unavailable",
    )


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED])
def test_time_of_a_live_booking_cannot_be_booked(api: Api, status: BookingStatus) -> None:
    taken = make_lesson(status)

    answer = api(make_student()).post(
        BOOKINGS,
        {"teacher_id": str(taken.teacher_id), "start_time": (taken.starts_at + timedelta(minutes=30)).isoformat()},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "slot_unavailable")


def test_time_of_a_class_or_of_time_off_cannot_be_booked(api: Api) -> None:
    teacher = make_tutor()
    want_meeting(spec(teacher, starts_at=TEN), now=datetime.now(UTC))
    off = TEN + timedelta(hours=2)
    hours.add_time_off(teacher=teacher, starts_at=off, ends_at=off + timedelta(minutes=5))

    for start in (TEN, off):
        answer = api(make_student()).post(BOOKINGS, {"teacher_id": str(teacher.pk), "start_time": start.isoformat()})
        assert (answer.status_code, answer.json()["code"]) == (400, "slot_unavailable")


def test_student_cannot_be_at_two_lessons_at_once(api: Api) -> None:
    student = make_student()
    make_booking(student=student, starts_at=TEN)

    answer = api(student).post(
        BOOKINGS, {"teacher_id": str(make_tutor().pk), "start_time": (TEN + timedelta(minutes=30)).isoformat()}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "student_busy")
    assert Booking.objects.count() == 1


def test_teacher_who_confirms_by_themselves_has_confirmed_at_once(api: Api) -> None:
    teacher = make_tutor(settings={"auto_confirm": True})

    answer = api(make_student()).post(BOOKINGS, {"teacher_id": str(teacher.pk), "start_time": TEN.isoformat()})

    booking = answer.json()
    assert (answer.status_code, booking["status"], booking["lapses_at"]) == (201, "CONFIRMED", None)
    assert booking["zoom_info"]["status"] == "not_configured"


def test_repeated_request_with_its_key_answers_the_first_booking_again(api: Api) -> None:
    student, body = make_student(), {"teacher_id": str(make_tutor().pk), "start_time": TEN.isoformat()}

    first = api(student).post(BOOKINGS, body, idempotency_key="lesson-1")
    again = api(student).post(BOOKINGS, body, idempotency_key="lesson-1")
    other = api(student).post(BOOKINGS, body | {"duration": 30}, idempotency_key="lesson-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (400, "idempotency_key_reused")
    assert Booking.objects.count() == 1


def test_key_of_a_refused_request_answers_the_refusal_again(api: Api) -> None:
    teacher = make_tutor()
    taken = make_booking(teacher=teacher, starts_at=TEN)
    student, body = make_student(), {"teacher_id": str(teacher.pk), "start_time": TEN.isoformat()}
    first = api(student).post(BOOKINGS, body, idempotency_key="lesson-1")

    api(taken.student).post(f"{BOOKINGS}{taken.pk}/cancel/")
    again = api(student).post(BOOKINGS, body, idempotency_key="lesson-1")

    assert (first.status_code, again.status_code, again.json()) == (400, 400, first.json())


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED])
@pytest.mark.parametrize(
    ("body", "minutes"),
    [
        pytest.param({"start_time": "{start}", "duration": 30}, 30, id="start and duration"),
        pytest.param({"start_time": "{start}"}, 60, id="start alone keeps the length"),
        pytest.param({"start_time": "{start}", "end_time": "{end}"}, 90, id="start and end"),
        pytest.param({"new_start_time": "{start}", "new_end_time": "{end}", "reason": "A trip"}, 90, id="new names"),
        pytest.param({"new_start_time": "{start}"}, 60, id="new start alone"),
    ],
)
def test_move_is_understood_in_both_forms(api: Api, status: BookingStatus, body: dict[str, Any], minutes: int) -> None:
    booking, start = make_lesson(status), a_day_ahead(days=9)
    times = {"{start}": start.isoformat(), "{end}": (start + timedelta(minutes=90)).isoformat()}

    answer = api(booking.student).post(
        f"{BOOKINGS}{booking.pk}/reschedule/", {name: times.get(value, value) for name, value in body.items()}
    )

    end = start + timedelta(minutes=minutes)
    assert (answer.status_code, answer.json()["message"]) == (200, "Booking rescheduled successfully")
    assert answer.json()["changes"] == {
        "old_start_time": written(booking.starts_at),
        "old_end_time": written(booking.ends_at),
        "new_start_time": written(start),
        "new_end_time": written(end),
        "reason": body.get("reason", ""),
    }
    moved = answer.json()["booking"]
    assert (moved["start_time"], moved["end_time"], moved["status"]) == (written(start), written(end), status)
    assert moved["duration_minutes"] == minutes
    assert {(claim.kind, claim.during.lower, claim.during.upper) for claim in Claim.objects.all()} == {
        (ClaimKind.STUDENT, start, end),
        (ClaimKind.TEACHER, start, end),
    }


def test_move_of_a_lesson_moves_its_meeting() -> None:
    booking, start = make_lesson(BookingStatus.CONFIRMED), a_day_ahead(days=9)

    _reschedule(booking, start, start + timedelta(minutes=30))

    meeting = Meeting.objects.get()
    assert (meeting.starts_at, meeting.duration_minutes, meeting.wanted) == (start, 30, True)
    assert Occurrence.objects.values_list("starts_at", "ends_at").get() == (start, start + timedelta(minutes=30))


def test_move_within_its_own_time_is_possible(api: Api) -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    later = booking.starts_at + timedelta(minutes=30)

    answer = api(booking.student).post(f"{BOOKINGS}{booking.pk}/reschedule/", {"start_time": later.isoformat()})

    assert (answer.status_code, answer.json()["booking"]["status"]) == (200, "CONFIRMED")


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED])
@pytest.mark.parametrize(
    ("mover", "reason", "code"),
    [
        pytest.param("student", "outside", "slot_unavailable", id="student to closed hours"),
        pytest.param("teacher", "outside", None, id="teacher to closed hours"),
        pytest.param("student", "taken", "slot_unavailable", id="student to taken time"),
        pytest.param("teacher", "taken", "slot_unavailable", id="teacher to taken time"),
        pytest.param("student", "busy", "student_busy", id="student to their other lesson"),
        pytest.param("teacher", "busy", "student_busy", id="teacher to the student's other lesson"),
        pytest.param("student", "past", "slot_unavailable", id="student to the past"),
        pytest.param("teacher", "past", "slot_unavailable", id="teacher to the past"),
    ],
)
def test_move_needs_free_time_and_of_students_an_open_slot(
    api: Api, status: BookingStatus, mover: str, reason: str, code: str | None
) -> None:
    teacher = make_tutor(opens="09:00", closes="17:00")
    booking = make_booking(teacher=teacher, starts_at=TEN)
    if status == BookingStatus.CONFIRMED:
        api(teacher).post(f"{BOOKINGS}{booking.pk}/confirm/")
    make_booking(teacher=teacher, starts_at=TEN + timedelta(hours=2))
    make_booking(student=booking.student, starts_at=TEN + timedelta(hours=4))
    target = {
        "outside": TEN + timedelta(hours=9),
        "taken": TEN + timedelta(hours=2),
        "busy": TEN + timedelta(hours=4),
        "past": datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1),
    }[reason]

    answer = api(getattr(booking, mover)).post(
        f"{BOOKINGS}{booking.pk}/reschedule/", {"start_time": target.isoformat()}
    )

    held = Booking.objects.get(pk=booking.pk)
    assert answer.json().get("code") == code
    assert answer.status_code == (400 if code else 200)
    assert (held.starts_at, held.status) == (TEN if code else target, status)
    assert Reschedule.objects.exists() is (code is None)
    assert Claim.objects.filter(during__startswith=TEN).count() == (2 if code else 0)


def _reschedule(booking: Booking, starts_at: datetime, ends_at: datetime) -> None:
    services.reschedule_booking(
        booking_id=booking.pk, by=booking.student, starts_at=starts_at, ends_at=ends_at, now=datetime.now(UTC)
    )
