"""A lesson's meeting has its times from its booking: nobody moves or cancels it beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from classbell.bookings import services
from classbell.bookings.models import BookingStatus
from classbell.meetings.models import Meeting
from tests.api_client import ApiClient
from tests.bookings.series.school import booked_series, open_tutor
from tests.factories import make_admin, make_student
from tests.factories_bookings import make_booking

pytestmark = pytest.mark.usefixtures("zoom_hosts")

Api = Callable[..., ApiClient]
REFUSED = (400, "is_a_lesson")


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("who", ["teacher", "admin"])
def test_a_lesson_is_moved_and_cancelled_by_its_booking_only(api: Api, who: str) -> None:
    booking = make_booking()
    services.confirm_booking(booking_id=booking.pk, now=booking.created_at)
    booking.refresh_from_db()
    assert booking.meeting
    client = api(booking.teacher if who == "teacher" else make_admin())
    path = f"/api/zoom/meetings/{booking.meeting.pk}"
    later = (booking.starts_at + timedelta(hours=1)).isoformat()

    moved, cancelled = client.patch(path, {"startTime": later}), client.delete(path)

    assert (said(moved), said(cancelled)) == (REFUSED, REFUSED)
    assert moved.json()["details"] == [{"booking_id": str(booking.pk)}]
    before = booking.starts_at, BookingStatus.CONFIRMED
    booking.refresh_from_db()
    assert (booking.starts_at, booking.status) == before
    assert Meeting.objects.get().starts_at == booking.starts_at


def test_what_a_lesson_is_called_may_be_changed(api: Api) -> None:
    booking = make_booking()
    services.confirm_booking(booking_id=booking.pk, now=booking.created_at)
    booking.refresh_from_db()
    assert booking.meeting

    answer = api(booking.teacher).patch(f"/api/zoom/meetings/{booking.meeting.pk}", {"title": "Tajweed, first steps"})

    assert answer.json()["meeting"]["title"] == "Tajweed, first steps"


def test_one_date_of_lessons_for_weeks_is_moved_and_cancelled_by_its_booking_only(api: Api) -> None:
    teacher = open_tutor()
    series = booked_series(by=teacher, student=make_student())
    series.refresh_from_db()
    assert series.meeting
    path = f"/api/zoom/meetings/{series.meeting.pk}"
    date = series.meeting.occurrences.earliest("starts_at")

    cancelled = api(teacher).delete(f"{path}?occurrence_id={date.pk}")
    moved = api(teacher).patch(path, {"occurrence_id": str(date.pk), "startTime": date.ends_at.isoformat()})

    assert (said(cancelled), said(moved)) == (REFUSED, REFUSED)
    assert cancelled.json()["details"] == [{"series_id": str(series.pk)}]
