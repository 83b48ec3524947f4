"""A lesson is completed when its meeting ends at Zoom."""

from datetime import timedelta

import pytest

from classbell.bookings import outcomes, services
from classbell.meetings.signals import occurrence_ended, occurrence_reopened
from tests.factories_bookings import make_booking

pytestmark = pytest.mark.usefixtures("zoom_hosts")


@pytest.mark.parametrize(("minutes", "status"), [(10, "CONFIRMED"), (30, "COMPLETED"), (70, "COMPLETED")])
def test_end_in_the_second_half_completes_the_lesson(monkeypatch, minutes, status):
    booking = make_booking()
    services.confirm_booking(booking_id=booking.pk, now=booking.created_at)
    booking.refresh_from_db()
    assert booking.meeting
    occurrence = booking.meeting.occurrences.get()
    monkeypatch.setattr("django.utils.timezone.now", lambda: booking.starts_at + timedelta(minutes=minutes))

    occurrence_ended.send(sender=None, occurrence_id=occurrence.pk)

    booking.refresh_from_db()
    assert booking.status == status


@pytest.mark.parametrize(("minutes", "status"), [(-30, "CONFIRMED"), (45, "CONFIRMED"), (90, "COMPLETED")])
def test_lesson_whose_run_was_none_of_it_is_ahead_again_as_long_as_its_time_is_not_over(monkeypatch, minutes, status):
    booking = make_booking()
    services.confirm_booking(booking_id=booking.pk, now=booking.created_at)
    booking.refresh_from_db()
    assert booking.meeting
    occurrence = booking.meeting.occurrences.get()
    outcomes.complete_booking(booking_id=booking.pk, now=booking.starts_at)
    monkeypatch.setattr("django.utils.timezone.now", lambda: booking.starts_at + timedelta(minutes=minutes))

    occurrence_reopened.send(sender=None, occurrence_id=occurrence.pk)

    booking.refresh_from_db()
    assert booking.status == status
