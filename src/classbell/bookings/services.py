"""
Every change of a booking's state: the booking's row locked, its state checked after locking, one transaction.

The teacher's row is locked before a time is chosen by availability: buffers are not in the claims, so two neighbours must
not be booked side by side at the same moment. Whatever else happens, the claims refuse to double-book anyone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, policies
from classbell.bookings.errors import (
    BookingClosed,
    BookingNotConfirmed,
    BookingNotPending,
    BookingNotStarted,
    BookingStarted,
    InvalidPeriod,
    NoSuchBooking,
    OverlapsOwnSessions,
    SlotUnavailable,
    StudentBusy,
    TeacherWasThere,
)
from classbell.bookings.models import Booking, BookingStatus, NoShow, Reschedule
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.queries import own_claims, sessions_at
from classbell.bookings.slots import fits
from classbell.meetings import claims
from classbell.meetings import services as meetings
from classbell.meetings.changes import MeetingChanges, change_meeting, want_again
from classbell.meetings.claims import NewClaim
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import Audience, ClaimKind, Meeting, Occurrence, Registrant


def request_booking(
    *,
    student: User,
    teacher_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    notes: str = "",
    use_credit: bool = False,
    despite_overlap: bool = False,
    now: datetime,
) -> Booking:
    """
    Ask a teacher for a lesson. It holds the time until it is answered or lapses; teachers who confirm by themselves have
    confirmed it when this returns, its meeting wanted.

    A student who is expected elsewhere then has to say `despite_overlap`: some mean to skip that session, nobody by mistake.

    Raises TeacherNotFound, SlotUnavailable, StudentBusy, InvalidPeriod, NoCredit, TooManyOpenRequests, OverlapsOwnSessions.
    """
    _check_period(starts_at, ends_at)
    # Asked before anything is locked, so that a crowd after one slot is turned away at once.
    if not fits(teacher_id=teacher_id, starts_at=starts_at, ends_at=ends_at, now=now):
        raise SlotUnavailable
    if not despite_overlap:
        _check_overlap(student, starts_at, ends_at)
    with transaction.atomic():
        # The student too, so that two requests at once to two teachers are counted one after the other.
        _lock_people(student.pk, teacher_id)
        if not fits(teacher_id=teacher_id, starts_at=starts_at, ends_at=ends_at, now=now):
            raise SlotUnavailable
        policy = policies.policy_of(teacher_id)
        policies.check_request(student, teacher_id, policy, now=now)
        teacher = User.objects.get(pk=teacher_id)
        booking = Booking(
            student=student,
            teacher=teacher,
            starts_at=starts_at,
            ends_at=ends_at,
            notes=notes,
            lapses_at=policies.lapses_at(policy, requested_at=now, starts_at=starts_at),
        )
        booking.save()
        _hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)
        if use_credit:
            makeup.use(booking, now=now)
        if getattr(teacher, "teaching", None) is not None and teacher.teaching.auto_confirm:
            _confirm(booking, now)
            notifications.booked_at_once(booking, now=now)
        else:
            notifications.requested(booking, now=now)
    return booking


def confirm_booking(*, booking_id: UUID, now: datetime) -> Booking:
    """
    Say yes to a request and want its meeting; the caller goes on to `sync_now`.

    Raises BookingNotPending, BookingStarted.
    """
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status != BookingStatus.PENDING:
            raise BookingNotPending(booking.status)
        if booking.starts_at <= now:
            raise BookingStarted
        _confirm(booking, now)
        notifications.confirmed(booking, now=now)
    return booking


def decline_booking(*, booking_id: UUID, by: User, reason: str, now: datetime) -> Booking:
    """Say no to a request; its time is free. Raises BookingNotPending."""
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status != BookingStatus.PENDING:
            raise BookingNotPending(booking.status)
        _close(booking, reason=reason or reasons.DECLINED, by=by, now=now)
        notifications.declined(booking, now=now)
    return booking


def reschedule_booking(
    *,
    booking_id: UUID,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    despite_overlap: bool = False,
    now: datetime,
) -> Reschedule:
    """
    Move a booking; a confirmed one's meeting follows, and the caller goes on to `sync_now`.

    Students move to free slots, within the policy, and where they are expected elsewhere only `despite_overlap`. Teachers and
    admins move to any time at which both are free. To the time that it has, as when somebody asks twice, nothing moves: no
    move is kept or told, and none of the month's is used up.

    Raises SlotUnavailable, StudentBusy, BookingClosed, BookingStarted, InvalidPeriod, NoticeTooShort, TooManyReschedules,
    OverlapsOwnSessions.
    """
    _check_period(starts_at, ends_at)
    with transaction.atomic():
        booking = _locked(booking_id)
        _check_open(booking, now)
        _lock_people(booking.student_id, booking.teacher_id)
        is_own_student = by.pk == booking.student_id
        move = Reschedule(
            booking=booking,
            by=by,
            old_starts_at=booking.starts_at,
            old_ends_at=booking.ends_at,
            new_starts_at=starts_at,
            new_ends_at=ends_at,
            reason=reason,
            counts=is_own_student and booking.status == BookingStatus.CONFIRMED,
            created_at=now,
        )
        if (starts_at, ends_at) == (booking.starts_at, booking.ends_at):
            return move
        policy = policies.policy_of(booking.teacher_id)
        moved = policies.moves_this_month(by, [booking.teacher_id], now=now)[booking.teacher_id]
        policies.check_reschedule(booking, by, policy, moved=moved, now=now)
        _check_slot(booking, starts_at, ends_at, by_availability=is_own_student, now=now)
        if is_own_student and not despite_overlap:
            _check_overlap(by, starts_at, ends_at)
        move.save(force_insert=True)
        booking.starts_at, booking.ends_at = starts_at, ends_at
        if booking.lapses_at is not None:
            booking.lapses_at = policies.lapses_at(policy, requested_at=booking.created_at, starts_at=starts_at)
        booking.save(update_fields=["starts_at", "ends_at", "lapses_at", "updated_at"])
        _move_claims(booking, now)
        notifications.moved(booking, move, now=now)
    return move


def cancel_booking(*, booking_id: UUID, by: User, reason: str = "", now: datetime) -> Booking:
    """
    Call a booking off: its time is free, its meeting no longer wanted; the caller goes on to `sync_now`.

    Raises BookingClosed, BookingStarted, NoticeTooShort.
    """
    with transaction.atomic():
        booking = _locked(booking_id)
        _check_open(booking, now)
        policies.check_cancel(booking, by, policies.policy_of(booking.teacher_id), now=now)
        _close(booking, reason=reason, by=by, now=now)
        notifications.cancelled(booking, by=by, now=now)
    return booking


def want_meeting_again(*, booking_id: UUID, now: datetime) -> Meeting:
    """
    Want a confirmed booking's meeting once more, whatever became of the one before; the caller goes on to `sync_now`.

    Raises BookingNotConfirmed.
    """
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        if booking.meeting is not None and booking.meeting.wanted:
            meetings.retry_sync(meeting_id=booking.meeting.pk, now=now)
            return booking.meeting
        claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
        if booking.meeting is None:
            _spec(booking, now)
        else:
            booking.meeting = want_again(meeting=booking.meeting, changes=_when(booking), now=now, soon=True)
        booking.save(update_fields=["meeting", "updated_at"])
    assert booking.meeting is not None  # noqa: S101 -- just wanted
    return booking.meeting


def complete_booking(*, booking_id: UUID, now: datetime) -> Booking:
    """Say that a lesson took place. Raises BookingNotConfirmed, BookingNotStarted."""
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        if booking.starts_at > now:
            raise BookingNotStarted
        _complete(booking, now)
    return booking


def complete_after_meeting(*, occurrence_id: UUID, now: datetime) -> None:
    """
    Complete the confirmed booking whose meeting has just ended at Zoom, if half of its time had passed by then, or a person
    said that this was the lesson.
    """
    booking_id = (
        Booking.objects.filter(status=BookingStatus.CONFIRMED, meeting__occurrences=occurrence_id)
        .values_list("pk", flat=True)
        .first()
    )
    if booking_id is None:
        return
    with transaction.atomic():
        booking = _locked(booking_id)
        half = booking.starts_at + (booking.ends_at - booking.starts_at) / 2
        was_said = Occurrence.objects.filter(pk=occurrence_id, is_held_as_said=True).exists()
        if booking.status == BookingStatus.CONFIRMED and (now >= half or was_said):
            _complete(booking, now)


def reopen_after_meeting(*, occurrence_id: UUID, now: datetime) -> None:
    """Let a lesson whose time is not over be ahead again: what completed it was no run of its meeting after all."""
    completed = Booking.objects.filter(
        status=BookingStatus.COMPLETED, meeting__occurrences=occurrence_id, ends_at__gt=now, no_show=""
    )
    booking_id = completed.values_list("pk", flat=True).first()
    if booking_id is None:
        return
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status == BookingStatus.COMPLETED:
            booking.status = BookingStatus.CONFIRMED
            booking.save(update_fields=["status", "updated_at"])


def complete_ended(*, now: datetime) -> int:
    """Complete the confirmed bookings whose time is over. Returns how many."""
    ended = _ids(Booking.objects.filter(status=BookingStatus.CONFIRMED, ends_at__lte=now))
    done = 0
    for booking_id in ended:
        with transaction.atomic():
            booking = _locked(booking_id)
            if booking.status == BookingStatus.CONFIRMED and booking.ends_at <= now:
                _complete(booking, now)
                done += 1
    return done


def lapse_requests(*, now: datetime) -> int:
    """Give up the requests that nobody answered in time, and tell the students. Returns how many."""
    overdue = _ids(Booking.objects.filter(status=BookingStatus.PENDING, lapses_at__lte=now))
    lapsed = 0
    for booking_id in overdue:
        with transaction.atomic():
            booking = _locked(booking_id)
            if booking.status == BookingStatus.PENDING and booking.lapses_at is not None and booking.lapses_at <= now:
                _close(booking, reason=reasons.NOBODY_ANSWERED, by=None, now=now)
                notifications.lapsed(booking, now=now)
                lapsed += 1
    return lapsed


def report_no_show(*, booking_id: UUID, who: NoShow, by: User, now: datetime) -> Booking:
    """
    Say that one side did not come. The student's absence completes the booking; the teacher's cancels it and gives the
    student what the policy says.

    A student is believed unless the meeting was started at Zoom. Raises BookingNotConfirmed, TooEarlyForNoShow,
    TeacherWasThere.
    """
    with transaction.atomic():
        booking = _locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        policy = policies.policy_of(booking.teacher_id)
        policies.check_no_show(booking, policy, now=now)
        if who == NoShow.TEACHER and not by.is_admin and _was_started(booking):
            raise TeacherWasThere
        booking.no_show = who
        booking.save(update_fields=["no_show", "updated_at"])
        if who == NoShow.STUDENT:
            _complete(booking, now)
        else:
            makeup.grant(booking, policy, now=now)
            _close(booking, reason=reasons.TEACHER_AWAY, by=by, now=now)
        notifications.missed(booking, now=now)
    return booking


def _confirm(booking: Booking, now: datetime) -> None:
    claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
    _spec(booking, now)
    booking.status, booking.lapses_at = BookingStatus.CONFIRMED, None
    booking.save(update_fields=["status", "lapses_at", "meeting", "updated_at"])


def _spec(booking: Booking, now: datetime) -> None:
    booking.meeting = meetings.want_meeting(_meeting_spec(booking), now=now, soon=True)
    Registrant.objects.create(meeting=booking.meeting, user=booking.student)


def _when(booking: Booking) -> MeetingChanges:
    return {"starts_at": booking.starts_at, "duration_minutes": booking.duration_minutes}


def _meeting_spec(booking: Booking) -> meetings.MeetingSpec:
    return meetings.MeetingSpec(
        teacher=booking.teacher,
        title=f"{booking.student.name} · {booking.teacher.name}",
        description=booking.notes,
        starts_at=booking.starts_at,
        duration_minutes=booking.duration_minutes,
        timezone=booking.teacher.timezone,
        audience=Audience.INVITED,
    )


def _complete(booking: Booking, now: datetime) -> None:
    booking.status = BookingStatus.COMPLETED
    booking.save(update_fields=["status", "updated_at"])
    notifications.completed(booking, now=now)


def _close(booking: Booking, *, reason: str, by: User | None, now: datetime) -> None:
    booking.status = BookingStatus.CANCELLED
    booking.cancellation_reason, booking.cancelled_by, booking.lapses_at = reason[:500], by, None
    booking.save(update_fields=["status", "cancellation_reason", "cancelled_by", "lapses_at", "updated_at"])
    claims.release_held(held_by=booking.pk)
    makeup.give_back(booking)
    if booking.meeting is not None:
        meetings.cancel_meeting(meeting_id=booking.meeting.pk, now=now, reason=reason)


def _check_slot(
    booking: Booking, starts_at: datetime, ends_at: datetime, *, by_availability: bool, now: datetime
) -> None:
    """What a student wants must be a free slot; a teacher knows better, and only the claims may object."""
    if not by_availability:
        if starts_at <= now:
            raise SlotUnavailable
        return
    own = own_claims(booking)
    if not fits(teacher_id=booking.teacher_id, starts_at=starts_at, ends_at=ends_at, now=now, own_claims=own):
        raise SlotUnavailable


def _check_overlap(student: User, starts_at: datetime, ends_at: datetime) -> None:
    sessions = sessions_at(student, starts_at=starts_at, ends_at=ends_at)
    if sessions:
        raise OverlapsOwnSessions(sessions)


def _move_claims(booking: Booking, now: datetime) -> None:
    claims.release_held(held_by=booking.pk)
    if booking.status == BookingStatus.PENDING:
        _hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)
        return
    _hold(booking, ClaimKind.STUDENT)
    assert booking.meeting is not None  # noqa: S101 -- confirming made it
    try:
        change_meeting(meeting_id=booking.meeting.pk, changes=_when(booking), now=now, soon=True)
    except TeacherBusy as error:
        raise SlotUnavailable from error


def _hold(booking: Booking, *kinds: ClaimKind) -> None:
    """Claim the booking's time for these people. Raises SlotUnavailable, StudentBusy."""
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
        raise StudentBusy


