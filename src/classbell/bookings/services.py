"""
Every change of a booking's state: the booking's row locked, its state checked after locking, one transaction.

The teacher's row is locked before a time is chosen by availability: buffers are not in the claims, so two neighbours must
not be booked side by side at the same moment. Whatever else happens, the claims refuse to double-book anyone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, policies
from classbell.bookings.errors import (
    BookingClosed,
    BookingNotConfirmed,
    BookingNotPending,
    BookingStarted,
    NoSuchBooking,
    NotALearner,
    OwnLesson,
    SlotUnavailable,
    StudentExpectedElsewhere,
)
from classbell.bookings.holding import hold_again, hold_dates, release_dates
from classbell.bookings.models import Booking, BookingSeries, BookingStatus, Reschedule
from classbell.bookings.queries import sessions_at, visible_among
from classbell.bookings.signals import booking_changed
from classbell.bookings.slots import fits
from classbell.bookings.times import (
    check_overlap,
    check_period,
    check_slot,
    hold,
    lock_people,
    meeting_time,
    move_claims,
)
from classbell.holidays.locks import hold_holidays
from classbell.meetings import claims
from classbell.meetings import services as meetings
from classbell.meetings.changes import want_again
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import Audience, ClaimKind, Meeting, Registrant

# What a change of a booking reads along with it.
BOUND: Final = ("student", "teacher", "meeting", "occurrence", "series__student", "series__teacher", "series__meeting")


def request_booking(
    *,
    student: User,
    teacher_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    notes: str = "",
    use_credit: bool = False,
    despite_overlap: bool = False,
    guardian: User | None = None,
    now: datetime,
) -> Booking:
    """
    Ask a teacher for a lesson; `guardian` is who does it for the student, if one does. It holds the time until it is answered
    or lapses; teachers who confirm by themselves have confirmed it when this returns, its meeting wanted.

    A student who is expected elsewhere then has to say `despite_overlap`: some mean to skip that session, nobody by mistake.

    Raises TeacherNotFound, SlotUnavailable, StudentBusy, StudentTeaches, OwnLesson, InvalidPeriod, NoCredit,
    TooManyOpenRequests, OverlapsOwnSessions.
    """
    if student.pk == teacher_id:
        raise OwnLesson
    check_period(starts_at, ends_at)
    # Asked before anything is locked, so that a crowd after one slot is turned away at once.
    if not fits(teacher_id=teacher_id, starts_at=starts_at, ends_at=ends_at, now=now):
        raise SlotUnavailable
    if not despite_overlap:
        check_overlap(student, starts_at, ends_at)
    with transaction.atomic():
        hold_holidays()
        # The student too, so that two requests at once to two teachers are counted one after the other.
        lock_people(student.pk, teacher_id)
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
            booked_by=guardian,
            lapses_at=policies.lapses_at(policy, requested_at=now, starts_at=starts_at),
        )
        booking.save()
        hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)
        if use_credit:
            makeup.use(booking, by=guardian, now=now)
        booking_changed.send(Booking, booking=booking, what="requested")
        if getattr(teacher, "teaching", None) is not None and teacher.teaching.auto_confirm:
            _confirm(booking, now)
            notifications.booked_at_once(booking, now=now)
        else:
            notifications.requested(booking, now=now)
    return booking


def book_for_student(
    *,
    by: User,
    student: User,
    teacher: User,
    starts_at: datetime,
    ends_at: datetime,
    notes: str = "",
    use_credit: bool = False,
    despite_overlap: bool = False,
    now: datetime,
) -> Booking:
    """
    Book a lesson for a student, as a teacher or an admin does: confirmed when this returns, its meeting wanted; the caller
    goes on to `sync_now`. Who may book for whom has been asked before.

    Hours, notice and what policies ask of students do not bind them; whatever else the two people do at that time does.

    Raises NotALearner, OwnLesson, SlotUnavailable, StudentBusy, StudentTeaches, StudentExpectedElsewhere, InvalidPeriod,
    NoCredit.
    """
    if not student.is_student:
        raise NotALearner(student.name)
    if student.pk == teacher.pk:
        raise OwnLesson
    check_period(starts_at, ends_at)
    if starts_at <= now:
        raise SlotUnavailable
    sessions = sessions_at(student, starts_at=starts_at, ends_at=ends_at)
    if sessions and not despite_overlap:
        raise StudentExpectedElsewhere(student.name, visible_among(sessions, by))
    with transaction.atomic():
        hold_holidays()
        lock_people(student.pk, teacher.pk)
        booking = Booking(
            student=student,
            teacher=teacher,
            starts_at=starts_at,
            ends_at=ends_at,
            notes=notes,
            status=BookingStatus.CONFIRMED,
            booked_by=by,
        )
        booking.save()
        hold(booking, ClaimKind.STUDENT)
        if use_credit:
            makeup.use(booking, by=by, now=now)
        try:
            _confirm(booking, now)
        except TeacherBusy as error:
            raise SlotUnavailable from error
        notifications.booked_for_student(booking, by=by, now=now)
    return booking


def confirm_booking(*, booking_id: UUID, now: datetime) -> Booking:
    """
    Say yes to a request and want its meeting; the caller goes on to `sync_now`.

    Raises BookingNotPending, BookingStarted.
    """
    with transaction.atomic():
        booking = locked(booking_id)
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
        booking = locked(booking_id)
        if booking.status != BookingStatus.PENDING:
            raise BookingNotPending(booking.status)
        close(booking, reason=reason or reasons.DECLINED, by=by, now=now)
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
    guardian: User | None = None,
    now: datetime,
) -> Reschedule:
    """
    Move a booking; a confirmed one's meeting follows, and the caller goes on to `sync_now`. `guardian` is who does it for the
    student, `by`, if one does.

    Students move to free slots, within the policy, and where they are expected elsewhere only `despite_overlap`. Teachers and
    admins move to any time at which both are free. To the time that it has, as when somebody asks twice, nothing moves: no
    move is kept or told, and none of the month's is used up.

    Raises SlotUnavailable, StudentBusy, StudentTeaches, BookingClosed, BookingStarted, InvalidPeriod, NoticeTooShort,
    TooManyReschedules, OverlapsOwnSessions.
    """
    check_period(starts_at, ends_at)
    with transaction.atomic():
        hold_holidays()
        booking = locked(booking_id)
        _check_open(booking, now)
        lock_people(booking.student_id, booking.teacher_id)
        is_own_student = by.pk == booking.student_id
        move = Reschedule(
            booking=booking,
            by=guardian or by,
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
        check_slot(booking, starts_at, ends_at, by_availability=is_own_student, now=now)
        if is_own_student and not despite_overlap:
            check_overlap(by, starts_at, ends_at)
        move.save(force_insert=True)
        booking.starts_at, booking.ends_at = starts_at, ends_at
        if booking.lapses_at is not None:
            booking.lapses_at = policies.lapses_at(policy, requested_at=booking.created_at, starts_at=starts_at)
        booking.save(update_fields=["starts_at", "ends_at", "lapses_at", "updated_at"])
        move_claims(booking, now)
        old = move.old_starts_at, move.old_ends_at
        booking_changed.send(Booking, booking=booking, what="rescheduled", old=old)
        notifications.moved(booking, move, now=now)
    return move


def cancel_booking(
    *, booking_id: UUID, by: User, reason: str = "", guardian: User | None = None, now: datetime
) -> Booking:
    """
    Cancel a booking: its time is free, its meeting no longer wanted; the caller goes on to `sync_now`. `guardian` is who does
    it for the student, `by`, if one does.

    Raises BookingClosed, BookingStarted, NoticeTooShort.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        _check_open(booking, now)
        policies.check_cancel(booking, by, policies.policy_of(booking.teacher_id), now=now)
        close(booking, reason=reason, by=guardian or by, now=now)
        notifications.cancelled(booking, by=guardian or by, now=now)
    return booking


