"""
From what Zoom told of a run to its sitting and the stays in it.

Everything is calculated from all that is stored of a run or of a connection, never from one event alone: events may come
twice, late, in any order, or before we know the meeting they are about. The run's row is locked meanwhile, so that of two
workers the second sees what the first saw, and more.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from classbell.meetings import tasks
from classbell.meetings.models import Meeting, MeetingRun, Occurrence, OccurrenceStatus
from classbell.meetings.presence import participations
from classbell.meetings.signals import occurrence_ended, occurrence_started
from classbell.zoom.events import Event, RoomFact

log = structlog.get_logger(__name__)

# How long a run may wait for its meeting to turn up here; the answer to a create is at most minutes late.
ORPHANS_FOR: Final = timedelta(days=1)


def take_in(events: Sequence[Event], *, now: datetime) -> None:
    """Let some events of one run, already in the inbox, have their effect. Needs a transaction. Safe to repeat."""
    about = events[0].payload.object
    run = locked_run(about.uuid, zoom_meeting_id=about.id, now=now)
    begun = [moment for event in events if (moment := event.payload.object.start_time or event.happened_at)]
    ends = [
        moment
        for event in events
        if event.fact is RoomFact.ENDED and (moment := event.payload.object.end_time or event.happened_at)
    ]
    people = {event.payload.object.participant.connection for event in events if event.payload.object.participant}
    learn(run, started_at=min(begun, default=None), ended_at=max(ends, default=None), connections=people)


def locked_run(zoom_instance_uuid: str, *, zoom_meeting_id: str, now: datetime) -> MeetingRun:
    """Return the row of a run, locked; it is made when this is the first we hear of it. Needs a transaction."""
    new = MeetingRun(zoom_instance_uuid=zoom_instance_uuid, zoom_meeting_id=zoom_meeting_id, seen_at=now)
    MeetingRun.objects.bulk_create([new], ignore_conflicts=True)
    return MeetingRun.objects.select_for_update().get(zoom_instance_uuid=zoom_instance_uuid)


def learn(
    run: MeetingRun,
    *,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    connections: Collection[str] = (),
) -> None:
    """
    Record when a run, whose row is locked, began and ended, as far as known, and calculate anew what follows from it.

    The earliest start and the latest end count. `connections` are those of which something new is stored.
    """
    known = (run.occurrence_id, run.started_at, run.ended_at)
    run.started_at = min(filter(None, (run.started_at, started_at)), default=None)
    run.ended_at = max(filter(None, (run.ended_at, ended_at)), default=None)
    if run.occurrence_id is None and run.started_at is not None:
        run.occurrence = sitting_of(run.zoom_meeting_id, run.started_at)
    concerns_all = known != (run.occurrence_id, run.started_at, run.ended_at)
    if concerns_all:
        run.save(update_fields=["occurrence", "started_at", "ended_at"])
    if run.occurrence_id is None:
        return
    occurrence = Occurrence.objects.select_related("meeting__zoom_host").get(pk=run.occurrence_id)
    participations.write_heard(run, occurrence, None if concerns_all else connections)
    settle(occurrence.pk)


def settle(occurrence_id: UUID) -> None:
    """
    Let a sitting say what its runs say together: earliest start, latest end, and live while the latest one goes on.

    Announces a start or an end. Needs a transaction.
    """
    occurrence = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence_id)
    runs = list(MeetingRun.objects.filter(occurrence=occurrence, started_at__isnull=False).order_by("started_at", "pk"))
    if not runs:
        return
    before, has_ended = occurrence.status, runs[-1].ended_at is not None
    occurrence.zoom_instance_uuid = runs[-1].zoom_instance_uuid
    occurrence.actual_starts_at = runs[0].started_at
    occurrence.actual_ends_at = max(run.ended_at for run in runs if run.ended_at) if has_ended else None
    if not occurrence.is_cancelled:
        occurrence.status = OccurrenceStatus.ENDED if has_ended else OccurrenceStatus.LIVE
    occurrence.save(update_fields=["zoom_instance_uuid", "actual_starts_at", "actual_ends_at", "status"])
    if occurrence.status != before:
        _announce(occurrence, before)
    if occurrence.status == OccurrenceStatus.ENDED:
        tasks.defer_attendance([occurrence.pk])


def _announce(occurrence: Occurrence, before: str) -> None:
    """Whatever was heard of first: an end is always announced after a start."""
    if before != OccurrenceStatus.LIVE:
        log.info("sitting_started", occurrence=str(occurrence.pk))
        occurrence_started.send(sender=Occurrence, occurrence_id=occurrence.pk)
    if occurrence.status == OccurrenceStatus.ENDED:
        log.info("sitting_ended", occurrence=str(occurrence.pk))
        occurrence_ended.send(sender=Occurrence, occurrence_id=occurrence.pk)


def adopt_orphans(*, now: datetime) -> int:
    """Find the sittings of runs that were told of before we knew their meeting; return how many found theirs."""
    known = Meeting.objects.exclude(zoom_meeting_id="").values("zoom_meeting_id")
    orphans = MeetingRun.objects.filter(
        occurrence=None, started_at__isnull=False, seen_at__gt=now - ORPHANS_FOR, zoom_meeting_id__in=known
    )
    count = 0
    for pk in list(orphans.values_list("pk", flat=True)):
        with transaction.atomic():
            run = MeetingRun.objects.select_for_update().get(pk=pk)
            learn(run)
            count += run.occurrence_id is not None
    return count


def sitting_of(zoom_meeting_id: str, moment: datetime) -> Occurrence | None:
    """Return the sitting whose time is nearest; of two equally near ones the later, for people come early."""
    if not zoom_meeting_id:
        return None
    sittings = Occurrence.objects.taking_place().filter(meeting__zoom_meeting_id=zoom_meeting_id)
    return min(
        sittings.order_by("-starts_at"),
        key=lambda sitting: max(sitting.starts_at - moment, moment - sitting.ends_at, timedelta()),
        default=None,
    )
