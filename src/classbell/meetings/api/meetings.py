"""School meetings: made, read, changed, cancelled."""

from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_teacher_or_admin, signed_in
from classbell.accounts.schemas import Done
from classbell.errors import DomainError, NotAllowed, NotThere
from classbell.groups.models import Group
from classbell.groups.permissions import teaches_class
from classbell.groups.queries import people_named
from classbell.meetings import occurrences, services
from classbell.meetings.api.answers import describe, describe_list, find_meeting
from classbell.meetings.changes import MeetingChanges
from classbell.meetings.changes import change_meeting as change
from classbell.meetings.defaults import checked_for_meeting, checked_for_new_meeting
from classbell.meetings.invitations import schedule_meeting
from classbell.meetings.models import Audience, Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.permissions import hosts_meeting_named
from classbell.meetings.schemas import MeetingAnswer, MeetingIn, MeetingPatch, MeetingsAnswer
from classbell.meetings.signals import times_asked
from classbell.paging import PageQuery, paginate
from classbell.wire import Word

router = Router()
# What of a change gives a meeting other times, or other people.
TIMES = frozenset({"starts_at", "duration", "timezone", "recurrence", "class_id", "target_audience", "occurrence_id"})
STATUSES = ("scheduled", "live", "ended", "cancelled")


class UnknownStatus(DomainError):
    """The filter names no status."""

    code = "invalid_input"

    def __init__(self) -> None:
        super().__init__(_("status must be one of %(statuses)s") % {"statuses": ", ".join(STATUSES)})


@router.post("/meetings", response={201: MeetingAnswer}, by_alias=True)
@allowed(is_teacher_or_admin)
@idempotent
def create_meeting(request: ApiRequest, body: MeetingIn) -> MeetingAnswer:
    """
    Schedule a meeting. It is on Zoom when this answers, if Zoom answers in time; else `sync_status` is `pending` and it
    follows. 400 `teacher_busy` when the host already has something then.
    """
    now = timezone.now()
    group = _class_of(request.user, body.class_id)
    meeting = schedule_meeting(
        services.MeetingSpec(
            teacher=_host(request.user, body.host_id),
            group=group,
            title=body.title,
            description=body.description,
            starts_at=body.starts_at,
            duration_minutes=body.duration,
            timezone=body.timezone or (group.timezone if group else request.user.timezone),
            rule=body.recurrence,
            audience=_audience(body.target_audience, group),
            registration=body.registration_enabled,
            location=body.location,
            zoom_settings=checked_for_new_meeting(body.settings, group=group, registration=body.registration_enabled),
        ),
        invited=people_named(ids=body.invited) if body.invited else [],
        now=now,
    )
    return _answer(request, meeting.pk)


@router.get("/meetings", response=MeetingsAnswer, by_alias=True)
@allowed(signed_in, for_wards=True)
def list_meetings(
    request: ApiRequest,
    page: Query[PageQuery],
    status: Word = "",
    classId: UUID | None = None,  # noqa: N803 -- the contract's name
    upcoming: bool = False,
) -> MeetingsAnswer:
    """
    Meetings you may see, the latest first; with `upcoming` those to come, the nearest first. Those that were cancelled only
    with `status=cancelled`.
    """
    now = timezone.now()
    meetings: QuerySet[Meeting] = Meeting.objects.filter(pk__in=Meeting.objects.visible_to(request.user).values("pk"))
    if classId is not None:
        meetings = meetings.filter(group=classId)
    meetings = _in_status(meetings, status) if status else meetings.filter(wanted=True)
    if upcoming:
        meetings = meetings.filter(_has(ends_at__gt=now), wanted=True)
    found = paginate(meetings.select_related("teacher", "group"), page, by="starts_at" if upcoming else "-starts_at")
    return MeetingsAnswer(meetings=describe_list(found.items, request.user, now=now), next_cursor=found.next_cursor)


@router.get("/meetings/{meeting_id}", response=MeetingAnswer, by_alias=True)
@allowed(signed_in, for_wards=True)
def get_meeting(request: ApiRequest, meeting_id: str) -> MeetingAnswer:
    """One meeting, by our id or by Zoom's number. 404 for whom it does not exist, and once it was cancelled."""
    meeting = find_meeting(request.user, meeting_id)
    return MeetingAnswer(meeting=describe(meeting, request.user, now=timezone.now(), with_start_url=True))


@router.patch("/meetings/{meeting_id}", response=MeetingAnswer, by_alias=True)
@allowed(hosts_meeting_named)
def change_meeting(request: ApiRequest, meeting_id: str, body: MeetingPatch) -> MeetingAnswer:
    """
    Change a meeting, or with `occurrence_id` the time or the place of one session of a series. Zoom follows. 404
    once it was cancelled: schedule another one. A lesson has its times from its booking: 400 `is_a_lesson`, which names it.
    """
    now = timezone.now()
    meeting = find_meeting(request.user, meeting_id)
    if body.model_fields_set & TIMES:
        times_asked.send(Meeting, meeting=meeting)
    if body.occurrence_id is not None:
        occurrences.change_occurrence(
            occurrence_id=_occurrence(meeting, body.occurrence_id).pk,
            starts_at=body.starts_at,
            duration_minutes=body.duration,
            location=body.location,
            now=now,
        )
    else:
        change(meeting_id=meeting.pk, changes=_changes(request.user, meeting, body), now=now, soon=True)
    return _answer(request, meeting.pk)