def _check_period(starts_at: datetime, ends_at: datetime) -> None:
    minutes = (ends_at - starts_at) / timedelta(minutes=1)
    # Zoom knows no fractions of a second and counts a meeting's length in minutes.
    if starts_at.second or starts_at.microsecond or minutes % 1:
        raise InvalidPeriod(_("A lesson starts and ends on a whole minute."))
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidPeriod(
            _("A lesson lasts %(shortest)s to %(longest)s minutes.")
            % {"shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
        )


def _check_open(booking: Booking, now: datetime) -> None:
    if not booking.is_live:
        raise BookingClosed(booking.status)
    if booking.starts_at <= now:
        raise BookingStarted


def _was_started(booking: Booking) -> bool:
    return booking.meeting is not None and booking.meeting.occurrences.filter(actual_starts_at__isnull=False).exists()


def _lock_people(student_id: UUID, teacher_id: UUID) -> None:
    # Two lessons moved into each other's time free theirs and then wait for the other's for ever, unless they take turns.
    # Weaker than what the foreign keys of other rows ask for: only those who choose a time wait for each other.
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[student_id, teacher_id])
    list(people.order_by("pk").values_list("pk"))


def _locked(booking_id: UUID) -> Booking:
    """Raises NoSuchBooking."""
    # In two statements: a row that was waited for is read as it is now, but what is joined to it as it was before.
    if not Booking.objects.select_for_update().filter(pk=booking_id).values_list("pk").first():
        raise NoSuchBooking
    return Booking.objects.select_related("student", "teacher", "meeting").get(pk=booking_id)


def _ids(bookings: QuerySet[Booking]) -> Sequence[UUID]:
    return list(bookings.values_list("pk", flat=True))
