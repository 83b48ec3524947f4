"""
From what Zoom told of a run to its session and the stays in it.

Everything is calculated from all that is stored of a run or of a connection, never from one event alone: events may come
twice, late, in any order, or before we know the meeting they are about. The run's row is locked meanwhile, so that of two
workers the second sees what the first saw, and more. A run that is no session's is kept, and nothing follows from it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from classbell.meetings import jobs
from classbell.meetings.models import Meeting, MeetingRun, Occurrence, OccurrenceStatus, Participation
from classbell.meetings.models.occurrence import LONGEST
from classbell.meetings.periods import Period
from classbell.meetings.presence import participations
from classbell.meetings.presence.belonging import Limits, RunTimes, belongs, session_of
from classbell.meetings.signals import occurrence_ended, occurrence_reopened, occurrence_started
from classbell.zoom.events import Event, RoomFact

log = structlog.get_logger(__name__)

# How long a run may wait for its meeting to turn up here; the answer to a create is at most minutes late.
ORPHANS_FOR: Final = timedelta(days=1)
# How long after its start a run may lose its session to a change of the plan, or find one.
FOLLOWED_FOR: Final = timedelta(days=2)


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
    in_the_room = [event.payload.object.participant for event in events]
    seen = [moment for one in in_the_room if one is not None and (moment := one.moment)]
    learn(
        run,
        started_at=min(begun, default=None),
        ended_at=max(ends, default=None),
        heard_until=max(seen, default=None),
        connections={one.connection for one in in_the_room if one is not None},
    )


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
    heard_until: datetime | None = None,
    connections: Collection[str] = (),
) -> None:
    """
    Record when a run, whose row is locked, began and ended, as far as known, and calculate anew what follows from it.

    The earliest start and the latest end count. `connections` are those of which something new is stored.
    """
    known = _told(run)
    run.started_at = min(filter(None, (run.started_at, started_at)), default=None)
    run.ended_at = max(filter(None, (run.ended_at, ended_at)), default=None)
    run.heard_until = max(filter(None, (run.heard_until, heard_until)), default=None)
    before = run.occurrence_id
    if run.decided_at is None:
        run.occurrence = occurrence_of(run)
    if known != _told(run):
        run.save(update_fields=["occurrence", "started_at", "ended_at", "heard_until"])
    concerns_all = known[:3] != _told(run)[:3]
    put_in_place(run, before, None if concerns_all else connections)


def put_in_place(run: MeetingRun, before: UUID | None, connections: Collection[str] | None = None) -> None:
    """
    Let the session a run has now, and the one it had `before`, say what their runs say; None: it has, or had, none.

    `connections` are those whose stays are to be written anew, None for all. Needs a transaction and the run's lock.
    """
    if run.occurrence_id is None:
        Participation.objects.filter(zoom_instance_uuid=run.zoom_instance_uuid).delete()
    else:
        occurrence = Occurrence.objects.select_related("meeting__zoom_host").get(pk=run.occurrence_id)
        if before not in (None, run.occurrence_id):
            Participation.objects.filter(zoom_instance_uuid=run.zoom_instance_uuid).delete()
        participations.write_heard(run, occurrence, connections)
    # In one order everywhere, so that no two runs wait for each other's sessions.
    for occurrence_id in sorted(filter(None, {before, run.occurrence_id})):
        settle(occurrence_id)


def settle(occurrence_id: UUID) -> None:
    """
    Let a session say what its runs say together: live while one goes on, else ended; scheduled as long as it has none.

    It began with the first and ended with the last of those that took some of its planned time; others count only when
    there is no such run. Announces a start or an end. Needs a transaction.
    """
    occurrence = Occurrence.objects.select_for_update(no_key=True).get(pk=occurrence_id)
    runs = list(MeetingRun.objects.filter(occurrence=occurrence, started_at__isnull=False).order_by("started_at", "pk"))
    before, has_ended = occurrence.status, bool(runs) and runs[-1].ended_at is not None
    if (
        not runs
        and occurrence.actual_starts_at is None
        and before
        in (
            OccurrenceStatus.SCHEDULED,
            OccurrenceStatus.CANCELLED,
        )
    ):
        return
    counting = [run for run in runs if _in_time(run, occurrence)] or runs
    occurrence.zoom_instance_uuid = runs[-1].zoom_instance_uuid if runs else ""
    occurrence.actual_starts_at = counting[0].started_at if counting else None
    occurrence.actual_ends_at = (
        max((run.ended_at for run in counting if run.ended_at), default=None) if has_ended else None
    )
    if not occurrence.is_cancelled:
        occurrence.status = _status(runs, has_ended=has_ended)
    occurrence.is_held_as_said = has_ended and any(run.decided_at for run in runs)
    occurrence.save(
        update_fields=["zoom_instance_uuid", "actual_starts_at", "actual_ends_at", "status", "is_held_as_said"]
    )
    _announce(occurrence, before)
    if occurrence.status == OccurrenceStatus.ENDED or (not runs and before != occurrence.status):
        jobs.defer_attendance([occurrence.pk], not_before=_judged_from(occurrence))


def _status(runs: Sequence[MeetingRun], *, has_ended: bool) -> OccurrenceStatus:
    if not runs:
        return OccurrenceStatus.SCHEDULED
    return OccurrenceStatus.ENDED if has_ended else OccurrenceStatus.LIVE


def _in_time(run: MeetingRun, occurrence: Occurrence) -> bool:
    """Whether a run took some of a session's planned time, as far as known."""
    begun, ended = run.started_at, run.ended_at
    return begun is not None and begun < occurrence.ends_at and (ended is None or ended > occurrence.starts_at)


