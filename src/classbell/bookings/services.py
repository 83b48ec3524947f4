"""
Every change of a booking's state: the booking's row locked, its state checked after locking, one transaction.

The teacher's row is locked before a time is chosen by availability: buffers are not in the claims, so two neighbours must
not be booked side by side at the same moment. Whatever else happens, the claims refuse to double-book anyone.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from classbell import reasons
from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, policies, requesting, seats
from classbell.bookings.confirming import confirm, want_own_meeting
from classbell.bookings.errors import (
    AwaitsGuest,
    AwaitsPayment,
    BookingClosed,
    BookingNotConfirmed,
    BookingNotPending,
    BookingStarted,
    NoSuchBooking,
    OwnLesson,
    check_not_held,
)
from classbell.bookings.holding import hold_again, release_dates
from classbell.bookings.kinds import rules
from classbell.bookings.models import Booking, BookingSeries, BookingStatus, LessonKind, Reschedule
from classbell.bookings.signals import booking_changed
from classbell.bookings.slots import TeacherNotFound
from classbell.bookings.times import (
    check_overlap,
    check_period,
    check_slot,
    lock_people,
    meeting_time,
    move_claims,
)
from classbell.holidays.locks import hold_holidays
from classbell.meetings import claims
from classbell.meetings import services as meetings
from classbell.meetings.changes import want_again
from classbell.meetings.models import ClaimKind, Meeting
from classbell.meetings.periods import Interval

# What a change of a booking reads along with it.
BOUND: Final = (
    "student",
    "teacher",
    "meeting",
    "occurrence",
    "kind",
    *(f"series__{name}" for name in ("student", "teacher", "meeting")),
    *(f"group_lesson__{name}" for name in ("kind", "teacher", "meeting")),
)


def request_booking(
    *,
    student: User,
    teacher_id: UUID | None,
    starts_at: datetime,
    ends_at: datetime,
    notes: str = "",
    use_credit: bool = False,
    despite_overlap: bool = False,
    guardian: User | None = None,
    kind: LessonKind | None = None,
    answers: Mapping[str, Any] | None = None,
    among: Collection[UUID] | None = None,
    held_until: datetime | None = None,
    to_be_paid: bool = False,
    now: datetime,
) -> Booking:
    """
    Ask a teacher for a lesson; `guardian` is who does it for the student, if one does. It holds the time until it is answered
    or lapses; teachers who confirm by themselves have confirmed it when this returns, its meeting wanted.

    With `held_until` it is only held until then, and the teacher is asked by `ask_teacher` later; what is `to_be_paid`
    meanwhile takes no lesson of the balance before that.

    A student who is expected elsewhere then has to say `despite_overlap`: some mean to skip that session, nobody by mistake.

    A lesson of a `kind` is as long as the kind says, with one who teaches it; `teacher_id` None leaves it to the kind's rule
    who that is, `among` these where it is given. `answers` are to its questions, by their keys. Where it has seats, the
    booking is of one.

    Raises TeacherNotFound, SlotUnavailable, StudentBusy, StudentTeaches, OwnLesson, InvalidPeriod, NoCredit,
    TooManyOpenRequests, OverlapsOwnSessions; of kinds NoSuchKind, KindNotOpen, LengthNotOffered, NotTaughtBy, TrialTaken,
    AnswersRefused.
    """
    if student.pk == teacher_id:
        raise OwnLesson
    check_period(starts_at, ends_at)
    if kind is not None:
        rules.check_open(kind, student)
        rules.check_length(kind, starts_at, ends_at)
        if teacher_id is not None:
            rules.check_taught(kind, teacher_id)
    asked = requesting.Asked(
        student=student,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=notes,
        use_credit=use_credit,
        guardian=guardian,
        kind=kind,
        held_until=held_until,
        to_be_paid=to_be_paid,
        despite_overlap=despite_overlap,
        answers={} if kind is None else rules.checked_answers(kind, answers or {}),
        now=now,
    )
    if kind is not None:
        return requesting.ask_for_kind(asked, kind, teacher_id, among=among)
    if teacher_id is None:
        raise TeacherNotFound
    return requesting.ask(asked, teacher_id)


def ask_teacher(booking: Booking, *, now: datetime) -> None:
    """Ask the teacher of a locked booking that was only held, as if it had been asked for at this moment."""
    policy = policies.policy_of(booking.teacher_id)
    booking.is_held = booking.awaits_payment = False
    booking.lapses_at = policies.lapses_at(policy, requested_at=now, starts_at=booking.starts_at)
    booking.save(update_fields=["is_held", "awaits_payment", "lapses_at", "updated_at"])
    requesting.tell_teacher(booking, now)


def take_paid(*, booking_id: UUID, now: datetime) -> bool:
    """
    Ask the teacher of a booking that awaited its payment, taking the lesson that was bought from the student's balance. Call
    it in the transaction that put it there. Returns False where the time is given up already or over: the lesson stays on
    the balance.
    """
    booking = locked(booking_id)
    if not (booking.awaits_payment and booking.is_live and booking.starts_at > now):
        return False
    makeup.use(booking, now=now)
    ask_teacher(booking, now=now)
    if booking.student.is_guest and booking.status == BookingStatus.PENDING:
        notifications.asked_as_guest(booking, now=now)
    return True


def hold_until_start(*, booking_id: UUID) -> None:
    """Hold the time of a booking that awaits its payment until it begins, as while a bank takes its days."""
    booking = locked(booking_id)
    if booking.awaits_payment and booking.is_live:
        booking.lapses_at = booking.starts_at
        booking.save(update_fields=["lapses_at", "updated_at"])


def give_up_hold(*, booking_id: UUID, reason: str, now: datetime) -> None:
    """Free the time of a booking that is only held. Nobody has heard of it. Safe to repeat."""
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.is_held and booking.is_live:
            close(booking, reason=reason, by=None, now=now)


def confirm_booking(*, booking_id: UUID, now: datetime) -> Booking:
    """
    Say yes to a request and want its meeting; the caller goes on to `sync_now`. Yes to a seat is yes to the group lesson: all
    others that wait in it are confirmed too.

    Raises BookingNotPending, BookingStarted.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        if booking.status != BookingStatus.PENDING:
            raise BookingNotPending(booking.status)
        check_not_held(booking, AwaitsGuest)
        if booking.starts_at <= now:
            raise BookingStarted
        for one in [booking, *seats.waiting_beside(booking)]:
            confirm(one, now)
            notifications.confirmed(one, now=now)
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
    move is kept or told, and none of the month's is used up. A seat goes to the group lesson of its kind and teacher that is
    held then and has one left, or to a free time, where it begins one.

    Raises SlotUnavailable, StudentBusy, StudentTeaches, BookingClosed, BookingStarted, AwaitsPayment, InvalidPeriod,
    NoticeTooShort, TooManyReschedules, OverlapsOwnSessions, LengthNotOffered.
    """
    check_period(starts_at, ends_at)
    with transaction.atomic():
        hold_holidays()
        booking = locked(booking_id, goes_to=(starts_at, ends_at))
        _check_open(booking, now)
        if booking.awaits_payment:
            raise AwaitsPayment
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
        if is_own_student and booking.kind is not None:
            rules.check_length(booking.kind, starts_at, ends_at)
        if booking.group_lesson is None:
            check_slot(booking, starts_at, ends_at, by_availability=is_own_student, now=now)
        if is_own_student and not despite_overlap:
            check_overlap(by, starts_at, ends_at)
        move.save(force_insert=True)
        if booking.group_lesson is not None:
            seats.move(booking, starts_at, ends_at, by_availability=is_own_student, now=now)
        booking.starts_at, booking.ends_at = starts_at, ends_at
        if booking.lapses_at is not None and not booking.is_held:
            booking.lapses_at = policies.lapses_at(policy, requested_at=booking.created_at, starts_at=starts_at)
        booking.save(update_fields=["starts_at", "ends_at", "lapses_at", "group_lesson", "updated_at"])
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
    it for the student, `by`, if one does. A lesson of the student's balance that was booked comes back, unless they are late
    and the policy has it lost.

    Raises BookingClosed, BookingStarted, NoticeTooShort.
    """
    with transaction.atomic():
        booking = locked(booking_id)
        _check_open(booking, now)
        policy = policies.policy_of(booking.teacher_id)
        takes_a_lesson = makeup.is_taken_by(booking)
        policies.check_cancel(booking, by, policy, takes_a_lesson=takes_a_lesson, now=now)
        loses = takes_a_lesson and policies.is_late(booking, by, policy, now=now)
        close_dates([booking], reason=reason, by=guardian or by, loses_lesson=loses, now=now)
        if not booking.is_held:  # nobody has heard of it
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
        if booking.group_lesson is not None:
            return seats.hold_again(booking.group_lesson, now=now)
        claims.release_held(held_by=booking.pk, kind=ClaimKind.TEACHER)
        if booking.meeting is None:
            want_own_meeting(booking, now)
        else:
            booking.meeting = want_again(meeting=booking.meeting, changes=meeting_time(booking), now=now, soon=True)
        booking.save(update_fields=["meeting", "updated_at"])
    assert booking.meeting is not None  # noqa: S101 -- just wanted
    return booking.meeting


