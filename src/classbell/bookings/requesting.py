"""
Asking for a lesson: one teacher for any length, or one of those who teach a kind.

Locks are taken in one order: the kind, group lessons, people. Where the teacher is left open, all who could teach it then are
locked together, so that the rule by which one of them is chosen counts what others have just booked.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from classbell.accounts.guests import keep_guest
from classbell.accounts.models import User
from classbell.bookings import makeup, notifications, policies, seats
from classbell.bookings.confirming import confirm
from classbell.bookings.errors import NoCredit, OwnLesson, SlotUnavailable, TooManyOpenRequests
from classbell.bookings.kinds import rules
from classbell.bookings.kinds.choosing import in_order, teachers_of
from classbell.bookings.kinds.errors import NoSuchKind
from classbell.bookings.kinds.slots import nearest
from classbell.bookings.models import Booking, GroupLesson, LessonKind
from classbell.bookings.signals import booking_changed
from classbell.bookings.slots import fits, fitting_teachers
from classbell.bookings.times import check_overlap, hold, lock_people
from classbell.holidays.locks import hold_holidays
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import ClaimKind

# How often a crowd may begin a group lesson of the same time before somebody is turned away.
MOST_TRIES: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a student asks for; of whom stands beside it."""

    student: User
    starts_at: datetime
    ends_at: datetime
    notes: str
    use_credit: bool
    guardian: User | None
    kind: LessonKind | None
    held_until: datetime | None = None
    to_be_paid: bool = False
    despite_overlap: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    now: datetime


class _LessonsChanged(Exception):
    """A group lesson began at that time while this one waited for its people."""


def ask(asked: Asked, teacher_id: UUID) -> Booking:
    """Ask one teacher for a lesson of any length. Raises TeacherNotFound, SlotUnavailable and what booking one does."""
    # Asked before anything is locked, so that a crowd after one slot is turned away at once.
    if not _fits(asked, teacher_id):
        raise SlotUnavailable
    _check_overlap(asked)
    keep_guest(asked.student)
    with transaction.atomic():
        hold_holidays()
        # The student too, so that two requests at once to two teachers are counted one after the other.
        lock_people(asked.student.pk, teacher_id)
        if not _fits(asked, teacher_id):
            raise SlotUnavailable
        return _book(asked, teacher_id)


def ask_for_kind(
    asked: Asked, kind: LessonKind, teacher_id: UUID | None, *, among: Collection[UUID] | None = None
) -> Booking:
    """
    Ask one of those who teach a kind, or whoever of them comes first by its rule, for a lesson of it or a seat in one; the
    kind's own questions have been asked. Nobody is chosen but `among` these, where it is given. When somebody was just taken,
    the next one is tried.

    Raises SlotUnavailable with what is nearest, NoSuchKind, TrialTaken, and what booking one does.
    """
    candidates = [teacher_id] if teacher_id is not None else teachers_of(kind)
    candidates = [one for one in candidates if one != asked.student.pk and (among is None or one in among)]
    for _try in range(MOST_TRIES):
        try:
            # Before anything is locked, as above.
            if not (_is_seat_left(asked, kind, candidates) or _fitting(asked, candidates)):
                break
            _check_overlap(asked)
            keep_guest(asked.student)
            with transaction.atomic():
                return _ask_locked(asked, kind.pk, candidates)
        except _LessonsChanged:
            continue
        except SlotUnavailable:
            break
    minutes = int((asked.ends_at - asked.starts_at) / timedelta(minutes=1))
    raise SlotUnavailable(nearest(kind, candidates, starts_at=asked.starts_at, minutes=minutes, now=asked.now))


def _ask_locked(asked: Asked, kind_id: UUID, candidates: Sequence[UUID]) -> Booking:
    hold_holidays()
    kind = held_kind(kind_id)
    lessons = _lessons_there(asked, kind, candidates)
    seats.lock_lessons(lessons)
    teaching = set(GroupLesson.objects.filter(pk__in=lessons).values_list("teacher", flat=True))
    free = _fitting(asked, [one for one in candidates if one not in teaching])
    lock_people(asked.student.pk, *free, *teaching)
    if _lessons_there(asked, kind, candidates) != lessons:
        raise _LessonsChanged
    rules.check_trial(kind, asked.student)
    free = _fitting(asked, free)
    options: list[tuple[UUID, GroupLesson | None]] = [
        (lesson.teacher_id, lesson) for lesson in seats.with_seats_left(lessons) if _is_in_time(asked, kind, lesson)
    ]
    options += [(one, None) for one in in_order(kind, free, starts_at=asked.starts_at, now=asked.now)]
    refusal: SlotUnavailable | TooManyOpenRequests | NoCredit = SlotUnavailable()
    for teacher_id, lesson in options:
        try:
            with transaction.atomic():
                return _book(asked, teacher_id, kind=kind, lesson=lesson)
        except (SlotUnavailable, TeacherBusy):
            continue
        except (TooManyOpenRequests, NoCredit) as error:
            refusal = error
    raise refusal


