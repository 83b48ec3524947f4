"""An academy's rules, applied. A rule that refuses says itself in the error."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from classbell.accounts.models import User
from classbell.bookings.errors import NoticeTooShort, TooEarlyForNoShow, TooManyOpenRequests, TooManyReschedules
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, Reschedule

DAYS_TO_MAKE_UP: Final = 30

RULES: Final = (
    "cancel_notice_hours",
    "reschedule_notice_hours",
    "reschedules_per_month",
    "open_requests_with_teacher",
    "open_requests_in_all",
    "request_lapses_after_hours",
    "no_show_after_minutes",
    "makeup_credit_days",
    "late_cancellation_takes_lesson",
    "no_show_returns_lesson",
)


def policy_of(teacher_id: UUID | None) -> BookingPolicy:
    """
    Return the rules for a teacher's bookings: the teacher's own, else those for all, else the defaults (not saved). None
    asks for those for all.
    """
    rules = BookingPolicy.objects.filter(teacher=teacher_id) | BookingPolicy.objects.filter(teacher=None)
    return rules.order_by(F("teacher").asc(nulls_last=True)).first() or BookingPolicy()


def change_policy(*, teacher_id: UUID | None, changes: Mapping[str, int | bool | None]) -> BookingPolicy:
    """
    Change what is named of a teacher's own rules, or with None of those for all; the values have been checked.

    A teacher's first own rules begin as those that held until then.
    """
    held = policy_of(teacher_id)
    begin = {name: getattr(held, name) for name in RULES}
    policy, _created = BookingPolicy.objects.update_or_create(
        teacher_id=teacher_id, defaults=dict(changes), create_defaults=begin | dict(changes)
    )
    return policy


def drop_policy(*, teacher_id: UUID) -> None:
    """Take a teacher's own rules away: back to the rules for all. Safe to repeat."""
    BookingPolicy.objects.filter(teacher=teacher_id).delete()


def lapses_at(policy: BookingPolicy, *, requested_at: datetime, starts_at: datetime) -> datetime:
    """Return when a request that nobody answers is given up: at its start at the latest."""
    return min(requested_at + timedelta(hours=policy.request_lapses_after_hours), starts_at)


def days_to_make_up(teacher_id: UUID | None) -> int:
    """Return how long a make-up lesson with a teacher holds that the school gives, where it does not say."""
    return policy_of(teacher_id).makeup_credit_days or DAYS_TO_MAKE_UP


def check_request(student: User, teacher_id: UUID, policy: BookingPolicy, *, asked: int = 1, now: datetime) -> None:
    """
    Raise TooManyOpenRequests when this student, with as many more as are `asked` for, would have more lessons ahead than they
    may that nobody has said yes to: requests that wait, and lessons that were confirmed automatically. One query.
    """
    nobody_said_yes = Q(status=BookingStatus.PENDING) | Q(
        status=BookingStatus.CONFIRMED, teacher__teaching__auto_confirm=True
    )
    ahead = Booking.objects.filter(nobody_said_yes, student=student, starts_at__gt=now)
    with_teacher = Counter(ahead.values_list("teacher", flat=True))
    allowed = policy.open_requests_with_teacher
    if allowed is not None and with_teacher[teacher_id] + asked > allowed:
        raise TooManyOpenRequests(allowed=allowed, in_all=False, left=allowed - with_teacher[teacher_id])
    allowed = policy.open_requests_in_all
    if allowed is not None and with_teacher.total() + asked > allowed:
        raise TooManyOpenRequests(allowed=allowed, in_all=True, left=allowed - with_teacher.total())


def check_cancel(
    booking: Booking, user: User, policy: BookingPolicy, *, takes_a_lesson: bool = False, now: datetime
) -> None:
    """
    Raise NoticeTooShort when this person may not cancel so late. A request can always be taken back; so can what
    `takes_a_lesson` of the student's balance where the policy lets it be lost.
    """
    hours = policy.cancel_notice_hours
    if hours and is_late(booking, user, policy, now=now):
        if takes_a_lesson and policy.late_cancellation_takes_lesson:
            return
        raise NoticeTooShort(hours=hours, starts_at=booking.starts_at, moving=False)


def is_late(booking: Booking, user: User, policy: BookingPolicy, *, now: datetime) -> bool:
    """Whether this person cancels later than the policy has students do it."""
    hours = policy.cancel_notice_hours
    return bool(hours) and _is_bound(booking, user) and booking.starts_at - now < timedelta(hours=hours or 0)


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


def check_no_show(booking: Booking, policy: BookingPolicy, *, now: datetime) -> None:
    """Raise TooEarlyForNoShow while the other one may only be late."""
    if now < booking.starts_at + timedelta(minutes=policy.no_show_after_minutes):
        raise TooEarlyForNoShow(minutes=policy.no_show_after_minutes)


def moves_this_month(student: User, teacher_ids: Collection[UUID], *, now: datetime) -> Counter[UUID]:
    """
    Count how often a student moved confirmed lessons in the present month of the student's clock, by teacher.

    One query, none without teachers.
    """
    month = now.astimezone(student.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = Reschedule.objects.filter(booking__student=student, counts=True, created_at__gte=month)
    moves = counted.filter(booking__teacher__in=teacher_ids)
    return Counter(moves.values_list("booking__teacher", flat=True))


def _is_bound(booking: Booking, user: User) -> bool:
    return user.pk == booking.student_id and booking.status == BookingStatus.CONFIRMED