def close(booking: Booking, *, reason: str, by: User | None, now: datetime) -> None:
    """
    Cancel a locked booking: its time is free, a lesson spent on it is given back, its meeting is no longer wanted.
    """
    close_dates([booking], reason=reason, by=by, now=now)


def close_dates(
    bookings: Sequence[Booking], *, reason: str, by: User | None, loses_lesson: bool = False, now: datetime
) -> None:
    """Cancel one locked booking, or some of one series, as `close` does; lessons spent on them may be lost instead."""
    for booking in bookings:
        _close_row(booking, reason=reason, by=by, loses_lesson=loses_lesson, now=now)
    release_dates(bookings, reason=reason, now=now)
    for booking in bookings:
        if booking.meeting is not None:
            meetings.cancel_meeting(meeting_id=booking.meeting.pk, now=now, reason=reason)
        seats.give_back(booking, reason=reason, now=now)
        if not booking.is_held:
            booking_changed.send(Booking, booking=booking, what="cancelled")


def _close_row(booking: Booking, *, reason: str, by: User | None, loses_lesson: bool, now: datetime) -> None:
    booking.status = BookingStatus.CANCELLED
    booking.cancellation_reason, booking.cancelled_by, booking.lapses_at = reason[:500], by, None
    booking.save(update_fields=["status", "cancellation_reason", "cancelled_by", "lapses_at", "updated_at"])
    # Before the time is free: whoever waits for the credit holds nothing that is waited for here.
    if not loses_lesson:
        makeup.give_back(booking, by=by, now=now)
    claims.release_held(held_by=booking.pk)