def _judged_from(occurrence: Occurrence) -> datetime | None:
    """Return when to judge a session that has ended, None for now: an end in the first half of its time may be a break."""
    half = occurrence.starts_at + (occurrence.ends_at - occurrence.starts_at) / 2
    ended_at = occurrence.actual_ends_at
    is_break = ended_at is not None and ended_at < half and not occurrence.is_held_as_said
    return occurrence.ends_at if is_break else None


def _announce(occurrence: Occurrence, before: str) -> None:
    """Whatever was heard of first: an end is always announced after a start."""
    if occurrence.status == before:
        return
    if occurrence.status == OccurrenceStatus.SCHEDULED:
        log.info("occurrence_reopened", occurrence=str(occurrence.pk))
        occurrence_reopened.send(sender=Occurrence, occurrence_id=occurrence.pk)
        return
    if before != OccurrenceStatus.LIVE:
        log.info("occurrence_started", occurrence=str(occurrence.pk))
        occurrence_started.send(sender=Occurrence, occurrence_id=occurrence.pk)
    if occurrence.status == OccurrenceStatus.ENDED:
        log.info("occurrence_ended", occurrence=str(occurrence.pk))
        occurrence_ended.send(sender=Occurrence, occurrence_id=occurrence.pk)


def adopt_orphans(*, now: datetime) -> int:
    """Find the sessions of runs that were told of before we knew their meeting; return how many found theirs."""
    known = Meeting.objects.exclude(zoom_meeting_id="").values("zoom_meeting_id")
    orphans = MeetingRun.objects.filter(
        occurrence=None,
        decided_at=None,
        started_at__isnull=False,
        seen_at__gt=now - ORPHANS_FOR,
        zoom_meeting_id__in=known,
    )
    return sum(_look_again(pk).occurrence_id is not None for pk in list(orphans.values_list("pk", flat=True)))


def free_strays(*, now: datetime) -> int:
    """
    Free the runs that are no longer their session's, for it was moved or cancelled; return how many.

    Those of the last days, and of whatever session is not over: what was judged long ago stays.
    """
    attached = MeetingRun.objects.filter(
        Q(started_at__gt=now - FOLLOWED_FOR) | Q(occurrence__ends_at__gt=now),
        occurrence__isnull=False,
        decided_at=None,
        started_at__isnull=False,
    )
    strays = [run.pk for run in _may_not_belong(attached).select_related("occurrence") if not _still_belongs(run)]
    for pk in strays:
        _look_again(pk)
    return len(strays)


def _may_not_belong(runs: QuerySet[MeetingRun]) -> QuerySet[MeetingRun]:
    """Leave out the runs of which the database sees that they belong to their session: nearly all, of a large school."""
    within = limits()
    known_until = Greatest("started_at", Coalesce("ended_at", "heard_until", "started_at"))
    return runs.annotate(known_until=known_until).filter(
        Q(occurrence__status=OccurrenceStatus.CANCELLED)
        | Q(ended_at__lte=F("occurrence__starts_at"))
        | Q(known_until__lt=F("occurrence__starts_at") - within.early)
        | Q(started_at__gt=F("occurrence__ends_at") + within.late)
    )


def _look_again(run_id: UUID) -> MeetingRun:
    with transaction.atomic():
        run = MeetingRun.objects.select_for_update().get(pk=run_id)
        learn(run)
    return run


def _still_belongs(run: MeetingRun) -> bool:
    occurrence, times = run.occurrence, _times(run)
    if occurrence is None or times is None or occurrence.is_cancelled:
        return False
    return belongs(times, Period(starts_at=occurrence.starts_at, ends_at=occurrence.ends_at), limits())


def occurrence_of(run: MeetingRun) -> Occurrence | None:
    """Return the session that a run belongs to by its time, None for none: see `belonging`."""
    times = _times(run)
    if times is None or not run.zoom_meeting_id:
        return None
    within = limits()
    near = Occurrence.objects.taking_place().filter(
        meeting__zoom_meeting_id=run.zoom_meeting_id,
        starts_at__lte=times.known.ends_at + within.early,
        starts_at__gte=times.started_at - within.late - LONGEST,
    )
    plan = [(occurrence, Period(starts_at=occurrence.starts_at, ends_at=occurrence.ends_at)) for occurrence in near]
    return session_of(times, plan, within)


def limits() -> Limits:
    """Return how far from its planned time a run may still be a session's, as the school has set it."""
    environment = settings.ENVIRONMENT
    return Limits(
        early=timedelta(minutes=environment.run_early_minutes), late=timedelta(minutes=environment.run_late_minutes)
    )


def _told(run: MeetingRun) -> tuple[UUID | None, datetime | None, datetime | None, datetime | None]:
    return (run.occurrence_id, run.started_at, run.ended_at, run.heard_until)


def _times(run: MeetingRun) -> RunTimes | None:
    if run.started_at is None:
        return None
    return RunTimes(started_at=run.started_at, heard_until=run.heard_until or run.started_at, ended_at=run.ended_at)