@router.post("/meetings/{meeting_id}/sync", response=MeetingAnswer, by_alias=True)
@allowed(hosts_meeting_named)
def sync_meeting(request: ApiRequest, meeting_id: str) -> MeetingAnswer:
    """
    Compare a meeting with Zoom now, and put right what differs there. Safe to repeat; `sync_status` is `pending` when Zoom
    does not answer in time. 404 once it was cancelled.
    """
    meeting = find_meeting(request.user, meeting_id)
    services.sync_again(meeting_id=meeting.pk, now=timezone.now(), soon=True)
    return _answer(request, meeting.pk, verify=True)


@router.delete("/meetings/{meeting_id}", response=Done)
@allowed(hosts_meeting_named)
def cancel_meeting(request: ApiRequest, meeting_id: str, occurrence_id: Word | None = None) -> Done:
    """
    Cancel a meeting, or with `occurrence_id` one session of a series. Zoom follows. Whoever is in the room of a session
    that runs stays until it ends; nobody else comes in, and Zoom's meeting is removed afterwards.

    A cancelled meeting is not there any more: 404 for whoever asks for it, changes it or wants to come in, also by Zoom's
    number; a second DELETE too. `status=cancelled` lists it, pages still say to those who knew it that it was cancelled, and
    what was recorded of sessions that had begun (attendance, participants, runs, reports) stays. A lesson is cancelled by its
    booking: 400 `is_a_lesson`, which names it.
    """
    now = timezone.now()
    meeting = find_meeting(request.user, meeting_id)
    times_asked.send(Meeting, meeting=meeting)
    if occurrence_id is not None:
        occurrences.cancel_occurrence(occurrence_id=_occurrence(meeting, occurrence_id).pk, reason="", now=now)
    else:
        services.cancel_meeting(meeting_id=meeting.pk, now=now)
    services.sync_now(meeting.pk)
    return Done()


def _answer(request: ApiRequest, meeting_id: UUID, *, verify: bool = False) -> MeetingAnswer:
    services.sync_now(meeting_id, verify=verify)
    meeting = find_meeting(request.user, str(meeting_id))
    return MeetingAnswer(meeting=describe(meeting, request.user, now=timezone.now(), with_start_url=True))


def _host(user: User, host_id: UUID | None) -> User:
    """Teachers hold what they schedule; admins may name who holds it."""
    if host_id is None or host_id == user.pk:
        return user
    if not user.is_admin:
        raise NotAllowed(_("Only admins can schedule a meeting for somebody else."))
    (host,) = people_named(ids=[host_id])
    if not (host.is_teacher or host.is_admin):
        raise NotAllowed(_("%(name)s does not teach and cannot hold a meeting.") % {"name": host.name})
    return host


def _class_of(user: User, class_id: UUID | None) -> Group | None:
    """Return the class, if this person teaches it or is an admin. Raises NotThere, NotAllowed."""
    if class_id is None:
        return None
    if not teaches_class(user, class_id):
        raise NotAllowed
    return Group.objects.get(pk=class_id)


def _audience(target: str | None, group: Group | None) -> Audience:
    if target is None:
        return Audience.CLASS if group else Audience.INVITED
    return Audience(target)


def _changes(user: User, meeting: Meeting, body: MeetingPatch) -> MeetingChanges:
    given = body.model_dump(exclude_unset=True)
    names = {
        "title": "title",
        "description": "description",
        "starts_at": "starts_at",
        "duration_minutes": "duration",
        "timezone": "timezone",
        "rule": "recurrence",
        "registration": "registration_enabled",
        "zoom_settings": "settings",
        "location": "location",
    }
    changes = {name: given[field] for name, field in names.items() if given.get(field) is not None}
    if "class_id" in given:
        changes["group"] = _class_of(user, given["class_id"])
    if given.get("target_audience") is not None:
        changes["audience"] = Audience(given["target_audience"])
    if "zoom_settings" in changes:
        registration = changes.get("registration", meeting.registration)
        changes["zoom_settings"] = checked_for_meeting(body.settings or {}, meeting=meeting, registration=registration)
    return cast("MeetingChanges", changes)


def _occurrence(meeting: Meeting, occurrence_id: str) -> Occurrence:
    """Return one session by our id or by Zoom's. Raises NotThere."""
    for occurrence in meeting.occurrences.all():
        if occurrence_id in (str(occurrence.pk), occurrence.zoom_occurrence_id):
            return occurrence
    raise NotThere(_("This meeting has no such session."))


def _in_status(meetings: QuerySet[Meeting], status: str) -> QuerySet[Meeting]:
    """Keep the meetings that `status_of` would call so."""
    live = _has(status=OccurrenceStatus.LIVE)
    ahead = _has(ends_at__gt=timezone.now(), status__in=(OccurrenceStatus.SCHEDULED, OccurrenceStatus.LIVE))
    match status.lower():
        case "cancelled":
            return meetings.filter(wanted=False)
        case "live" | "started":
            return meetings.filter(live, wanted=True)
        case "scheduled":
            return meetings.filter(ahead & ~live, wanted=True)
        case "ended":
            return meetings.filter(~ahead & ~live, wanted=True)
        case _:
            raise UnknownStatus


def _has(**occurrence: object) -> Q:
    return Q(Exists(Occurrence.objects.filter(meeting=OuterRef("pk"), **occurrence).exclude(status="cancelled")))
