"""Many sessions of a course at once: `/api/courses/{id}/sessions/batch`."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.permissions import allowed
from classbell.courses.api.answers import describe_budget, describe_clash, describe_session
from classbell.courses.batches import create_sessions
from classbell.courses.errors import DatesRefused
from classbell.courses.models import Course
from classbell.courses.pattern import NewSession, Pattern, sessions_of
from classbell.courses.permissions import teaches_course
from classbell.courses.schemas import BatchAnswer, BatchIn, PatternIn
from classbell.meetings.api.answers import describe_crowd

router = Router(tags=["Courses"])


@router.post("/{uuid:course_id}/sessions/batch", response={200: BatchAnswer, 201: BatchAnswer})
@allowed(teaches_course)
@idempotent
def create_batch(request: ApiRequest, course_id: UUID, body: BatchIn, dry_run: bool = False) -> Status[BatchAnswer]:
    """
    Make sessions from a list or a pattern, at most 1 000, all or none, however Zoom is: each has a meeting that follows.

    400 `sessions_clash` names every session that cannot be, unless `skip_clashes` leaves those out. `?dry_run=true` answers
    the same with 200, clashes included, and saves nothing.
    """
    course = Course.objects.select_related("group").get(pk=course_id)
    batch = create_sessions(
        course_id=course_id,
        wanted=_listed(course, body) if body.pattern is None else sessions_of(_pattern(course, body.pattern)),
        skip_clashes=body.skip_clashes,
        dry_run=dry_run,
        now=timezone.now(),
    )
    answer = BatchAnswer(
        dry_run=dry_run,
        sessions=[describe_session(s, request.user, is_saved=not dry_run) for s in batch.sessions],
        clashes=[describe_clash(clash) for clash in batch.clashes],
        budget=describe_budget(batch.budget),
        too_many_people=describe_crowd(batch.crowd),
    )
    return Status(200 if dry_run else 201, answer)


def _listed(course: Course, body: BatchIn) -> list[NewSession]:
    return [
        NewSession(
            title=session.title,
            starts_at=session.start_time,
            duration_minutes=session.duration,
            timezone=session.timezone or course.group.timezone,
            description=session.description,
            location=session.location,
        )
        for session in body.sessions or ()
    ]


def _pattern(course: Course, body: PatternIn) -> Pattern:
    first, last = body.from_ or course.start_date, body.to or course.end_date
    if first is None or last is None:
        raise DatesRefused(_("Say from which date to which (from, to): the course has no such date."))
    return Pattern(
        title=body.title or course.title,
        weekdays=body.weekdays,
        start_time=body.start_time.replace(tzinfo=None),
        duration_minutes=body.duration,
        first_date=first,
        last_date=last,
        timezone=body.timezone or course.group.timezone,
        excluded=frozenset(body.except_),
        description=body.description,
        location=body.location,
    )
