"""
What becomes of bookings: completed, lapsed, missed. Each change as in `services`: the row locked, its state checked after
locking, one transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, policies
from classbell.bookings.errors import BookingNotConfirmed, BookingNotStarted, TeacherWasThere
from classbell.bookings.lessons import lessons_at
from classbell.bookings.models import Booking, BookingStatus, NoShow
from classbell.bookings.series import notifications as series_notifications
from classbell.bookings.series.services import bound_to, locked_series
from classbell.bookings.services import close, close_dates, locked
from classbell.bookings.signals import booking_changed
from classbell.meetings.models import Occurrence


def complete_booking(*, booking_id: UUID, now: datetime) -> Booking:
    """Say that a lesson took place. Raises BookingNotConfirmed, BookingNotStarted."""
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        if booking.starts_at > now:
            raise BookingNotStarted
        _complete(booking, now)
    return booking


def complete_after_meeting(*, occurrence_id: UUID, now: datetime) -> None:
    """
    Complete the confirmed bookings whose meeting has just ended at Zoom, if half of its time had passed by then, or a person
    said that this was the lesson.
    """
    for booking_id in _ids(lessons_at(occurrence_id).filter(status=BookingStatus.CONFIRMED)):
        with transaction.atomic():
            booking = locked(booking_id)
            half = booking.starts_at + (booking.ends_at - booking.starts_at) / 2
            was_said = Occurrence.objects.filter(pk=occurrence_id, is_held_as_said=True).exists()
            if booking.status == BookingStatus.CONFIRMED and (now >= half or was_said):
                _complete(booking, now)


def reopen_after_meeting(*, occurrence_id: UUID, now: datetime) -> None:
    """Let a lesson whose time is not over be ahead again: what completed it was no run of its meeting after all."""
    completed = lessons_at(occurrence_id).filter(status=BookingStatus.COMPLETED, ends_at__gt=now, no_show="")
    for booking_id in _ids(completed):
        with transaction.atomic():
            booking = locked(booking_id)
            if booking.status == BookingStatus.COMPLETED:
                booking.status = BookingStatus.CONFIRMED
                booking.save(update_fields=["status", "updated_at"])
                booking_changed.send(Booking, booking=booking, what="confirmed")


def complete_ended(*, now: datetime) -> int:
    """Complete the confirmed bookings whose time is over. Returns how many."""
    ended = _ids(Booking.objects.filter(status=BookingStatus.CONFIRMED, ends_at__lte=now))
    done = 0
    for booking_id in ended:
        with transaction.atomic():
            booking = locked(booking_id)
            if booking.status == BookingStatus.CONFIRMED and booking.ends_at <= now:
                _complete(booking, now)
                done += 1
    return done


def lapse_requests(*, now: datetime) -> int:
    """Give up the requests that nobody answered in time, and tell the students. Returns how many."""
    waiting = Booking.objects.filter(status=BookingStatus.PENDING, lapses_at__lte=now)
    lapsed = sum(_lapse_dates(series_id, now) for series_id in _series_of(waiting))
    for booking_id in _ids(waiting.filter(series=None)):
        with transaction.atomic():
            booking = locked(booking_id)
            if booking.status == BookingStatus.PENDING and booking.lapses_at is not None and booking.lapses_at <= now:
                close(booking, reason=_why_lapsed(booking), by=None, now=now)
                if not booking.is_held:
                    notifications.lapsed(booking, now=now)
                lapsed += 1
    return lapsed


def _why_lapsed(booking: Booking) -> str:
    if booking.awaits_payment:
        return reasons.NOT_PAID
    return reasons.NOT_CONFIRMED if booking.is_held else reasons.NOBODY_ANSWERED


def _lapse_dates(series_id: UUID, now: datetime) -> int:
    """Give up what nobody answered of a series in time, and tell its student once. Returns how many dates."""
    with transaction.atomic():
        series = locked_series(series_id)
        waiting = series.dates.filter(status=BookingStatus.PENDING, lapses_at__lte=now)
        overdue = bound_to(series, waiting)
        if overdue:
            close_dates(overdue, reason=reasons.NOBODY_ANSWERED, by=None, now=now)
            series_notifications.lapsed(series, overdue, now=now)
    return len(overdue)


def report_no_show(*, booking_id: UUID, who: NoShow, by: User, now: datetime) -> Booking:
    """
    Say that one side did not come. The student's absence completes the booking; the teacher's cancels it and gives the
    student what the policy says.

    A student is believed unless the meeting was started at Zoom. Raises BookingNotConfirmed, TooEarlyForNoShow,
    TeacherWasThere.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        policy = policies.policy_of(booking.teacher_id)
        policies.check_no_show(booking, policy, now=now)
        if who == NoShow.TEACHER and not by.is_admin and _was_started(booking):
            raise TeacherWasThere
        booking.no_show = who
        booking.save(update_fields=["no_show", "updated_at"])
        if who == NoShow.STUDENT:
            if policy.no_show_returns_lesson:
                makeup.give_back(booking, by=by, now=now)
            _complete(booking, now)
        else:
            makeup.grant(booking, policy, by=by, now=now)
            close(booking, reason=reasons.TEACHER_AWAY, by=by, now=now)
        notifications.missed(booking, now=now)
    return booking


def _complete(booking: Booking, now: datetime) -> None:
    booking.status = BookingStatus.COMPLETED
    booking.save(update_fields=["status", "updated_at"])
    booking_changed.send(Booking, booking=booking, what="completed")
    notifications.completed(booking, now=now)


def _was_started(booking: Booking) -> bool:
    session = booking.session
    return session is not None and session.actual_starts_at is not None


def _series_of(bookings: QuerySet[Booking]) -> Sequence[UUID]:
    return list(bookings.exclude(series=None).order_by("series").values_list("series", flat=True).distinct())


def _ids(bookings: QuerySet[Booking]) -> Sequence[UUID]:
    return list(bookings.values_list("pk", flat=True))
