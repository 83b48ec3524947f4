"""An academy's rules, applied. A rule that refuses says itself in the error."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, Reschedule
from classbell.bookings.refusals import NoticeTooShort, TooManyReschedules


def policy_of(teacher_id: UUID) -> BookingPolicy:
    """Return the rules for a teacher's bookings: the teacher's own, else those for all, else the defaults (not saved)."""
    rules = BookingPolicy.objects.filter(teacher=teacher_id) | BookingPolicy.objects.filter(teacher=None)
    return rules.order_by(F("teacher").asc(nulls_last=True)).first() or BookingPolicy()


def lapses_at(policy: BookingPolicy, *, requested_at: datetime, starts_at: datetime) -> datetime:
    """Return when a request that nobody answers is given up: at its start at the latest."""
    return min(requested_at + timedelta(hours=policy.request_lapses_after_hours), starts_at)


def check_cancel(booking: Booking, user: User, policy: BookingPolicy, *, now: datetime) -> None:
    """Raise NoticeTooShort when this person may not cancel so late. A request can always be taken back."""
    hours = policy.cancel_notice_hours
    if hours and _is_bound(booking, user) and booking.starts_at - now < timedelta(hours=hours):
        raise NoticeTooShort(hours=hours, starts_at=booking.starts_at, moving=False)


def check_reschedule(booking: Booking, user: User, policy: BookingPolicy, *, moved: int, now: datetime) -> None:
    """
    Raise NoticeTooShort or TooManyReschedules when this person may not move the booking; `moved` is how many bookings they
    moved this month.
    """
    if not _is_bound(booking, user):
        return
    hours = policy.reschedule_notice_hours
    if hours and booking.starts_at - now < timedelta(hours=hours):
        raise NoticeTooShort(hours=hours, starts_at=booking.starts_at, moving=True)
    if policy.reschedules_per_month is not None and moved >= policy.reschedules_per_month:
        raise TooManyReschedules(allowed=policy.reschedules_per_month)


def moves_this_month(student: User, teacher_id: UUID, *, now: datetime) -> int:
    """Count how often a student moved confirmed lessons with this teacher in the present month of the student's clock."""
    month = now.astimezone(student.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Reschedule.objects.filter(
        by=student, booking__teacher=teacher_id, counts=True, created_at__gte=month
    ).count()


def _is_bound(booking: Booking, user: User) -> bool:
    return user.pk == booking.student_id and booking.status == BookingStatus.CONFIRMED
