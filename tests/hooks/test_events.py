"""What happens in the school becomes an event, with what programs need of it and nothing by which somebody could come in."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from classbell.bookings import outcomes, services
from classbell.bookings.models import BookingStatus, NoShow
from classbell.groups.services import enrol_students, remove_students
from classbell.hooks.bodies import Message
from classbell.hooks.events import EVENTS, schema_of
from classbell.hooks.models import Delivery, Webhook
from classbell.hooks.services import IssuedSecret, make_webhook
from classbell.meetings import occurrences
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import lift_override, override_attendance
from classbell.meetings.changes import change_meeting
from classbell.meetings.models import Meeting, SyncStatus, ZoomHost
from classbell.meetings.services import cancel_meeting, sync_now
from classbell.meetings.verdicts import AttendanceStatus
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay
from tests.factories_meetings import make_meeting, spec, weekly

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def told() -> IssuedSecret:
    """A program that is told everything."""
    return make_webhook(url="https://portal.example/in", events=list(EVENTS), now=timezone.now())


def bodies(*events: str) -> list[dict[str, Any]]:
    """Return the bodies that were written of these events, or of all, in their order; each as its schema has it."""
    rows: Iterable[Delivery] = Delivery.objects.order_by("created_at", "pk")
    if events:
        rows = [row for row in rows if row.event in events]
    for row in rows:
        message: Message = schema_of(row.event).model_validate_json(row.body)
        assert json.loads(message.model_dump_json()) == json.loads(row.body)
    return [json.loads(row.body) for row in rows]


def names(part: str = "") -> list[str]:
    """Return which events of a part were written, in their order."""
    return [body["type"] for body in bodies() if body["type"].startswith(part)]


def forget() -> None:
    """Forget what was written."""
    Delivery.objects.all().delete()


def test_life_of_a_lesson() -> None:
    booking = make_lesson(BookingStatus.COMPLETED)

    assert names("booking") == ["booking.requested", "booking.confirmed", "booking.completed"]
    asked, _confirmed, completed = bodies("booking.requested", "booking.confirmed", "booking.completed")
    assert asked["version"] == 1
    assert asked["timestamp"].endswith("Z")
    lesson = completed["data"]["booking"]
    assert lesson["id"] == str(booking.pk)
    assert lesson["status"] == "COMPLETED"
    assert lesson["student"] == {"id": str(booking.student.pk), "name": booking.student.name}
    assert datetime.fromisoformat(lesson["start_time"]) == booking.starts_at
    assert lesson["start_time"].endswith("Z")
    assert lesson["meeting_id"] == str(booking.meeting_id)


def test_lesson_that_is_cancelled_says_why_without_links_that_somebody_typed() -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    forget()

    reason = "Use https://zoom.us/j/123?pwd=verysecret1234567 instead"
    services.cancel_booking(booking_id=booking.pk, by=booking.teacher, reason=reason, now=timezone.now())

    (cancelled,) = bodies("booking.cancelled")
    assert cancelled["data"]["booking"]["cancellation_reason"].startswith("Use https://zoom.us/j/123")
    assert "verysecret" not in json.dumps(cancelled)
    assert names("session") == ["session.cancelled"]


def test_lesson_that_is_moved_says_when_it_was() -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    forget()
    later = booking.starts_at + timedelta(days=1)

    services.reschedule_booking(
        booking_id=booking.pk,
        by=booking.teacher,
        starts_at=later,
        ends_at=later + timedelta(hours=1),
        now=timezone.now(),
    )

    (moved,) = bodies("booking.rescheduled")
    assert datetime.fromisoformat(moved["data"]["previous_start_time"]) == booking.starts_at
    assert datetime.fromisoformat(moved["data"]["booking"]["start_time"]) == later
    (session,) = bodies("session.moved")
    assert session["data"]["session"]["booking_id"] == str(booking.pk)


def test_lessons_that_end_otherwise() -> None:
    declined, missed = make_lesson(), make_lesson(BookingStatus.CONFIRMED, starts_in=timedelta(hours=-1))
    asked = make_lesson()
    forget()

    services.decline_booking(booking_id=declined.pk, by=declined.teacher, reason="", now=timezone.now())
    outcomes.report_no_show(booking_id=missed.pk, who=NoShow.TEACHER, by=make_admin(), now=timezone.now())
    assert asked.lapses_at is not None
    outcomes.lapse_requests(now=asked.lapses_at)

    assert names("booking") == ["booking.cancelled"] * 3
    (_declined, by_teacher, _lapsed) = bodies("booking.cancelled")
    assert by_teacher["data"]["booking"]["no_show"] == "teacher"


def test_sessions_moved_cancelled_and_held_again() -> None:
    meeting = make_meeting(weekly(count=3))
    first = meeting.occurrences.order_by("starts_at")[0]
    now = first.starts_at - timedelta(days=1)

    occurrences.move_occurrence(occurrence_id=first.pk, starts_at=first.starts_at + timedelta(hours=2), now=now)
    occurrences.cancel_occurrence(occurrence_id=first.pk, reason="Ill", now=now)
    occurrences.hold_again(occurrence_id=first.pk, now=now)
    assert names("session") == ["session.moved", "session.cancelled", "session.restored"]
    forget()

    change_meeting(meeting_id=meeting.pk, changes={"duration_minutes": 30}, now=now)
    assert names("session") == ["session.moved"] * 3
    forget()

    cancel_meeting(meeting_id=meeting.pk, now=now, reason="The class was closed.")
    assert names("session") == ["session.cancelled"] * 3
    assert bodies("session.cancelled")[0]["data"]["session"]["cancellation_reason"] == "The class was closed."


def test_people_come_into_a_class_and_leave_it() -> None:
    group, students = make_class(name="Algebra"), [make_student(), make_student()]

    enrol_students(group_id=group.pk, students=students)
    remove_students(group_id=group.pk, students=students[:1])
    remove_students(group_id=group.pk, students=students[:1])

    added, removed = bodies("membership.added", "membership.removed")
    assert added["data"]["group"] == {"id": str(group.pk), "kind": "class", "name": "Algebra"}
    assert [one["id"] for one in added["data"]["people"]] == sorted(str(student.pk) for student in students)
    assert removed["data"]["people"] == [{"id": str(students[0].pk), "name": students[0].name}]


def test_attendance_is_recorded_and_changed() -> None:
    student, other = make_student(), make_student()
    occurrence = make_occurrence(make_class(students=[student, other]))
    make_stay(occurrence, student, 0, 60)
    now = occurrence.ends_at + timedelta(hours=1)

    record_attendance(occurrence_id=occurrence.pk, now=now)
    record_attendance(occurrence_id=occurrence.pk, now=now)

    assert names("attendance") == ["attendance.recorded"]
    (recorded,) = bodies("attendance.recorded")
    statuses = {one["student"]["id"]: one["status"] for one in recorded["data"]["attendance"]}
    assert statuses == {str(student.pk): "present", str(other.pk): "absent"}
    forget()

    make_stay(occurrence, other, 0, 60)
    record_attendance(occurrence_id=occurrence.pk, now=now)
    override_attendance(
        occurrence_id=occurrence.pk,
        student_id=student.pk,
        status=AttendanceStatus.LATE,
        reason="Came late",
        by=make_admin(),
        now=now,
    )
    lift_override(occurrence_id=occurrence.pk, student_id=student.pk)

    told = [body["data"]["attendance"] for body in bodies("attendance.changed")]
    assert [[(one["student"]["id"], one["status"], one["is_corrected"]) for one in people] for people in told] == [
        [(str(other.pk), "present", False)],
        [(str(student.pk), "late", True)],
        [(str(student.pk), "present", False)],
    ]


@pytest.mark.django_db(transaction=True)
def test_meeting_that_is_made_at_zoom_is_told_without_ways_in(zoom_hosts: list[ZoomHost]) -> None:
    group = make_class(students=[make_student()])
    meeting = make_meeting(spec(make_teacher(), group=group))
    sync_now(meeting.pk)
    sync_now(meeting.pk)

    assert names("meeting") == ["meeting.synced"]
    at_zoom = Meeting.objects.get(pk=meeting.pk)
    assert at_zoom.password
    text = json.dumps(bodies())
    for secret in (at_zoom.password, at_zoom.zoom_meeting_id, at_zoom.join_url):
        assert secret not in text
    change_meeting(meeting_id=meeting.pk, changes={"title": "Another"}, now=datetime.now(UTC))
    sync_now(meeting.pk)
    assert names("meeting") == ["meeting.synced"] * 2
    assert bodies("meeting.synced")[1]["data"]["meeting"]["title"] == "Another"


@pytest.mark.django_db(transaction=True)
def test_meeting_for_which_there_is_no_host_is_told_once(zoom_hosts: list[ZoomHost]) -> None:
    ZoomHost.objects.update(is_active=False)
    meeting = make_meeting(spec(make_teacher()))
    sync_now(meeting.pk)
    sync_now(meeting.pk)

    assert Meeting.objects.get(pk=meeting.pk).sync_status == SyncStatus.FAILED
    (failed,) = bodies("meeting.failed")
    assert failed["data"]["meeting"]["error"]["code"] == "no_host_free"
    assert failed["data"]["meeting"]["sync_status"] == "failed"


def test_program_is_told_what_it_asked_for_and_no_more() -> None:
    Webhook.objects.all().delete()
    make_webhook(url="https://portal.example/in", events=["booking.confirmed"], now=timezone.now())

    make_lesson(BookingStatus.COMPLETED)

    assert names() == ["booking.confirmed"]


def test_without_webhooks_one_question_is_all_it_costs(django_assert_num_queries: Callable[..., Any]) -> None:
    Webhook.objects.all().delete()
    group, student = make_class(), make_student()
    enrol_students(group_id=group.pk, students=[student])

    from classbell.groups.signals import MembershipChange
    from classbell.hooks.receivers import members

    with django_assert_num_queries(1):
        members(sender=None, changes=[MembershipChange(group, {student.pk}, set())])
    assert not Delivery.objects.exists()