def _book(
    asked: Asked, teacher_id: UUID, *, kind: LessonKind | None = None, lesson: GroupLesson | None = None
) -> Booking:
    """Write down a booking of locked people; what is a group's begins a group lesson unless there is one."""
    student, now = asked.student, asked.now
    if student.pk == teacher_id:
        raise OwnLesson
    policy = policies.policy_of(teacher_id)
    policies.check_request(student, teacher_id, policy, now=now)
    teacher = User.objects.get(pk=teacher_id)
    if lesson is None and kind is not None and kind.is_group:
        lesson = seats.open_lesson(kind, teacher_id, starts_at=asked.starts_at, ends_at=asked.ends_at)
    booking = Booking(
        student=student,
        teacher=teacher,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        notes=asked.notes,
        booked_by=asked.guardian,
        kind=kind,
        answers=dict(asked.answers),
        group_lesson=lesson,
        lapses_at=policies.lapses_at(policy, requested_at=now, starts_at=asked.starts_at),
    )
    if asked.held_until is not None:
        booking.is_held, booking.awaits_payment = True, asked.to_be_paid
        booking.lapses_at = min(asked.held_until, asked.starts_at)
    booking.save()
    hold(booking, ClaimKind.STUDENT) if lesson else hold(booking, ClaimKind.TEACHER, ClaimKind.STUDENT)
    if not asked.to_be_paid and (asked.use_credit or (kind is not None and kind.takes_a_lesson)):
        makeup.use(booking, by=asked.guardian, now=now)
    if not booking.is_held:
        tell_teacher(booking, now)
    return booking


def tell_teacher(booking: Booking, now: datetime) -> None:
    """Tell the teacher of a new request, or confirm it where that needs no answer: by their rule, or with its group."""
    booking_changed.send(Booking, booking=booking, what="requested")
    teaching, lesson = getattr(booking.teacher, "teaching", None), booking.group_lesson
    confirms_by_itself = teaching is not None and teaching.auto_confirm
    if confirms_by_itself or (lesson is not None and seats.is_agreed(lesson)):
        confirm(booking, now)
        notifications.booked_at_once(booking, now=now)
    else:
        notifications.requested(booking, now=now)


def held_kind(kind_id: UUID) -> LessonKind:
    """Return a kind as it is now; whoever changes it waits until this transaction is over. Raises NoSuchKind."""
    kinds = LessonKind.objects.raw("SELECT * FROM bookings_lessonkind WHERE id = %s AND is_active FOR SHARE", [kind_id])
    kind = next(iter(kinds), None)
    if kind is None:
        raise NoSuchKind
    return kind


def _check_overlap(asked: Asked) -> None:
    if not asked.despite_overlap:
        check_overlap(asked.student, asked.starts_at, asked.ends_at)


def _fits(asked: Asked, teacher_id: UUID) -> bool:
    return fits(teacher_id=teacher_id, starts_at=asked.starts_at, ends_at=asked.ends_at, now=asked.now)


def _fitting(asked: Asked, teacher_ids: Collection[UUID]) -> set[UUID]:
    if not teacher_ids:
        return set()
    return fitting_teachers(
        teacher_ids, starts_at=asked.starts_at, ends_at=asked.ends_at, now=asked.now, kind=asked.kind
    )


def _lessons_there(asked: Asked, kind: LessonKind, teacher_ids: Sequence[UUID]) -> set[UUID]:
    if not kind.is_group:
        return set()
    return seats.ids_there(kind, teacher_ids, starts_at=asked.starts_at, ends_at=asked.ends_at)


def _is_seat_left(asked: Asked, kind: LessonKind, teacher_ids: Sequence[UUID]) -> bool:
    return kind.is_group and seats.is_any_left(kind, teacher_ids, starts_at=asked.starts_at, ends_at=asked.ends_at)


def _is_in_time(asked: Asked, kind: LessonKind, lesson: GroupLesson) -> bool:
    """Whether a seat may still be booked, by the notice of the kind or of the teacher."""
    teaching = getattr(lesson.teacher, "teaching", None)
    own = teaching.min_notice_minutes if teaching is not None else 0
    notice = own if kind.min_notice_minutes is None else kind.min_notice_minutes
    return lesson.starts_at > asked.now and lesson.starts_at >= asked.now + timedelta(minutes=notice)
