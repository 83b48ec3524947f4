"""Saying yes to a booking whose row is locked: its meeting is wanted, or it is a session or a seat of one."""

from datetime import datetime

from classbell.bookings import seats
from classbell.bookings.holding import hold_dates
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.signals import booking_changed
from classbell.meetings import claims
from classbell.meetings import services as meetings
from classbell.meetings.models import Audience, ClaimKind, Registrant


def confirm(booking: Booking, now: datetime) -> None:
    """Have a booking take place; the caller goes on to `sync_now`. Raises TeacherBusy, HostBusy."""
    if booking.series is not None:
        hold_dates(booking.series, [booking], now=now)
    elif booking.group_lesson is not None:
        seats.expect(booking, now=now)
    else:
        claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
        want_own_meeting(booking, now)
    booking.status, booking.lapses_at = BookingStatus.CONFIRMED, None
    booking.save(update_fields=["status", "lapses_at", "meeting", "updated_at"])
    booking_changed.send(Booking, booking=booking, what="confirmed")


def want_own_meeting(booking: Booking, now: datetime) -> None:
    """Want a meeting for a booking alone, and name it; saves nothing of the booking. Raises TeacherBusy."""
    booking.meeting = meetings.want_meeting(_meeting_spec(booking), now=now, soon=True)
    Registrant.objects.create(meeting=booking.meeting, user=booking.student)


def _meeting_spec(booking: Booking) -> meetings.MeetingSpec:
    return meetings.MeetingSpec(
        teacher=booking.teacher,
        title=f"{booking.student.name} · {booking.teacher.name}",
        description=booking.notes,
        starts_at=booking.starts_at,
        duration_minutes=booking.duration_minutes,
        timezone=booking.teacher.timezone,
        audience=Audience.INVITED,
        zoom_settings=booking.kind.meeting_settings if booking.kind is not None else {},
    )
