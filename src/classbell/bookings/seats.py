"""
Seats of group lessons: taken, confirmed, given back.

Rows are locked in one order by everybody: group lessons by their ids, then bookings, then people. So whoever takes a seat or
changes one waits for whoever does so with the same lesson, and no two wait for each other.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q

from classbell.bookings.errors import SlotUnavailable
from classbell.bookings.models import Booking, BookingStatus, GroupLesson, LessonKind
from classbell.bookings.slots import fits
from classbell.database import fetch_prepared
from classbell.meetings import claims
from classbell.meetings import services as meetings
from classbell.meetings.changes import want_again
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import Audience, ClaimKind, Meeting, Registrant, RegistrantStatus
from classbell.meetings.periods import Interval

# Whose seat is taken.
SEATED: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


LEFT_STATEMENT: Final = """
SELECT coalesce(bool_or(taken < %(seats)s::int), false)
FROM (
    SELECT (
        SELECT count(*) FROM bookings_booking seat
        WHERE seat.group_lesson_id = lesson.id AND seat.status = ANY(%(seated)s::text[])
    ) AS taken
    FROM bookings_grouplesson lesson
    WHERE lesson.kind_id = %(kind)s::uuid AND lesson.teacher_id = ANY(%(teachers)s::uuid[])
        AND lesson.starts_at = %(starts_at)s::timestamptz AND lesson.ends_at = %(ends_at)s::timestamptz
        AND lesson.cancelled_at IS NULL
) there
"""


def ids_there(kind: LessonKind, teacher_ids: Collection[UUID], *, starts_at: datetime, ends_at: datetime) -> set[UUID]:
    """Return the group lessons of a kind with these teachers that are held at exactly this time."""
    there = GroupLesson.objects.filter(
        kind=kind, teacher__in=teacher_ids, starts_at=starts_at, ends_at=ends_at, cancelled_at=None
    )
    return set(there.values_list("pk", flat=True))


def lock_lessons(ids: Collection[UUID]) -> None:
    """Have whoever else changes these group lessons or their seats wait until this transaction is over."""
    if ids:
        rows = GroupLesson.objects.select_for_update(no_key=True).filter(pk__in=ids)
        list(rows.order_by("pk").values_list("pk"))


def lock_seat(booking_id: UUID, lesson_id: UUID, *, goes_to: Interval | None = None) -> None:
    """
    Lock a seat, before it its group lesson and those to which it may go; where it got a seat elsewhere meanwhile, that lesson
    and not this one.
    """
    is_locked = False
    while not is_locked:
        with transaction.atomic():
            lock_lessons({lesson_id, *(_ids_at(lesson_id, goes_to) if goes_to else ())})
            rows = Booking.objects.select_for_update().filter(pk=booking_id)
            found = rows.values_list("group_lesson", flat=True)[0]
            is_locked = found is None or found == lesson_id
            # What is rolled back is not locked any more.
            transaction.set_rollback(not is_locked)
        lesson_id = found or lesson_id


def _ids_at(lesson_id: UUID, time: Interval) -> set[UUID]:
    lesson = GroupLesson.objects.select_related("kind").get(pk=lesson_id)
    return ids_there(lesson.kind, [lesson.teacher_id], starts_at=time[0], ends_at=time[1])


def with_seats_left(ids: Collection[UUID]) -> list[GroupLesson]:
    """Return those of these locked group lessons that have a seat left, the fullest first, with their people."""
    with_seats = _with_seats(ids).order_by("-taken", "pk")
    return list(with_seats.select_related("kind", "teacher__teaching", "meeting")) if ids else []


def is_any_left(kind: LessonKind, teacher_ids: Collection[UUID], *, starts_at: datetime, ends_at: datetime) -> bool:
    """
    Whether one of the group lessons that `ids_there` returns has a seat left at this moment. Nothing is locked. One prepared
    statement: it turns a crowd away.
    """
    parameters = {
        "kind": kind.pk,
        "teachers": list(teacher_ids),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "seats": kind.seats,
        "seated": list(SEATED),
    }
    return bool(fetch_prepared(LEFT_STATEMENT, parameters)[0][0])


def _with_seats(ids: Collection[UUID]) -> Any:
    taken = Count("bookings", filter=Q(bookings__status__in=SEATED))
    lessons = GroupLesson.objects.filter(pk__in=ids, cancelled_at=None).annotate(taken=taken)
    return lessons.filter(taken__lt=F("kind__seats"))


def open_lesson(kind: LessonKind, teacher_id: UUID, *, starts_at: datetime, ends_at: datetime) -> GroupLesson:
    """Begin a group lesson that nobody has a seat of yet: it holds its teacher's time. Raises SlotUnavailable."""
    lesson = GroupLesson.objects.create(kind=kind, teacher_id=teacher_id, starts_at=starts_at, ends_at=ends_at)
    claim_teacher(lesson)
    return lesson