def _check_open(booking: Booking, now: datetime) -> None:
    if not booking.is_live:
        raise BookingClosed(booking.status)
    if booking.starts_at <= now:
        raise BookingStarted


def locked(booking_id: UUID, *, goes_to: Interval | None = None) -> Booking:
    """
    Return a booking with its people and its meeting, its row locked, before it its series or group lesson; of a seat that
    `goes_to` another time the group lesson there too.

    Raises NoSuchBooking.
    """
    found = Booking.objects.filter(pk=booking_id).values_list("series", "group_lesson").first()
    if found is None:
        raise NoSuchBooking
    series_id, lesson_id = found
    lock_series(series_id)
    if lesson_id is not None:
        seats.lock_seat(booking_id, lesson_id, goes_to=goes_to)
    # In two statements: a row that was waited for is read as it is now, but what is joined to it as it was before.
    list(Booking.objects.select_for_update().filter(pk=booking_id).values_list("pk"))
    return Booking.objects.select_related(*BOUND).get(pk=booking_id)


def lock_series(series_id: UUID | None) -> None:
    """Have whoever else changes a date of a series wait until this transaction is over; None is no series."""
    if series_id is not None:
        list(BookingSeries.objects.select_for_update(no_key=True).filter(pk=series_id).values_list("pk"))
