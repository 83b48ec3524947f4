"""What the database writes down about changes, whatever way they take."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from classbell.bookings.hours import set_week
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.services import cancel_booking
from classbell.groups.services import enrol_students, remove_students
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus, SyncStatus
from classbell.meetings.occurrences import cancel_occurrence, move_occurrence
from classbell.meetings.services import cancel_meeting
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay, minute
from tests.factories_bookings import a_day_ahead, make_booking
from tests.factories_meetings import make_meeting, weekly

pytestmark = pytest.mark.django_db


def entries(row: Any) -> Any:
    """Return the entries about a row, of which its type says nothing."""
    return row.history.order_by("pgh_id")


def labels(row: Any) -> list[str]:
    return list(entries(row).values_list("pgh_label", flat=True))


@pytest.fixture
def booking():
    teacher = make_teacher()
    set_week(teacher=teacher, windows={day: [(0, 24 * 60)] for day in range(7)})
    return make_booking(teacher=teacher, student=make_student(), starts_at=a_day_ahead(3, hour=9))


def test_a_change_keeps_what_was_before_in_bulk_too(booking):
    Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CANCELLED)

    made, changed = booking.history.order_by("pgh_id")
    assert (made.pgh_label, changed.pgh_label) == ("made", "changed")
    assert changed.status == BookingStatus.PENDING


def test_a_change_by_api_says_who_made_it_and_by_which_request(api, booking):
    api(booking.teacher).post(f"/api/bookings/bookings/{booking.pk}/confirm")

    changed = booking.history.get(pgh_label="changed")
    assert changed.pgh_context == {
        "actor": str(booking.teacher_id),
        "method": "POST",
        "path": f"/api/bookings/bookings/{booking.pk}/confirm",
    }
    assert changed.pgh_context_id is not None


def test_a_change_by_page_says_who_made_it(client, booking):
    client.force_login(booking.teacher, backend="django.contrib.auth.backends.ModelBackend")

    client.post(f"/bookings/{booking.pk}/confirm")

    assert booking.history.get(pgh_label="changed").pgh_context["actor"] == str(booking.teacher_id)


def test_a_change_outside_any_request_names_nobody(booking):
    cancel_booking(booking_id=booking.pk, by=booking.student, now=datetime.now(UTC))

    assert booking.history.get(pgh_label="changed").pgh_context is None


def test_nobody_can_edit_what_was_written(booking):
    with pytest.raises(DatabaseError), transaction.atomic():
        booking.history.update(status=BookingStatus.COMPLETED)
    with pytest.raises(DatabaseError), transaction.atomic():
        booking.history.all().delete()


def test_reading_takes_no_statement_more_and_none_longer(api, booking):
    client = api(booking.teacher)
    client.get("/api/bookings/bookings/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/api/bookings/bookings/")

    assert [query["sql"] for query in queries if "set_config" in query["sql"]] == []


def test_what_is_learned_of_zoom_is_no_history_of_a_meeting():
    meeting = make_meeting()

    Meeting.objects.filter(pk=meeting.pk).update(
        sync_status=SyncStatus.SYNCED, synced_revision=1, zoom_meeting_id="81234567890", revision=2
    )

    assert labels(meeting) == ["made"]


def test_single_occurrences_keep_what_people_decide_and_not_what_zoom_tells():
    now = datetime.now(UTC)
    meeting = make_meeting(weekly(count=3))
    moved, cancelled, held = meeting.occurrences.order_by("starts_at")

    move_occurrence(
        occurrence_id=moved.pk, starts_at=moved.starts_at + timedelta(hours=3), duration_minutes=45, now=now
    )
    cancel_occurrence(occurrence_id=cancelled.pk, reason="Holiday", now=now)
    Occurrence.objects.filter(pk=held.pk).update(status=OccurrenceStatus.LIVE, actual_starts_at=now)
    Occurrence.objects.filter(pk=moved.pk).update(status=OccurrenceStatus.ENDED, actual_ends_at=now)

    assert [labels(occurrence) for occurrence in (moved, cancelled, held)] == [["changed"], ["changed"], []]
    assert entries(moved).get().starts_at == moved.starts_at


def test_calling_off_a_series_is_one_entry():
    meeting = make_meeting(weekly(count=3))

    cancel_meeting(meeting_id=meeting.pk, now=datetime.now(UTC))

    assert labels(meeting) == ["made", "changed"]
    assert [labels(occurrence) for occurrence in meeting.occurrences.all()] == [[], [], []]


def test_verdicts_calculated_are_no_history_and_overrides_are(api):
    ana = make_student()
    group = make_class(students=[ana])
    occurrence = make_occurrence(group)
    make_stay(occurrence, group.teachers.get(), 0, 60)
    make_stay(occurrence, ana, 0, 60)
    for minutes in (61, 62):
        record_attendance(occurrence_id=occurrence.pk, now=minute(minutes))
    record = occurrence.attendances.get()
    admin = make_admin()
    before = labels(record)
    Occurrence.objects.filter(pk=occurrence.pk).update(
        starts_at=datetime.now(UTC) - timedelta(hours=2), ends_at=datetime.now(UTC) - timedelta(hours=1)
    )

    api(admin).patch(
        f"/api/zoom/meetings/{occurrence.meeting_id}/attendance/{ana.pk}", {"status": "late", "reason": "Saw it."}
    )

    assert before == []
    assert entries(record).get().pgh_context["actor"] == str(admin.pk)


def test_who_came_into_a_class_and_left_is_kept():
    group, student = make_class(), make_student()
    enrol_students(group_id=group.pk, students=[student])
    remove_students(group_id=group.pk, students=[student])

    events = apps.get_model("groups.MembershipEvent").objects.order_by("pgh_id")
    assert list(events.values_list("pgh_label", "user")) == [("made", student.pk), ("removed", student.pk)]