def want_meeting_again(*, booking_id: UUID, now: datetime) -> Meeting:
    """
    Want a confirmed booking's meeting once more, whatever became of the one before; the caller goes on to `sync_now`.

    Raises BookingNotConfirmed.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.status != BookingStatus.CONFIRMED:
            raise BookingNotConfirmed(booking.status)
        if (held_in := booking.held_in) is not None and held_in.wanted:
            meetings.retry_sync(meeting_id=held_in.pk, now=now)
            return held_in
        if booking.series is not None:
            return hold_again(booking.series, now=now)
        claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
        if booking.meeting is None:
            _spec(booking, now)
        else:
            booking.meeting = want_again(meeting=booking.meeting, changes=meeting_time(booking), now=now, soon=True)
        booking.save(update_fields=["meeting", "updated_at"])
    assert booking.meeting is not None  # noqa: S101 -- just wanted
    return booking.meeting


def _confirm(booking: Booking, now: datetime) -> None:
    if booking.series is not None:
        hold_dates(booking.series, [booking], now=now)
    else:
        claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
        _spec(booking, now)
    booking.status, booking.lapses_at = BookingStatus.CONFIRMED, None
    booking.save(update_fields=["status", "lapses_at", "meeting", "updated_at"])
    booking_changed.send(Booking, booking=booking, what="confirmed")


def _spec(booking: Booking, now: datetime) -> None:
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
    )


def close(booking: Booking, *, reason: str, by: User | None, now: datetime) -> None:
    """
    Cancel a locked booking: its time is free, a make-up lesson spent on it is given back, its meeting is no longer wanted.
    """
    close_dates([booking], reason=reason, by=by, now=now)


def close_dates(bookings: Sequence[Booking], *, reason: str, by: User | None, now: datetime) -> None:
    """Cancel one locked booking, or some of one series, as `close` does."""
    for booking in bookings:
        _close_row(booking, reason=reason, by=by, now=now)
    release_dates(bookings, reason=reason, now=now)
    for booking in bookings:
        if booking.meeting is not None:
            meetings.cancel_meeting(meeting_id=booking.meeting.pk, now=now, reason=reason)
        booking_changed.send(Booking, booking=booking, what="cancelled")


def _close_row(booking: Booking, *, reason: str, by: User | None, now: datetime) -> None:
    booking.status = BookingStatus.CANCELLED
    booking.cancellation_reason, booking.cancelled_by, booking.lapses_at = reason[:500], by, None
    booking.save(update_fields=["status", "cancellation_reason", "cancelled_by", "lapses_at", "updated_at"])
    # Before the time is free: whoever waits for the credit holds nothing that is waited for here.
    makeup.give_back(booking, by=by, now=now)
    claims.release_held(held_by=booking.pk)


def _check_open(booking: Booking, now: datetime) -> None:
    if not booking.is_live:
        raise BookingClosed(booking.status)
    if booking.starts_at <= now:
        raise BookingStarted


def locked(booking_id: UUID) -> Booking:
    """Return a booking with its people and its meeting, its row locked, its series' first. Raises NoSuchBooking."""
    lock_series(Booking.objects.filter(pk=booking_id, series__isnull=False).values_list("series", flat=True).first())
    # In two statements: a row that was waited for is read as it is now, but what is joined to it as it was before.
    if not Booking.objects.select_for_update().filter(pk=booking_id).values_list("pk").first():
        raise NoSuchBooking
    return Booking.objects.select_related(*BOUND).get(pk=booking_id)


def lock_series(series_id: UUID | None) -> None:
    """Have whoever else changes a date of a series wait until this transaction is over; None is no series."""
    if series_id is not None:
        list(BookingSeries.objects.select_for_update(no_key=True).filter(pk=series_id).values_list("pk"))
