"""
What keeps meetings true without a person: finding specs that got stuck, and looking at what Zoom really has.

A sweep of a host finds meetings we lost sight of (the marker is ours, the id is not the one we know: a second copy, which
goes), meetings made elsewhere (kept in view, and their time claimed), and ours that are missing. What is wrong with a
meeting itself is put right by reconciling it with `verify`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef, UUIDField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings import claims
from classbell.meetings.audience import lacks_registrants
from classbell.meetings.claims import NewClaim
from classbell.meetings.jobs import RECONCILE
from classbell.meetings.locks import MEETING_LOCKS, LockBusy, advisory_lock, meeting_key
from classbell.meetings.models import (
    ClaimKind,
    ForeignMeeting,
    Meeting,
    Occurrence,
    SyncStatus,
    ZoomHost,
)
from classbell.meetings.sync.gateway import in_account
from classbell.meetings.sync.spec import RECURRING, marked_meeting
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomNotFound
from classbell.zoom.models import MeetingSummary

log = structlog.get_logger(__name__)

# A pending meeting is stuck when its attempt is this long overdue and no job of it is left.
OVERDUE_AFTER = timedelta(seconds=15)
STUCK_AT_ONCE = 500
VERIFIED_AT_ONCE = 500
NIL: Final = UUID(int=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostSweep:
    """What looking at one host's meetings found."""

    ours: int
    foreign: int
    copies_deleted: int


def claim_stuck(*, now: datetime) -> list[UUID]:
    """
    Return pending meetings whose attempt is overdue and that have no job, and move their next attempt on so that no other
    sweep takes them.

    Their jobs gave up after crashes, or were lost.
    """
    at_work = (
        ProcrastinateJob.objects.filter(task_name=RECONCILE, status__in=["todo", "doing"])
        .annotate(meeting=Cast(KeyTextTransform("meeting_id", "args"), UUIDField()))
        .values("meeting")
    )
    due = list(
        Meeting.objects.unfinished()
        .filter(next_attempt_at__lt=now - OVERDUE_AFTER)
        .exclude(pk__in=at_work)
        .order_by("next_attempt_at")
        .values_list("pk", flat=True)[:STUCK_AT_ONCE]
    )
    Meeting.objects.filter(pk__in=due, sync_status=SyncStatus.PENDING).update(next_attempt_at=now)
    if due:
        log.info("stuck_meetings_taken_up", count=len(due))
    return due


def meetings_to_verify(*, now: datetime, after: UUID = NIL) -> list[UUID]:
    """
    Return the next few meetings with coming sessions that should be on Zoom, to be compared with what is there: in the order
    of their ids, VERIFIED_AT_ONCE at most, those `after` one of them. The database looks at these, however many there are.
    """
    coming = Occurrence.objects.taking_place().filter(meeting=OuterRef("pk"), starts_at__gt=now)
    found = Meeting.objects.filter(Exists(coming), wanted=True, sync_status=SyncStatus.SYNCED, pk__gt=after)
    return list(found.order_by("pk").values_list("pk", flat=True)[:VERIFIED_AT_ONCE])


def sweep_host(host: ZoomHost, client: ZoomClient, *, now: datetime) -> HostSweep:
    """
    Look at everything scheduled under one host, in its account. One MEDIUM call per 300 meetings, one delete per stray copy.
    """
    client = in_account(client, host.account.account_id)
    ours, foreign, deleted = 0, [], 0
    for summary in client.iter_meetings(host.zoom_user_id, type="scheduled"):
        meeting_id = marked_meeting(summary)
        if meeting_id is None or not Meeting.objects.filter(pk=meeting_id).exists():
            foreign.append(summary)
        elif _delete_if_copy(meeting_id, summary, client):
            deleted += 1
        else:
            ours += 1
    _keep_in_view(host, foreign, now)
    ZoomHost.objects.filter(pk=host.pk).update(swept_at=now)
    return HostSweep(ours=ours, foreign=len(foreign), copies_deleted=deleted)


def _delete_if_copy(meeting_id: UUID, summary: MeetingSummary, client: ZoomClient) -> bool:
    """Delete a Zoom meeting made for one of ours that is not the one we know. Not while that one is being worked on."""
    try:
        with advisory_lock(MEETING_LOCKS, meeting_key(meeting_id), wait_seconds=0):
            meeting = Meeting.objects.get(pk=meeting_id)
            if meeting.zoom_meeting_id == summary.id or meeting.create_started_at is not None:
                return False
            try:
                client.delete_meeting(summary.id)
            except ZoomNotFound:
                return False
    except LockBusy:
        return False
    log.warning("copy_deleted_on_zoom", meeting=str(meeting_id), zoom_meeting_id=summary.id)
    return True


def _keep_in_view(host: ZoomHost, found: Sequence[MeetingSummary], now: datetime) -> None:
    """Remember the meetings made elsewhere and claim their time on a seat of their host, where it is free."""
    host.foreign_meetings.exclude(zoom_meeting_id__in=[summary.id for summary in found]).delete()
    seats = list(host.seats.all())
    for summary in found:
        starts_at = summary.start_time
        ends_at = starts_at and starts_at + timedelta(minutes=summary.duration or 60)
        foreign, created = ForeignMeeting.objects.update_or_create(
            host=host,
            zoom_meeting_id=summary.id,
            defaults={
                "topic": summary.topic[:300],
                "starts_at": starts_at,
                "ends_at": ends_at,
                "is_recurring": summary.type == RECURRING,
                "seen_at": now,
            },
        )
        if starts_at is None or ends_at is None or not seats:
            continue
        if not created:
            foreign.claims.all().delete()
        for seat in seats:
            claim = NewClaim(
                kind=ClaimKind.SEAT,
                resource_id=seat.pk,
                starts_at=starts_at,
                ends_at=ends_at,
                foreign_meeting_id=foreign.pk,
            )
            if not claims.take([claim]):
                break


def meetings_lacking_registrants(*, now: datetime) -> list[UUID]:
    """
    Return the coming meetings with registration, already on Zoom, where Zoom knows others than `people_to_register` says.
    Refused people are not asked for again until something changes.
    """
    coming = Occurrence.objects.filter(meeting=OuterRef("pk"), ends_at__gt=now)
    return list(
        Meeting.objects.filter(Exists(coming), registration=True, wanted=True, sync_status=SyncStatus.SYNCED)
        .filter(lacks_registrants(), location="")
        .values_list("pk", flat=True)
    )
