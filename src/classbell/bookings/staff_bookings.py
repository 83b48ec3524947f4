"""
Booking a lesson for a student, as teachers and admins do: confirmed at once.

Locks are taken in the order of `requesting`: the kind, group lessons, people.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, seats
from classbell.bookings.confirming import confirm
from classbell.bookings.errors import NotALearner, OwnLesson, SlotUnavailable, StudentExpectedElsewhere
from classbell.bookings.kinds import rules
from classbell.bookings.kinds.errors import NoSuchKind
from classbell.bookings.models import Booking, BookingStatus, GroupLesson, LessonKind
from classbell.bookings.queries import sessions_at, visible_among
from classbell.bookings.requesting import held_kind
from classbell.bookings.times import check_period, hold, lock_people
from classbell.holidays.locks import hold_holidays
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind


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
    kind: LessonKind | None = None,
    answers: Mapping[str, Any] | None = None,
    now: datetime,
) -> Booking:
    """
    Book a lesson for a student, as a teacher or an admin does: confirmed when this returns, its meeting wanted; the caller
    goes on to `sync_now`. Who may book for whom has been asked before.

    Hours, notice, who may book a `kind` and what policies ask of students do not bind them; whatever else the two people do
    at that time does. A lesson of a kind is as long as the kind says, with one who teaches it, a trial once; questions may
    stay open. Where it has seats, the booking is of one in the lesson that the teacher has then, or in a new one.

    Raises NotALearner, OwnLesson, SlotUnavailable, StudentBusy, StudentTeaches, StudentExpectedElsewhere, InvalidPeriod,
    NoCredit; of kinds NoSuchKind, LengthNotOffered, NotTaughtBy, TrialTaken, AnswersRefused.
    """
    if not student.is_student:
        raise NotALearner(student.name)
    if student.pk == teacher.pk:
        raise OwnLesson
    check_period(starts_at, ends_at)
    if kind is not None:
        _check_kind(kind, teacher, starts_at, ends_at)
    if starts_at <= now:
        raise SlotUnavailable
    sessions = sessions_at(student, starts_at=starts_at, ends_at=ends_at)
    if sessions and not despite_overlap:
        raise StudentExpectedElsewhere(student.name, visible_among(sessions, by))
    booking = Booking(
        student=student,
        teacher=teacher,
        starts_at=starts_at,
        ends_at=ends_at,
        notes=notes,
        status=BookingStatus.CONFIRMED,
        booked_by=by,
        kind=kind,
        answers={} if kind is None else rules.checked_answers(kind, answers or {}, asks_all=False),
    )
    with transaction.atomic():
        hold_holidays()
        _lock(booking)
        booking.save()
        hold(booking, ClaimKind.STUDENT)
        if use_credit or (kind is not None and kind.takes_a_lesson):
            makeup.use(booking, by=by, now=now)
        _confirm(booking, now)
        notifications.booked_for_student(booking, by=by, now=now)
    return booking


def _lock(booking: Booking) -> None:
    """
    Have others wait who book with these people, and give a booking of a group its lesson. Raises NoSuchKind, TrialTaken,
    SlotUnavailable.
    """
    if booking.kind is None:
        lock_people(booking.student_id, booking.teacher_id)
        return
    kind = held_kind(booking.kind.pk)
    lessons = _lessons_there(kind, booking)
    seats.lock_lessons(lessons)
    lock_people(booking.student_id, booking.teacher_id)
    rules.check_trial(kind, booking.student)
    if kind.is_group:
        booking.group_lesson = _seat(kind, booking, lessons)


def _confirm(booking: Booking, now: datetime) -> None:
    """Have it take place, and with a seat of a group the seats that wait in it for an answer. Raises SlotUnavailable."""
    try:
        confirm(booking, now)
        for one in seats.waiting_beside(booking):
            confirm(one, now)
            notifications.confirmed(one, now=now)
    except TeacherBusy as error:
        raise SlotUnavailable from error


def _check_kind(kind: LessonKind, teacher: User, starts_at: datetime, ends_at: datetime) -> None:
    if not kind.is_active:
        raise NoSuchKind
    rules.check_length(kind, starts_at, ends_at)
    rules.check_taught(kind, teacher.pk)


def _lessons_there(kind: LessonKind, booking: Booking) -> set[UUID]:
    """Return the group lessons of a kind that the teacher of a booking has at its time."""
    if not kind.is_group:
        return set()
    return seats.ids_there(kind, [booking.teacher_id], starts_at=booking.starts_at, ends_at=booking.ends_at)


def _seat(kind: LessonKind, booking: Booking, lessons: set[UUID]) -> GroupLesson:
    """
    Return the lesson in which a booking gets a seat: one of these locked ones that has one left, or a new one. Raises
    SlotUnavailable, also where one began since they were locked: then the teacher's time is taken.
    """
    with_seats = seats.with_seats_left(lessons)
    if with_seats:
        return with_seats[0]
    return seats.open_lesson(kind, booking.teacher_id, starts_at=booking.starts_at, ends_at=booking.ends_at)
