"""Moving one session, of whatever kind: what it would mean, and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from classbell.accounts.models import User
from classbell.bookings import services as bookings
from classbell.bookings.lessons import lesson_of
from classbell.bookings.models import Booking
from classbell.errors import DomainError
from classbell.meetings import occurrences
from classbell.meetings.audience import expected_people
from classbell.meetings.errors import Clash
from classbell.meetings.models import Occurrence
from classbell.rehearsal import rehearsal


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequences:
    """
    What a move would do: how many people it concerns; `refusal` says why it cannot be, and `clashes` with what.
    """

    starts_at: datetime
    ends_at: datetime
    people: int
    refusal: str
    clashes: Sequence[Clash]


def move_occurrence(occurrence: Occurrence, *, starts_at: datetime, by: User, now: datetime) -> None:
    """
    Hold a session at another time, as long as before. A lesson's booking moves with it.

    Raises what the rules of its kind raise: TeacherBusy, HostBusy, OccurrenceOver; of bookings SlotUnavailable and others.
    """
    booking = lesson_of(occurrence)
    if isinstance(booking, Booking):
        length = occurrence.ends_at - occurrence.starts_at
        bookings.reschedule_booking(
            booking_id=booking.pk, by=by, starts_at=starts_at, ends_at=starts_at + length, now=now
        )
    else:
        occurrences.move_occurrence(occurrence_id=occurrence.pk, starts_at=starts_at, now=now)


def consequences_of(occurrence: Occurrence, *, starts_at: datetime, by: User, now: datetime) -> Consequences:
    """Return what moving a session would do, by doing it and taking it back."""
    refusal, clashes = "", ()
    try:
        with rehearsal():
            move_occurrence(occurrence, starts_at=starts_at, by=by, now=now)
    except DomainError as error:
        refusal, clashes = str(error), tuple(getattr(error, "clashes", ()))
    return Consequences(
        starts_at=starts_at,
        ends_at=starts_at + (occurrence.ends_at - occurrence.starts_at),
        people=expected_people(occurrence.meeting).exclude(pk=by.pk).count(),
        refusal=refusal,
        clashes=clashes,
    )
