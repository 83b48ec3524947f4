"""Courses and sessions as the API answers them."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from classbell import reasons
from classbell.accounts.models import User
from classbell.courses.errors import SessionClash
from classbell.courses.models import Course, Session
from classbell.courses.permissions import can_teach
from classbell.courses.queries import zoom_status
from classbell.courses.schemas import (
    BudgetOut,
    ClashOut,
    CourseAnswer,
    CourseOut,
    LaterOut,
    SessionAnswer,
    SessionOut,
    SessionTeacherOut,
)
from classbell.courses.services import find_session
from classbell.groups.answers import describe_person
from classbell.meetings.api.answers import describe_backup_room, shown_location
from classbell.meetings.hosts.budget import Forecast
from classbell.meetings.joining.backup import may_be_near
from classbell.meetings.joining.doors import is_shown_way_in
from classbell.meetings.permissions import can_host
from classbell.meetings.queries import join_link, start_link_if_any


def course_answer(course_id: UUID) -> CourseAnswer:
    """Return one course as its teacher and admins see it."""
    return CourseAnswer(course=describe_course(Course.objects.with_counts().get(pk=course_id)))


def describe_course(course: Course) -> CourseOut:
    """Return a course that was read `with_counts`."""
    return CourseOut(
        id=course.pk,
        title=course.title,
        description=course.group.description,
        timezone=course.group.timezone,
        start_date=course.start_date,
        end_date=course.end_date,
        teacher=describe_person(course.teacher),
        capacity=course.group.capacity,
        student_count=getattr(course, "student_count"),  # noqa: B009 -- an annotation, which types do not know
        waiting_count=getattr(course, "waiting_count"),  # noqa: B009
        session_count=getattr(course, "session_count"),  # noqa: B009
        created_at=course.created_at,
        ended_at=course.ended_at,
    )


def describe_clash(clash: SessionClash) -> ClashOut:
    """Return a session of a batch that cannot be."""
    return ClashOut(
        index=clash.index,
        title=clash.title,
        start_time=clash.starts_at,
        end_time=clash.ends_at,
        kind=clash.kind,
        blocked_by=clash.blocked_by,
        blocks=clash.blocks,
        message=clash.sentence(),
    )


def describe_budget(budget: Forecast) -> BudgetOut:
    """Return when a batch's meetings can go out, in numbers and in words."""
    return BudgetOut(
        calls=budget.calls,
        today=budget.today,
        left_today=budget.left_today,
        later=[LaterOut(date=day, calls=calls) for day, calls in budget.later],
        seconds=round(budget.seconds, 1),
        message=budget.sentence(),
    )


def session_answer(session_id: UUID, user: User) -> SessionAnswer:
    """Return one session as this person sees it; the host's start link is asked of Zoom."""
    return SessionAnswer(session=describe_session(find_session(session_id), user, with_start_url=True))


def describe_session(
    session: Session, user: User, *, with_start_url: bool = False, is_saved: bool = True
) -> SessionOut:
    """Return a session that was read with its meeting and session."""
    meeting, occurrence, now = session.meeting, session.occurrence, timezone.now()
    hosts = can_host(user, meeting)
    shown = is_shown_way_in(user, meeting, now=now, date=occurrence, to_program=True)
    there = shown and meeting.can_be_entered
    return SessionOut(
        id=session.pk if is_saved else None,
        course_id=session.course_id,
        number=session.number,
        title=session.title,
        description=meeting.description,
        start_time=occurrence.starts_at,
        end_time=occurrence.ends_at,
        duration=int((occurrence.ends_at - occurrence.starts_at) / timedelta(minutes=1)),
        timezone=meeting.timezone,
        status=occurrence.status,
        cancellation_reason=reasons.told(occurrence.cancellation_reason),
        teacher=SessionTeacherOut(id=meeting.teacher_id, name=session.teacher.name),
        is_substitute=session.is_substituted,
        zoom_status=zoom_status(session),
        zoom_error=meeting.sync_error_in_words or None if hosts or can_teach(user, session.course) else None,
        ends_after_minutes=meeting.ends_after_minutes,
        meeting_uuid=meeting.pk if is_saved else None,
        meeting_id=(meeting.zoom_number or None) if there else None,
        join_url=(join_link(meeting, user) or None) if there else None,
        start_url=(start_link_if_any(meeting, user) or None) if there and hosts and with_start_url else None,
        password=meeting.password or None if there and not meeting.is_elsewhere else None,
        location=shown_location(meeting, is_shown=shown),
        backup_room=describe_backup_room(meeting, user, now=now)
        if may_be_near(occurrence.starts_at, occurrence.ends_at, now=now)
        else None,
    )
