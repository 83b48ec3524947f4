"""What a teacher or an admin does with a group lesson and all its seats at once: one transaction, the lesson locked first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch

from classbell.accounts.models import User
from classbell.bookings import notifications, policies, seats
from classbell.bookings.errors import BookingClosed, BookingStarted, SlotUnavailable, StudentBusy, StudentTeaches
from classbell.bookings.kinds.errors import NoSuchGroupLesson, SeatTakersBusy
from classbell.bookings.models import Booking, BookingStatus, GroupLesson, Reschedule
from classbell.bookings.models.booking import LIVE_STATUSES
from classbell.bookings.services import BOUND, close_dates
from classbell.bookings.signals import booking_changed
from classbell.bookings.times import check_period, hold, lock_people
from classbell.holidays.locks import hold_holidays
from classbell.meetings import claims
from classbell.meetings.changes import change_meeting
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind


def get_group_lesson(lesson_id: UUID) -> GroupLesson:
    """Return a group lesson with its people and seats, cancelled ones too. Raises NoSuchGroupLesson."""
    seated = Prefetch("bookings", queryset=Booking.objects.select_related("student").order_by("created_at", "pk"))
    lessons = GroupLesson.objects.select_related("kind", "teacher", "meeting").prefetch_related(seated)
    lesson = lessons.filter(pk=lesson_id).first()
    if lesson is None:
        raise NoSuchGroupLesson
    return lesson


def cancel_group_lesson(*, lesson_id: UUID, by: User, reason: str = "", now: datetime) -> GroupLesson:
    """
    Cancel a group lesson for all who have a seat; the caller goes on to `sync_now`.

    Raises NoSuchGroupLesson, BookingClosed, BookingStarted.
    """
    with transaction.atomic():
        lesson, booked = _locked(lesson_id, now)
        close_dates(booked, reason=reason, by=by, now=now)
        for booking in booked:
            notifications.cancelled(booking, by=by, now=now)
    return lesson


def reschedule_group_lesson(
    *, lesson_id: UUID, by: User, starts_at: datetime, ends_at: datetime, reason: str = "", now: datetime
) -> GroupLesson:
    """
    Hold a group lesson at another time, with all its seats; its meeting follows, and the caller goes on to `sync_now`. To
    the time that it has, nothing moves.

    Raises NoSuchGroupLesson, BookingClosed, BookingStarted, InvalidPeriod, SlotUnavailable, SeatTakersBusy: then nothing has
    moved.
    """
    check_period(starts_at, ends_at)
    if starts_at <= now:
        raise SlotUnavailable
    with transaction.atomic():
        hold_holidays()
        lesson, booked = _locked(lesson_id, now)
        lock_people(lesson.teacher_id, *(booking.student_id for booking in booked))
        if (starts_at, ends_at) == (lesson.starts_at, lesson.ends_at):
            return lesson
        lesson.starts_at, lesson.ends_at = starts_at, ends_at
        lesson.save(update_fields=["starts_at", "ends_at", "updated_at"])
        moves = [_move_row(booking, lesson, by=by, reason=reason, now=now) for booking in booked]
        _move_claims(lesson, booked, now)
        for booking, move in zip(booked, moves, strict=True):
            old = move.old_starts_at, move.old_ends_at
            booking_changed.send(Booking, booking=booking, what="rescheduled", old=old)
            notifications.moved(booking, move, now=now)
    return lesson


def _locked(lesson_id: UUID, now: datetime) -> tuple[GroupLesson, Sequence[Booking]]:
    seats.lock_lessons([lesson_id])
    lesson = GroupLesson.objects.select_related("kind", "teacher", "meeting").filter(pk=lesson_id).first()
    if lesson is None:
        raise NoSuchGroupLesson
    if lesson.cancelled_at is not None:
        raise BookingClosed(BookingStatus.CANCELLED)
    if lesson.starts_at <= now:
        raise BookingStarted
    live = Booking.objects.filter(group_lesson=lesson, status__in=LIVE_STATUSES)
    list(live.select_for_update().order_by("pk").values_list("pk"))
    booked = list(live.select_related(*BOUND).order_by("pk"))
    for booking in booked:
        # One lesson, so that what becomes of it is seen by each.
        booking.group_lesson = lesson
    return lesson, booked


def _move_row(booking: Booking, lesson: GroupLesson, *, by: User, reason: str, now: datetime) -> Reschedule:
    move = Reschedule.objects.create(
        booking=booking,
        by=by,
        old_starts_at=booking.starts_at,
        old_ends_at=booking.ends_at,
        new_starts_at=lesson.starts_at,
        new_ends_at=lesson.ends_at,
        reason=reason,
        counts=False,
        created_at=now,
    )
    booking.starts_at, booking.ends_at = lesson.starts_at, lesson.ends_at
    if booking.lapses_at is not None:
        policy = policies.policy_of(lesson.teacher_id)
        booking.lapses_at = policies.lapses_at(policy, requested_at=booking.created_at, starts_at=booking.starts_at)
    booking.save(update_fields=["starts_at", "ends_at", "lapses_at", "updated_at"])
    return move


def _move_claims(lesson: GroupLesson, booked: Sequence[Booking], now: datetime) -> None:
    busy = []
    for booking in booked:
        claims.release_held(held_by=booking.pk)
        try:
            hold(booking, ClaimKind.STUDENT)
        except (StudentBusy, StudentTeaches):
            busy.append(booking.student.name)
    if busy:
        raise SeatTakersBusy(busy)
    if not seats.is_agreed(lesson):
        claims.release_held(held_by=lesson.pk)
        seats.claim_teacher(lesson)
        return
    assert lesson.meeting is not None  # noqa: S101 -- agreed lessons have one
    try:
        change_meeting(
            meeting_id=lesson.meeting.pk,
            changes={"starts_at": lesson.starts_at, "duration_minutes": lesson.duration_minutes},
            now=now,
            soon=True,
        )
    except TeacherBusy as error:
        raise SlotUnavailable from error