def claim_teacher(lesson: GroupLesson) -> None:
    """Hold the teacher's time for a group lesson that has no meeting yet. Raises SlotUnavailable."""
    claim = NewClaim(
        kind=ClaimKind.TEACHER,
        resource_id=lesson.teacher_id,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        held_by=lesson.pk,
    )
    if claims.take([claim]):
        raise SlotUnavailable


def is_agreed(lesson: GroupLesson) -> bool:
    """Whether its teacher has said yes to it: its meeting is wanted, and further seats need no answer."""
    return lesson.meeting is not None and lesson.meeting.wanted


def waiting_beside(booking: Booking) -> list[Booking]:
    """Return the other seats that wait for an answer in the locked group lesson of a booking, their rows locked."""
    if booking.group_lesson is None:
        return []
    others = booking.group_lesson.bookings.filter(status=BookingStatus.PENDING, is_held=False)
    others = others.exclude(pk=booking.pk)
    list(others.select_for_update().order_by("pk").values_list("pk"))
    found = list(others.select_related("student", "teacher", "kind").order_by("pk"))
    for one in found:
        one.group_lesson = booking.group_lesson
    return found


def expect(booking: Booking, *, now: datetime) -> None:
    """
    Have the meeting of a locked group lesson expect the student of a seat; without one that is wanted there is a new one.

    Raises TeacherBusy, HostBusy.
    """
    lesson = booking.group_lesson
    assert lesson is not None  # noqa: S101 -- asked by the caller
    meeting = hold_again(lesson, now=now)
    Registrant.objects.update_or_create(
        meeting=meeting,
        user=booking.student,
        defaults={"is_invited": True},
        create_defaults={"is_invited": True, "status": RegistrantStatus.INVITED},
    )


def hold_again(lesson: GroupLesson, *, now: datetime) -> Meeting:
    """Return the meeting of a locked group lesson, wanted once more if it was given up. Raises TeacherBusy, HostBusy."""
    if lesson.meeting is not None and lesson.meeting.wanted:
        return lesson.meeting
    claims.release_held(held_by=lesson.pk, kind=ClaimKind.TEACHER)
    lesson.meeting = (
        meetings.want_meeting(_spec(lesson), now=now, soon=True)
        if lesson.meeting is None
        else want_again(
            meeting=lesson.meeting,
            changes={"starts_at": lesson.starts_at, "duration_minutes": lesson.duration_minutes},
            now=now,
            soon=True,
        )
    )
    lesson.save(update_fields=["meeting", "updated_at"])
    return lesson.meeting


def move(booking: Booking, starts_at: datetime, ends_at: datetime, *, by_availability: bool, now: datetime) -> None:
    """
    Give back a locked seat and take one at another time, of a group lesson that was locked with it or of one that begins
    there: with `by_availability` only in a free slot. Saves nothing of the booking, and claims nobody but the teacher.

    Raises SlotUnavailable.
    """
    lesson = booking.group_lesson
    assert lesson is not None  # noqa: S101 -- asked by the caller
    if starts_at <= now:
        raise SlotUnavailable
    kind, teacher_id = lesson.kind, lesson.teacher_id
    give_back(booking, reason="", now=now)
    there = ids_there(kind, [teacher_id], starts_at=starts_at, ends_at=ends_at)
    with_seats = with_seats_left(there)
    if with_seats:
        booking.group_lesson = with_seats[0]
        return
    is_free = not by_availability or fits(
        teacher_id=teacher_id, starts_at=starts_at, ends_at=ends_at, now=now, kind=kind
    )
    if not is_free:
        raise SlotUnavailable
    booking.group_lesson = open_lesson(kind, teacher_id, starts_at=starts_at, ends_at=ends_at)


def give_back(booking: Booking, *, reason: str, now: datetime) -> None:
    """
    Free the seat of a booking whose group lesson is locked and which is not held any more. With the last one the lesson is
    not held: its meeting is not wanted, and its teacher is free.
    """
    lesson = booking.group_lesson
    if lesson is None:
        return
    if lesson.meeting is not None:
        leaving = Registrant.objects.filter(meeting=lesson.meeting, user=booking.student)
        # Whoever is registered at Zoom is taken out there by the reconciler, which looks for who is not expected.
        leaving.filter(zoom_registrant_id="").delete()
        leaving.update(is_invited=False)
    if lesson.bookings.filter(status__in=SEATED).exclude(pk=booking.pk).exists():
        return
    if lesson.meeting is not None:
        meetings.cancel_meeting(meeting_id=lesson.meeting.pk, now=now, reason=reason)
    claims.release_held(held_by=lesson.pk)
    lesson.cancelled_at = now
    lesson.save(update_fields=["cancelled_at", "updated_at"])


def _spec(lesson: GroupLesson) -> meetings.MeetingSpec:
    return meetings.MeetingSpec(
        teacher=lesson.teacher,
        title=f"{lesson.kind.name} · {lesson.teacher.name}",
        description=lesson.kind.description,
        starts_at=lesson.starts_at,
        duration_minutes=lesson.duration_minutes,
        timezone=lesson.teacher.timezone,
        audience=Audience.INVITED,
        zoom_settings=lesson.kind.meeting_settings,
    )
