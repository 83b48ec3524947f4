"""Reads of meetings with more than one caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db.models import Count, Min, Q, QuerySet

from classbell import reasons
from classbell.accounts.models import User
from classbell.accounts.wall import knows_people
from classbell.groups.models import Membership
from classbell.meetings.models import (
    Expected,
    Meeting,
    MeetingRun,
    Occurrence,
    OccurrenceStatus,
    Registrant,
    SyncStatus,
    ZoomHost,
)
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.permissions import attends, can_host
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.zoom.errors import ZoomError

log = structlog.get_logger(__name__)

SUBSTITUTES_COME_EARLY: Final = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """How far Zoom is behind: meetings on their way by themselves, since when, and those that wait for a person."""

    pending: int
    oldest_pending_since: datetime | None
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancellation:
    """
    What cancelling some meetings comes to: how many sessions are cancelled, whether one is going on in its room, and
    whether it is a session's time without anybody having opened its room.
    """

    coming: int
    is_open: bool
    is_unopened: bool


def if_cancelled(sessions: OccurrenceQuerySet, *, now: datetime) -> Cancellation:
    """Return what cancelling the meetings of these sessions comes to. Two queries."""
    running = set(sessions.running(now).values_list("status", flat=True))
    return Cancellation(
        coming=sessions.taking_place().filter(starts_at__gt=now).count(),
        is_open=OccurrenceStatus.LIVE in running,
        is_unopened=OccurrenceStatus.SCHEDULED in running,
    )


def own_occurrences(user: User) -> OccurrenceQuerySet:
    """
    Sessions to be at: what a student may attend, what a teacher teaches or may attend, what an admin teaches, also as a
    substitute, or is expected at because they learn too. Not the dates that a series leaves out: nobody was to be there.
    """
    return _own(user).exclude(status=OccurrenceStatus.CANCELLED, cancellation_reason=reasons.LEFT_OUT)


def _own(user: User) -> OccurrenceQuerySet:
    if user.is_admin:
        theirs = Meeting.objects.filter(teacher=user).order_by().values("pk")
        if user.learns:
            theirs = theirs.union(Expected.objects.filter(user=user).values("meeting"))
        return Occurrence.objects.of_meetings(theirs, substitute=user)
    return Occurrence.objects.visible_to(user)


def join_link(meeting: Meeting, user: User) -> str:
    """
    Return the link `user` attends by, "" while there is none: their personal one where registration is on, and of what is
    held elsewhere its address, for everybody.

    Whoever is not registered there gets the page on which Zoom registers them. Ask only for who may attend.
    """
    if meeting.is_elsewhere:
        return meeting.location_url
    if not meeting.registration or (can_host(user, meeting) and not attends(user, meeting)):
        return meeting.join_url
    personal = meeting.registrants.filter(user=user).values_list("join_url", flat=True).first()
    return personal or meeting.registration_url or ""


def start_link(meeting: Meeting, user: User) -> str:
    """
    Return the link that makes whoever opens it the host, fresh from Zoom: it carries the host's token and is never kept.
    Who was given it is logged.

    One LIGHT call, for at most ZOOM_INLINE_TIMEOUT. Raises ZoomError.
    """
    with zoom_in_request(meeting.zoom_account_id) as client:
        link = client.get_meeting(meeting.zoom_meeting_id).start_url or ""
    log.info("start_link_given", meeting=str(meeting.pk), user_id=str(user.pk))
    return link


def start_link_if_any(meeting: Meeting, user: User) -> str:
    """
    Return the host's link as `start_link` does, "" while Zoom has no meeting or does not answer; elsewhere all have the same.
    """
    if meeting.is_elsewhere or not meeting.zoom_meeting_id:
        return meeting.location_url
    try:
        return start_link(meeting, user)
    except ZoomError as error:
        log.warning("no_start_link", meeting=str(meeting.pk), error=str(error))
        return ""


def account_of_meeting(meeting_id: UUID) -> str:
    """Return Zoom's id of the account that is to hold a meeting, "" while none is chosen. One query."""
    return Meeting.objects.filter(pk=meeting_id).values_list("seat__host__account__account_id", flat=True).first() or ""


def account_of_run(zoom_instance_uuid: str) -> str:
    """Return Zoom's id of the account in which a run took place, "" for one of no meeting that is known. One query."""
    runs = MeetingRun.objects.filter(zoom_instance_uuid=zoom_instance_uuid)
    return runs.values_list("occurrence__meeting__zoom_host__account__account_id", flat=True).first() or ""


def account_of_user(zoom_user: str) -> str:
    """Return Zoom's id of the account that has this user, by id or e-mail, among its hosts; "" for none that is known."""
    hosts = ZoomHost.objects.filter(Q(zoom_user_id__iexact=zoom_user) | Q(email__iexact=zoom_user), is_active=True)
    return hosts.values_list("account__account_id", flat=True).first() or ""


def hosts_lent_to(user: User, *, now: datetime) -> set[str]:
    """
    Return the Zoom hosts, by e-mail and by id in lower case, as which a substitute starts their session: while it lasts and
    shortly before. A host's token opens every meeting of that host, so it is not lent for longer.
    """
    occurrences = Occurrence.objects.taking_place().between(now, now + SUBSTITUTES_COME_EARLY).filter(substitute=user)
    hosts = occurrences.values_list("meeting__zoom_host__email", "meeting__zoom_host__zoom_user_id")
    return {name.lower() for host in hosts for name in host if name}


def backlog() -> Backlog:
    """Return how far Zoom is behind the specs. One query."""
    counts = Meeting.objects.exclude(sync_status=SyncStatus.SYNCED).aggregate(
        pending=Count("pk", filter=Q(sync_status=SyncStatus.PENDING)),
        oldest_pending_since=Min("updated_at", filter=Q(sync_status=SyncStatus.PENDING)),
        failed=Count("pk", filter=Q(sync_status=SyncStatus.FAILED)),
    )
    return Backlog(**counts)


def failed_meetings() -> QuerySet[Meeting]:
    """Meetings that wait for a person, the longest waiting first."""
    return (
        Meeting.objects.filter(sync_status=SyncStatus.FAILED).select_related("teacher", "group").order_by("updated_at")
    )


def overruled_notes(*, now: datetime) -> list[dict[str, Any]]:
    """Return what is noted of each coming meeting in which Zoom keeps a setting otherwise. One statement."""
    coming = Occurrence.objects.taking_place().filter(starts_at__gt=now).values("meeting")
    noted = Meeting.objects.filter(pk__in=coming, wanted=True).exclude(zoom_overrules={})
    return list(noted.values_list("zoom_overrules", flat=True))


@knows_people
def _met(person: User) -> Iterable[QuerySet[Any, UUID]]:
    """Whom a teacher meets without teaching their group: in meetings they hold, and in sessions they take for others."""
    if not person.is_teacher:
        return ()
    held = Meeting.objects.filter(teacher=person).order_by().values("pk")
    meetings = held.union(Occurrence.objects.filter(substitute=person).order_by().values("meeting"))
    members = Membership.objects.filter(group__meetings__in=meetings).values_list("user", flat=True)
    invited = Registrant.objects.filter(meeting__in=meetings, is_invited=True).values_list("user", flat=True)
    return members, invited
