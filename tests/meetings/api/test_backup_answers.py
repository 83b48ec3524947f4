"""Lessons, sessions and circles say by API where they are held while Zoom has no meeting for them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from classbell.bookings.models import Booking
from classbell.bookings.services import confirm_booking
from classbell.meetings.joining.backup import give_due
from classbell.meetings.models import BackupRoom, Meeting, Occurrence
from tests.api_client import ApiClient
from tests.courses.teaching import make_course, make_sessions
from tests.factories import make_teacher
from tests.factories_bookings import make_booking
from tests.factories_halakat import created

Api = Callable[..., ApiClient]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("backup_rooms")]


@pytest.fixture
def backup_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The school has a place for classes without Zoom."""
    environment = settings.ENVIRONMENT.model_copy(update={"backup_room_url": "https://meet.example.org/{token}"})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)


def time_passes_until_it_begins(meeting_id: UUID) -> dict[str, datetime]:
    """Let the meeting's first session begin in five minutes, and the sweep see it; return its new times."""
    now = datetime.now(UTC)
    times = {"starts_at": now + timedelta(minutes=5), "ends_at": now + timedelta(minutes=50)}
    first = Occurrence.objects.filter(meeting=meeting_id).order_by("starts_at")[0]
    Occurrence.objects.filter(pk=first.pk).update(**times)
    Meeting.objects.filter(pk=meeting_id).update(updated_at=now - timedelta(minutes=5))
    assert give_due(now=now) == 1
    return times


def expected(meeting_id: UUID) -> str:
    token = BackupRoom.objects.get(occurrence__meeting=meeting_id).token
    return f"{settings.ENVIRONMENT.public_url}/meetings/{meeting_id}/backup?key={token}"


def zoom_has(meeting_id: UUID) -> None:
    Meeting.objects.filter(pk=meeting_id).update(zoom_meeting_id="123", join_url="https://zoom.example/j/123")


def test_session_says_where_it_is_held(api: Api) -> None:
    teacher = make_teacher()
    (session,) = make_sessions(api, teacher, make_course(api, teacher), 1)
    meeting_id = UUID(session["meeting_uuid"])
    time_passes_until_it_begins(meeting_id)

    def answered() -> Any:
        return api(teacher).get(f"/api/sessions/{session['id']}").json()["session"]["backup_room"]

    assert session["backup_room"] is None
    assert answered()["url"] == expected(meeting_id)
    zoom_has(meeting_id)
    assert answered() is None


def test_lesson_says_where_it_is_held(api: Api) -> None:
    booking = make_booking()
    confirm_booking(booking_id=booking.pk, now=datetime.now(UTC))
    booking.refresh_from_db()
    assert booking.meeting_id is not None
    times = time_passes_until_it_begins(booking.meeting_id)
    Booking.objects.filter(pk=booking.pk).update(**times)

    def answered() -> Any:
        answer = api(booking.student).get(f"/api/bookings/bookings/{booking.pk}/")
        return answer.json()["zoom_info"]["backup_room"]

    assert answered()["url"] == expected(booking.meeting_id)
    zoom_has(booking.meeting_id)
    assert answered() is None


def test_circle_says_where_it_is_held(api: Api) -> None:
    teacher = make_teacher()
    halaka = created(api, teacher)
    meeting = Meeting.objects.get(teacher=teacher)
    time_passes_until_it_begins(meeting.pk)

    def answered() -> Any:
        answer = api(teacher).get(f"/api/v1/halaka/{halaka['id']}").json()
        return answer["data"]["halaka"]["zoomMeeting"]["backupRoom"]

    assert halaka["zoomMeeting"]["backupRoom"] is None
    assert answered()["url"] == expected(meeting.pk)
    zoom_has(meeting.pk)
    assert answered() is None
