"""What is planned already in a holiday: naming it, and cancelling it where somebody asks for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db.models import Q

from classbell.accounts.models import User
from classbell.bookings.lessons import NO_LESSON
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.services import cancel_booking
from classbell.errors import DomainError
from classbell.holidays.models import Holiday
from classbell.meetings.batches import cancel_occurrences
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.meetings.models.occurrence import OccurrenceQuerySet


@dataclass(frozen=True, kw_only=True, slots=True)
class Affected:
    """What begins in a holiday and is still to come: sessions, and lessons that were booked or asked for, in order."""

    sessions: Sequence[Occurrence]
    bookings: Sequence[Booking]

    @property
    def count(self) -> int:
        """How many there are together."""
        return len(self.sessions) + len(self.bookings)

    @property
    def fingerprint(self) -> str:
        """What tells whether it is still the same that somebody was shown."""
        keys = sorted(str(one.pk) for one in (*self.sessions, *self.bookings))
        return sha256(" ".join(keys).encode()).hexdigest()[:32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancelled:
    """How many were cancelled, and how many lessons could not be."""

    sessions: int = 0
    bookings: int = 0
    kept: int = 0


def lying_in(holiday: Holiday, *, now: datetime) -> Affected:
    """Return what lies in a holiday, saved or not. A session belongs to the day on which it begins. Two queries."""
    sessions = _sessions(holiday, now).filter(status=OccurrenceStatus.SCHEDULED)
    bookings = Booking.objects.live().filter(starts_at__gt=now, starts_at__gte=holiday.starts_at)
    bookings = bookings.filter(starts_at__lt=holiday.ends_at)
    if holiday.teacher is not None:
        bookings = bookings.filter(teacher=holiday.teacher)
    if holiday.group is not None:
        bookings = bookings.none()
    return Affected(
        sessions=list(
            sessions.select_related("meeting__group", "meeting__teacher", "substitute").order_by("starts_at")
        ),
        bookings=list(bookings.select_related("student", "teacher").order_by("starts_at")),
    )


def cancel_lying_in(holiday: Holiday, *, by: User, now: datetime, affected: Affected | None = None) -> Cancelled:
    """
    Cancel what lies in a holiday, or of it only what is `affected`; whom it concerns is told as always. Safe to repeat: what
    could not be cancelled the first time, or came to lie there since, is then.
    """
    affected = affected or lying_in(holiday, now=now)
    sessions = cancel_occurrences(
        occurrence_ids=[session.pk for session in affected.sessions], reason=holiday.reason, now=now
    )
    bookings = 0
    for booking in affected.bookings:
        try:
            cancel_booking(booking_id=booking.pk, by=by, reason=holiday.reason, now=now)
        except DomainError:
            # Cancelled or begun by now, or the rules for bookings forbid it: it is named by the page as still lying there.
            continue
        bookings += 1
    return Cancelled(sessions=sessions, bookings=bookings, kept=len(affected.bookings) - bookings)


def cancelled_for(holiday: Holiday, *, now: datetime) -> int:
    """Return how many sessions and lessons to come were cancelled for a holiday and stay so when it is removed."""
    sessions = _sessions(holiday, now).filter(
        status=OccurrenceStatus.CANCELLED, cancellation_reason__in=holiday.reasons_kept
    )
    bookings = Booking.objects.filter(
        status=BookingStatus.CANCELLED,
        cancellation_reason__in=holiday.reasons_kept,
        starts_at__gt=now,
        starts_at__gte=holiday.starts_at,
        starts_at__lt=holiday.ends_at,
    )
    if holiday.teacher is not None:
        bookings = bookings.filter(teacher=holiday.teacher)
    return sessions.count() + (0 if holiday.group is not None else bookings.count())


def _sessions(holiday: Holiday, now: datetime) -> OccurrenceQuerySet:
    rows = Occurrence.objects.filter(
        # A lesson is cancelled as one, so that its claim and its make-up lesson go along.
        NO_LESSON,
        starts_at__gt=now,
        starts_at__gte=holiday.starts_at,
        starts_at__lt=holiday.ends_at,
        meeting__wanted=True,
    )
    if holiday.group is not None:
        return rows.filter(meeting__group=holiday.group)
    if holiday.teacher is not None:
        return rows.filter(Q(substitute=holiday.teacher) | Q(substitute=None, meeting__teacher=holiday.teacher))
    return rows
