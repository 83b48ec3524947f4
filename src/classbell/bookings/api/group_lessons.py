"""Lessons that students share, for their teachers and admins."""

from uuid import UUID

from django.utils import timezone
from ninja import Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed
from classbell.bookings import group_lessons
from classbell.bookings.group_lessons import get_group_lesson
from classbell.bookings.models import GroupLesson
from classbell.bookings.permissions import teaches_group_lesson
from classbell.bookings.schemas.bookings import ReasonIn
from classbell.bookings.schemas.kinds import GroupLessonMoveIn, GroupLessonOut, SeatOut
from classbell.bookings.seats import SEATED
from classbell.meetings.services import sync_now

router = Router()


@router.get("/group-lessons/{uuid:lesson_id}", response=GroupLessonOut)
@allowed(teaches_group_lesson)
def one_group_lesson(request: ApiRequest, lesson_id: UUID) -> GroupLessonOut:
    """A lesson that students share, and who has a seat."""
    return _describe(lesson_id)


@router.post("/group-lessons/{uuid:lesson_id}/reschedule", response=GroupLessonOut)
@allowed(teaches_group_lesson)
def move_group_lesson(request: ApiRequest, lesson_id: UUID, body: GroupLessonMoveIn) -> GroupLessonOut:
    """
    Hold it at another time for all who have a seat; the Zoom meeting follows. 400 `students_busy` names who has something
    else then, `slot_unavailable` when the teacher has.
    """
    minutes = get_group_lesson(lesson_id).duration_minutes
    lesson = group_lessons.reschedule_group_lesson(
        lesson_id=lesson_id,
        by=request.user,
        starts_at=body.start_time,
        ends_at=body.ends_at(minutes),
        reason=body.reason,
        now=timezone.now(),
    )
    _sync(lesson)
    return _describe(lesson_id)


@router.post("/group-lessons/{uuid:lesson_id}/cancel", response=GroupLessonOut)
@allowed(teaches_group_lesson)
def cancel_group_lesson(request: ApiRequest, lesson_id: UUID, body: ReasonIn) -> GroupLessonOut:
    """Cancel it for all who have a seat; the Zoom meeting is deleted."""
    _sync(
        group_lessons.cancel_group_lesson(lesson_id=lesson_id, by=request.user, reason=body.reason, now=timezone.now())
    )
    return _describe(lesson_id)


def _sync(lesson: GroupLesson) -> None:
    if lesson.meeting is not None:
        sync_now(lesson.meeting.pk)


def _describe(lesson_id: UUID) -> GroupLessonOut:
    lesson = get_group_lesson(lesson_id)
    booked = [one for one in lesson.bookings.all() if one.status in SEATED]
    return GroupLessonOut(
        id=lesson.pk,
        kind=lesson.kind_id,
        kind_name=lesson.kind.name,
        teacher=lesson.teacher_id,
        teacher_name=lesson.teacher.name,
        start_time=lesson.starts_at,
        end_time=lesson.ends_at,
        seats=lesson.kind.seats,
        seats_left=max(lesson.kind.seats - len(booked), 0) if lesson.cancelled_at is None else 0,
        is_cancelled=lesson.cancelled_at is not None,
        bookings=[
            SeatOut(booking_id=one.pk, student=one.student_id, student_name=one.student.name, status=one.status)
            for one in booked
        ],
    )
