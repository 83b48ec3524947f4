"""
Meetings that cannot wait for their host's next day, because they begin before their turn.

They go first: with what is kept of the host's day for people, and when that is spent too, on another host.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F

from classbell.meetings import services
from classbell.meetings.hosts import pool
from classbell.meetings.locks import MEETING_LOCKS, advisory_lock, meeting_key
from classbell.meetings.models import Meeting, Occurrence, SyncStatus
from classbell.meetings.schedule import ahead
from classbell.meetings.sync.reconcile import reconcile
from classbell.zoom.client import ZoomClient
from classbell.zoom.limits import Priority

log = structlog.get_logger(__name__)

DAY_SPENT = "zoom_daily_limit"
# People should have the link this long before they begin.
LINK_NEEDED_BEFORE = timedelta(minutes=15)


def begins_before_its_turn(meeting_id: UUID, *, now: datetime) -> bool:
    """Return whether a meeting waits for a daily limit beyond its next session."""
    waiting = Meeting.objects.unfinished().filter(wanted=True, sync_error_code=DAY_SPENT)
    coming = Occurrence.objects.taking_place().filter(meeting__in=waiting.filter(pk=meeting_id), starts_at__gt=now)
    return coming.filter(starts_at__lt=F("meeting__next_attempt_at") + LINK_NEEDED_BEFORE).exists()


def go_first(meeting_id: UUID, client: ZoomClient, *, now: datetime) -> SyncStatus:
    """
    Make a meeting true today although its host's batches are through for the day; say how it stands then.

    Raises LockBusy when another process is at this meeting.
    """
    client = client.with_options(priority=Priority.INTERACTIVE)
    status = reconcile(meeting_id, client)
    if status == SyncStatus.PENDING and begins_before_its_turn(meeting_id, now=now):
        if _moved(meeting_id, now=now):
            return reconcile(meeting_id, client)
        log.warning("no_budget_before_it_begins", meeting=str(meeting_id))
    return status


def _moved(meeting_id: UUID, *, now: datetime) -> bool:
    """Move a meeting that is not on Zoom yet to a host with some of today left, if its seat is free."""
    with advisory_lock(MEETING_LOCKS, meeting_key(meeting_id), wait_seconds=0), transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting_id)
        if not meeting.wanted or meeting.seat is None or meeting.zoom_meeting_id or meeting.create_started_at:
            return False
        if not pool.move_off_spent_host(meeting, ahead(meeting.occurrences.all(), now)):
            transaction.set_rollback(True)
            return False
        services.bump_revision(meeting, now)
    log.info("moved_off_spent_host", meeting=str(meeting_id), host=meeting.seat.host.email)
    return True
