"""The sessions of a course: `/api/courses/{id}/sessions`, `/api/sessions/{id}`, and their Zoom meetings."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin
from classbell.accounts.schemas import Done
from classbell.courses import services
from classbell.courses.api.answers import describe_session, session_answer
from classbell.courses.models import Course
from classbell.courses.permissions import can_teach, sees_course, sees_session, teaches_session
from classbell.courses.queries import meetings_of, progress, sessions_of
from classbell.courses.schemas import ProgressOut, SessionAnswer, SessionMeetingIn, SessionPatch, SessionsAnswer
from classbell.errors import NotAllowed, ZoomFailed
from classbell.groups.queries import people_named
from classbell.meetings.api.answers import describe, find_meeting
from classbell.meetings.errors import MeetingNotWanted
from classbell.meetings.models import Meeting, SyncStatus
from classbell.meetings.schemas import MeetingAnswer
from classbell.meetings.services import retry_sync, sync_now
from classbell.meetings.sync.gateway import is_configured
from classbell.paging import PageQuery, paginate
from classbell.wire import Note
from classbell.zoom.errors import ZoomNotConfigured

of_courses = Router(tags=["Courses"])
router = Router(tags=["Courses"])
on_zoom = Router(tags=["Courses"])


@of_courses.get("/{uuid:course_id}/sessions", response=SessionsAnswer)
@allowed(sees_course, for_wards=True)
def list_sessions(request: ApiRequest, course_id: UUID, page: Query[PageQuery]) -> SessionsAnswer:
    """The sessions in the order of their times, cancelled ones too, and how far Zoom is with all of them."""
    course = Course.objects.select_related("group").get(pk=course_id)
    found = paginate(meetings_of(course), page, by="starts_at")
    far = progress(course)
    return SessionsAnswer(
        sessions=[describe_session(session, request.user) for session in sessions_of(course, found.items)],
        progress=ProgressOut(
            synced=far.synced, pending=far.pending, failed=far.failed, not_configured=far.not_configured
        ),
        next_cursor=found.next_cursor,
    )


@router.get("/{uuid:session_id}", response=SessionAnswer)
@allowed(sees_session, for_wards=True)
def get(request: ApiRequest, session_id: UUID) -> SessionAnswer:
    """One session, with the links to its Zoom meeting."""
    return session_answer(session_id, request.user)


@router.patch("/{uuid:session_id}", response=SessionAnswer)
@allowed(teaches_session)
def change(request: ApiRequest, session_id: UUID, body: SessionPatch) -> SessionAnswer:
    """
    Change a session, move it, let somebody else teach it (`teacher_id`), or cancel it (`cancelled`, `reason`). Zoom
    follows. 400 `teacher_busy` when its teacher has something then.
    """
    now = timezone.now()
    if body.cancelled:
        session = services.cancel_session(session_id=session_id, reason=body.reason, now=now)
    else:
        substitute = _substitute(request.user, session_id, body.teacher_id)
        session = services.change_session(
            session_id=session_id,
            title=body.title,
            description=body.description,
            starts_at=body.start_time,
            duration_minutes=body.duration,
            timezone=body.timezone,
            teacher=substitute,
            location=body.location,
            now=now,
        )
    sync_now(session.meeting_id)
    return session_answer(session_id, request.user)


@router.delete("/{uuid:session_id}", response=Done)
@allowed(teaches_session)
def cancel(request: ApiRequest, session_id: UUID, reason: Note = "") -> Done:
    """Cancel a session; Zoom's meeting is deleted, the session stays in the list as cancelled."""
    session = services.cancel_session(session_id=session_id, reason=reason, now=timezone.now())
    sync_now(session.meeting_id)
    return Done()


@on_zoom.post("/meeting", response={200: MeetingAnswer, 201: MeetingAnswer}, by_alias=True)
@allowed(is_teacher_or_admin)
@idempotent
def make_meeting(request: ApiRequest, body: SessionMeetingIn) -> Status[MeetingAnswer]:
    """
    Make the Zoom meeting of a session, again if it got lost: 201 when there is a new one, 200 when it was there. While
    Zoom is slow or down its `sync_status` is `pending` and it follows. 503 when Zoom is not configured, 500 when it refuses.
    """
    if not teaches_session(request.user, body.session_id):
        raise NotAllowed
    before = services.find_session(body.session_id).meeting
    if not before.wanted:
        raise MeetingNotWanted(_("This session was cancelled."))
    if not is_configured():
        raise ZoomNotConfigured
    retry_sync(meeting_id=before.pk, now=timezone.now())
    sync_now(before.pk)
    meeting = Meeting.objects.get(pk=before.pk)
    if meeting.sync_status == SyncStatus.FAILED and not meeting.zoom_meeting_id:
        raise ZoomFailed("create Zoom meeting", meeting.sync_error_in_words)
    is_new = bool(meeting.zoom_meeting_id) and meeting.zoom_meeting_id != before.zoom_meeting_id
    seen = find_meeting(request.user, str(meeting.pk))
    answer = MeetingAnswer(meeting=describe(seen, request.user, now=timezone.now(), with_start_url=True))
    return Status(201 if is_new else 200, answer)


def _substitute(user: User, session_id: UUID, teacher_id: UUID | None) -> User | None:
    if teacher_id is None:
        return None
    if not can_teach(user, services.find_session(session_id).course):
        raise NotAllowed(_("Only the course's teacher and admins can name a substitute."))
    (teacher,) = people_named(ids=[teacher_id])
    return teacher
