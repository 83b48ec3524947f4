"""Every change of a course and of single sessions. Batches of sessions are made in `batches`."""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.courses.errors import DatesRefused, InThePast, SessionOver
from classbell.courses.models import Course, Session
from classbell.errors import NotThere
from classbell.groups.models import GroupKind
from classbell.groups.services import NotATeacher, archive_group, change_group, create_group, reopen_group, set_teachers
from classbell.meetings import services as meetings
from classbell.meetings.batches import cancel_meetings, hand_over
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.locks import wait_for_other_moves
from classbell.rows import locked, write


def create_course(
    *,
    teacher: User,
    title: str,
    description: str = "",
    timezone: str,
    capacity: int | None = None,
    start_date: date | None = None,
    end_date: date | None = None,
) -> Course:
    """Make a course with nobody in it and no sessions. Raises DatesRefused, NotATeacher."""
    _check_dates(start_date, end_date)
    with transaction.atomic():
        group = create_group(
            kind=GroupKind.COURSE,
            name=title,
            description=description,
            timezone=timezone,
            capacity=capacity,
            teachers=[teacher],
        )
        return Course.objects.create(group=group, teacher=teacher, start_date=start_date, end_date=end_date)


def change_course(*, course_id: UUID, changes: dict[str, Any], teacher: User | None = None, now: datetime) -> Course:
    """
    Change `title`, `description`, `timezone`, `capacity`, `start_date`, `end_date` of a course, those that are given.

    A new `teacher` takes over the coming sessions that the one before would have held; substitutes stay. Sessions keep
    their times and titles.

    Raises NotThere, DatesRefused, NotATeacher, TeacherBusy; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        course = locked_course(course_id)
        dates: dict[str, Any] = {name: changes[name] for name in ("start_date", "end_date") if name in changes}
        _check_dates(dates.get("start_date", course.start_date), dates.get("end_date", course.end_date))
        write(course, dates)
        columns = {"title": "name", "description": "description", "timezone": "timezone", "capacity": "capacity"}
        change_group(
            group_id=course.group_id,
            **{column: changes[name] for name, column in columns.items() if name in changes},
        )
        if teacher is not None and teacher.pk != course.teacher_id:
            _change_teacher(course, teacher, now)
    return course


def end_course(*, course_id: UUID, now: datetime) -> None:
    """Stop a course: its coming sessions are cancelled, its past stays. Raises NotThere when it has ended already."""
    with transaction.atomic():
        course = locked_course(course_id)
        cancel_meetings(meeting_ids=_meeting_ids(course), now=now, reason=reasons.COURSE_ENDED)
        archive_group(group_id=course.group_id, now=now)
        write(course, {"ended_at": now})


def reopen_course(*, course_id: UUID) -> Course:
    """
    Teach a course again that was ended, with whoever was in it; what was cancelled stays so. Safe to repeat.

    Raises NotThere.
    """
    with transaction.atomic():
        course = locked(Course.objects.all(), course_id)
        if course is None:
            raise NotThere(_("There is no such course."))
        reopen_group(group_id=course.group_id)
        return write(course, {"ended_at": None})


def change_session(
    *,
    session_id: UUID,
    title: str | None = None,
    description: str | None = None,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    timezone: str | None = None,
    teacher: User | None = None,
    location: str | None = None,
    now: datetime,
) -> Session:
    """
    Change what is given of a session; the caller goes on to `sync_now` for its meeting.

    Another `teacher` substitutes for this session; the meeting moves to another Zoom host only where the present one may
    not serve that teacher. What has begun keeps its time and teacher.

    With another `location` it is held there, with "" at Zoom.

    Raises NotThere, SessionOver, InThePast, NotATeacher, TeacherBusy, MeetingNotWanted, LocationRefused; then nothing has
    changed.
    """
    given = {
        "title": title,
        "description": description,
        "starts_at": starts_at,
        "duration_minutes": duration_minutes,
        "timezone": timezone,
        "teacher": teacher,
        "location": location,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    with transaction.atomic():
        wait_for_other_moves()
        session = find_session(session_id)
        if changes.keys() - {"title", "description"}:
            _check_move(session, changes, now)
        if changes:
            wanted = cast("MeetingChanges", changes)
            change_meeting(meeting_id=session.meeting_id, changes=wanted, now=now, soon=True)
    return session


def cancel_session(*, session_id: UUID, reason: str, now: datetime) -> Session:
    """
    Cancel a session; it stays in its course's list as cancelled. The caller goes on to `sync_now`. Safe to repeat.

    Raises NotThere, SessionOver.
    """
    with transaction.atomic():
        session = find_session(session_id)
        if session.meeting.wanted:
            if session.occurrence.starts_at <= now:
                raise SessionOver(_("This session has begun or is over; it cannot be cancelled any more."))
            meetings.cancel_meeting(meeting_id=session.meeting_id, now=now, reason=reason)
    return session


def find_session(session_id: UUID) -> Session:
    """Return a session with its meeting and session. Raises NotThere."""
    session = Session.objects.with_meetings().filter(pk=session_id).first()
    if session is None:
        raise NotThere(_("There is no such session."))
    return session


def locked_course(course_id: UUID) -> Course:
    """Return a course that is still taught, its row locked. Raises NotThere."""
    course = locked(Course.objects.active(), course_id)
    if course is None:
        raise NotThere(_("There is no such course, or it has ended."))
    return course


def _change_teacher(course: Course, teacher: User, now: datetime) -> None:
    set_teachers(group_id=course.group_id, teachers=[teacher])
    own = course.sessions.filter(meeting__teacher=course.teacher_id)
    hand_over(meeting_ids=own.values_list("meeting", flat=True), teacher=teacher, now=now)
    write(course, {"teacher": teacher})


def _check_move(session: Session, changes: dict[str, Any], now: datetime) -> None:
    if session.occurrence.starts_at <= now:
        raise SessionOver(_("This session has begun or is over; only its title and description can be changed."))
    if changes.get("starts_at", session.occurrence.starts_at) <= now:
        raise InThePast(_("That time has passed; choose one to come."))
    teacher = changes.get("teacher")
    if teacher is not None and not (teacher.is_teacher or teacher.is_admin):
        raise NotATeacher(teacher)


def _check_dates(start_date: date | None, end_date: date | None) -> None:
    if start_date is not None and end_date is not None and end_date < start_date:
        raise DatesRefused(_("The last date must not be before the first."))


def _meeting_ids(course: Course) -> list[UUID]:
    return list(course.sessions.values_list("meeting", flat=True))
