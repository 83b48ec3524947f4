"""Bookings in every state, near the start of their hour or far from it."""

from datetime import UTC, datetime, timedelta

from classbell.accounts.models import User
from classbell.bookings import outcomes, services
from classbell.bookings.models import Booking, BookingStatus
from tests.factories import make_student
from tests.factories_bookings import make_booking, make_tutor

A_WEEK = timedelta(days=7)
A_DAY = timedelta(days=1)


def make_lesson(
    status: BookingStatus = BookingStatus.PENDING,
    *,
    starts_in: timedelta = A_WEEK,
    minutes: int = 60,
    teacher: User | None = None,
    student: User | None = None,
) -> Booking:
    """Return a booking in this state, asked for a day ahead at the latest; with a negative `starts_in` it has begun."""
    now = datetime.now(UTC)
    starts_at = (now + starts_in).replace(second=0, microsecond=0)
    asked_at = min(now, starts_at - A_DAY)
    booking = make_booking(
        teacher=teacher or make_tutor(opens="00:00", closes="24:00"),
        student=student or make_student(),
        starts_at=starts_at,
        minutes=minutes,
        despite_overlap=True,  # whatever class the student has at this time of the day on which the tests run
        now=asked_at,
    )
    if status in {BookingStatus.CONFIRMED, BookingStatus.COMPLETED}:
        services.confirm_booking(booking_id=booking.pk, now=asked_at)
    if status == BookingStatus.COMPLETED:
        outcomes.complete_booking(booking_id=booking.pk, now=starts_at)
    if status == BookingStatus.CANCELLED:
        services.cancel_booking(booking_id=booking.pk, by=booking.student, reason="Ill", now=asked_at)
    return Booking.objects.with_people().get(pk=booking.pk)
