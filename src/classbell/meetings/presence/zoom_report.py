"""
What Zoom says afterwards of who was in a session: asked for several times, because Zoom promises no time at which it is there
or complete, and kept beside what the events said.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from classbell.meetings import jobs
from classbell.meetings.models import MeetingRun, Occurrence, OccurrenceStatus, Participation, ReportFetch
from classbell.meetings.models.occurrence import LONGEST
from classbell.meetings.periods import StaySource
from classbell.meetings.presence import participations, runs
from classbell.meetings.sync.gateway import in_account
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError, ZoomNotFound
from classbell.zoom.models import Participant, PastInstance

log = structlog.get_logger(__name__)

# After the end. Usually it is there in minutes, in bad cases after half an hour or more.
MOMENTS: Final = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    *(timedelta(days=days) for days in (1, 2, 3, 7)),
)
# A report that is there by now will not get better.
COMPLETE_AFTER: Final = timedelta(hours=1)
# A session that still runs this long after its time has ended without a word, or is asked about in vain.
OVERRUN: Final = timedelta(hours=1)
# How long a worker may take for one report before another is asked for it.
LEASE: Final = timedelta(minutes=10)
AT_ONCE: Final = 100
WAITING_ROOM: Final = "in_waiting_room"


def claim_due(*, now: datetime) -> list[UUID]:
    """Return the sessions whose report is to be asked for now, so that nobody else gets them for a while."""
    over = Occurrence.objects.taking_place().filter(
        Q(ends_at__lt=now - OVERRUN) | ~Q(status=OccurrenceStatus.LIVE),
        ends_at__gt=now - MOMENTS[-1],
        ends_at__lt=now - MOMENTS[0],
        report_fetch=None,
    )
    new = over.exclude(meeting__zoom_meeting_id="").order_by("ends_at").values_list("pk", flat=True)[:AT_ONCE]
    ReportFetch.objects.bulk_create([ReportFetch(occurrence_id=pk, due_at=now) for pk in new], ignore_conflicts=True)
    with transaction.atomic():
        due = ReportFetch.objects.filter(due_at__lte=now).order_by("due_at").select_for_update(skip_locked=True)
        claimed = list(due.values_list("pk", flat=True)[:AT_ONCE])
        ReportFetch.objects.filter(pk__in=claimed).update(due_at=now + LEASE)
    return claimed


def fetch_report(occurrence_id: UUID, client: ZoomClient, *, now: datetime) -> bool:
    """
    Ask Zoom who was in a session, keep it, and settle when to ask again; return whether there was anything.

    One HEAVY call per run and 300 stays. Runs that nobody told us of are found here too. Call it without a transaction; safe
    to repeat.
    """
    occurrence = Occurrence.objects.select_related("meeting__zoom_host__account").get(pk=occurrence_id)
    found, error, hopeless = 0, "", False
    try:
        client = in_account(client, occurrence.meeting.zoom_account_id or client.account_id)
        _find_runs(occurrence, client, now)
        found = sum(_fetch_run(run, occurrence, client) for run in MeetingRun.objects.filter(occurrence=occurrence))
    except ZoomError as failure:
        error, hopeless = str(failure), not failure.retryable
        log.warning("report_not_fetched", occurrence=str(occurrence.pk), error=error)
    occurrence.refresh_from_db(fields=["actual_ends_at"])
    again_at = None if hopeless else next_moment(occurrence.actual_ends_at or occurrence.ends_at, bool(found), now)
    with transaction.atomic():
        ReportFetch.objects.update_or_create(
            occurrence=occurrence,
            defaults={"asked_at": now, "due_at": again_at, "error": error} | ({"fetched_at": now} if found else {}),
        )
        jobs.defer_attendance([occurrence.pk])
    return bool(found)


def ask_again(occurrence_id: UUID, *, now: datetime) -> None:
    """Have the report of a session asked for soon, whatever was asked before: another run is its own now."""
    ReportFetch.objects.update_or_create(occurrence_id=occurrence_id, defaults={"due_at": now})


def next_moment(ended_at: datetime, found: bool, now: datetime) -> datetime | None:
    """Return when to ask again; None when nothing more is to be expected."""
    if found and now - ended_at >= COMPLETE_AFTER:
        return None
    coming = (ended_at + moment for moment in MOMENTS if not found or moment >= COMPLETE_AFTER)
    return next((moment for moment in coming if moment > now), None)


def _find_runs(occurrence: Occurrence, client: ZoomClient, now: datetime) -> None:
    """Learn of runs whose events never reached us, and of the ends of those that seem to go on."""
    zoom_meeting_id = occurrence.meeting.zoom_meeting_id
    known = list(MeetingRun.objects.filter(occurrence=occurrence))
    open_ = [run.zoom_instance_uuid for run in known if run.ended_at is None]
    if not known and zoom_meeting_id:
        heard_of = MeetingRun.objects.filter(zoom_meeting_id=zoom_meeting_id, ended_at__isnull=False)
        over = set(heard_of.values_list("zoom_instance_uuid", flat=True))
        latest = occurrence.ends_at + runs.limits().late
        open_ = [
            instance.uuid
            for instance in _past_instances(zoom_meeting_id, client)
            if instance.start_time and occurrence.starts_at - LONGEST <= instance.start_time <= latest
            if instance.uuid not in over
        ]
    for uuid in open_:
        try:
            past = client.get_past_meeting(uuid)
        except ZoomNotFound:
            continue  # It still goes on.
        with transaction.atomic():
            run = runs.locked_run(uuid, zoom_meeting_id=zoom_meeting_id, now=now)
            runs.learn(run, started_at=past.start_time, ended_at=past.end_time)


def _past_instances(zoom_meeting_id: str, client: ZoomClient) -> Iterable[PastInstance]:
    try:
        return client.past_instances(zoom_meeting_id)
    except ZoomNotFound:
        return []  # It never ran.


def _fetch_run(run: MeetingRun, occurrence: Occurrence, client: ZoomClient) -> int:
    """Keep what Zoom reports of one run, in place of what it reported before; return how many stays that are."""
    try:
        # Reports are for accounts; of one user's own meetings the lighter list tells, without customer keys.
        ask = client.iter_past_participants if client.by_consent else client.iter_report_participants
        told = list(ask(run.zoom_instance_uuid))
    except ZoomNotFound:
        return 0  # Not there yet.
    rows = _rows(run, told)
    if rows:
        with transaction.atomic():
            MeetingRun.objects.select_for_update().get(pk=run.pk)
            participations.write_stays(run, occurrence, rows, source=StaySource.REPORT)
    return len(rows)


def _rows(run: MeetingRun, told: Iterable[Participant]) -> list[Participation]:
    rows: dict[tuple[str, datetime], Participation] = {}
    for one in told:
        if one.join_time is None or one.status == WAITING_ROOM:
            continue
        left_at = one.leave_time or run.ended_at
        row = Participation(
            zoom_instance_uuid=run.zoom_instance_uuid,
            connection=one.user_id or one.registrant_id or one.customer_key or one.email or one.name,
            zoom_user_id=one.participant_user_id or one.id,
            name=one.name,
            email=one.email,
            registrant_id=one.registrant_id,
            customer_key=one.customer_key,
            joined_at=one.join_time,
            left_at=max(left_at, one.join_time) if left_at else None,
            source=StaySource.REPORT,
        )
        other = rows.setdefault((row.connection, row.joined_at), row)
        if row.left_at and other.left_at:
            other.left_at = max(other.left_at, row.left_at)
    return list(rows.values())
