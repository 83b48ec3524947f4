"""The time of a booking: whether it may be had, and holding it for both of its people."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.bookings import seats
from classbell.bookings.errors import InvalidPeriod, OverlapsOwnSessions, SlotUnavailable, StudentBusy, StudentTeaches
from classbell.bookings.models import Booking, BookingStatus
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.queries import own_claims, sessions_at
from classbell.bookings.slots import fits
from classbell.meetings import claims
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.claims import NewClaim
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind
from classbell.meetings.occurrences import move_occurrence


def meeting_time(booking: Booking) -> MeetingChanges:
    """Return a booking's time as its meeting has it."""
    return {"starts_at": booking.starts_at, "duration_minutes": booking.duration_minutes}


def check_slot(
    booking: Booking, starts_at: datetime, ends_at: datetime, *, by_availability: bool, now: datetime
) -> None:
    """
    Raise SlotUnavailable where a booking cannot move: what a student wants must be a free slot; a teacher knows better, and
    only the claims may object.
    """
    if not by_availability:
        if starts_at <= now:
            raise SlotUnavailable
        return
    own = own_claims(booking)
    if not fits(
        teacher_id=booking.teacher_id, starts_at=starts_at, ends_at=ends_at, now=now, own_claims=own, kind=booking.kind
    ):
        raise SlotUnavailable


def check_overlap(student: User, starts_at: datetime, ends_at: datetime) -> None:
    """Raise OverlapsOwnSessions when a student is expected elsewhere at that time."""
    sessions = sessions_at(student, starts_at=starts_at, ends_at=ends_at)
    if sessions:
        raise OverlapsOwnSessions(sessions)


def move_claims(booking: Booking, now: datetime) -> None:
    """
    Hold the booking's new time in place of the one before, by its meeting when it has one.

    Raises SlotUnavailable, StudentBusy, StudentTeaches.
    """
    claims.release_held(held_by=booking.pk)
    is_seat = booking.group_lesson is not None
    if booking.status == BookingStatus.PENDING and not is_seat:
        hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)
        return
    hold(booking, ClaimKind.STUDENT)
    try:
        if is_seat:
            if booking.status == BookingStatus.CONFIRMED:
                seats.expect(booking, now=now)
            return
        if booking.occurrence is not None:
            move_occurrence(
                occurrence_id=booking.occurrence.pk,
                starts_at=booking.starts_at,
                duration_minutes=booking.duration_minutes,
                now=now,
            )
            return
        assert booking.meeting is not None  # noqa: S101 -- confirming made it
        change_meeting(meeting_id=booking.meeting.pk, changes=meeting_time(booking), now=now, soon=True)
    except TeacherBusy as error:
        raise SlotUnavailable from error


def hold(booking: Booking, *kinds: ClaimKind) -> None:
    """Claim the booking's time for these people. Raises SlotUnavailable, StudentBusy, StudentTeaches."""
    person = {ClaimKind.TEACHER: booking.teacher_id, ClaimKind.STUDENT: booking.student_id}
    refused = claims.take(
        NewClaim(
            kind=kind,
            resource_id=person[kind],
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            held_by=booking.pk,
        )
        for kind in kinds
    )
    if any(claim.kind == ClaimKind.TEACHER for claim in refused):
        raise SlotUnavailable
    if refused:
        raise StudentTeaches(booking.student.name) if _teaches(refused) else StudentBusy


def _teaches(refused: list[NewClaim]) -> bool:
    """Whether what stands in a student's way is something that they teach: one person is in one place."""
    return any(blocker.kind == ClaimKind.TEACHER for _claim, blocker in claims.conflicting(refused))


def check_period(starts_at: datetime, ends_at: datetime) -> None:
    """Raise InvalidPeriod unless a lesson may start then and be that long."""
    minutes = (ends_at - starts_at) / timedelta(minutes=1)
    # Zoom knows no fractions of a second and counts a meeting's length in minutes.
    if starts_at.second or starts_at.microsecond or minutes % 1:
        raise InvalidPeriod(_("A lesson starts and ends on a whole minute."))
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidPeriod(
            _("A lesson lasts %(shortest)s to %(longest)s minutes.")
            % {"shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
        )


def lock_people(*ids: UUID) -> None:
    """Have whoever chooses a time of one of these people wait until this transaction is over."""
    # Two lessons moved into each other's time free theirs and then wait for the other's for ever, unless they take turns.
    # Weaker than what the foreign keys of other rows ask for: only those who choose a time wait for each other.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=ids)
    list(people.order_by("pk").values_list("pk"))
