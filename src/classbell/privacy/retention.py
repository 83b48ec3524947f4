"""
Forgetting what is older than the school keeps it: once a day, in small batches, each its own transaction.

Attendance, sessions, lessons and classes are not forgotten: reports look back at them. What verdicts were worked out of is;
the sessions it belonged to are marked, so that nobody judges them anew from nothing.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import pgtrigger
import structlog
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from classbell.excuses.models import ExcuseDocument
from classbell.meetings.models import (
    JoinClick,
    KnownAlias,
    MeetingRun,
    Occurrence,
    OccurrenceOutcome,
    Participation,
    WebhookEvent,
)
from classbell.notices.models import AbsenceAlert, Notice, Nudge, Reminder
from classbell.privacy.classification import Kept
from classbell.privacy.exports import KEPT_FOR as EXPORTS_KEPT_FOR
from classbell.privacy.models import Export, RetentionRun
from classbell.privacy.register import register

log = structlog.get_logger(__name__)

# Rows, and sessions with their stays, that go in one transaction; how long the job goes on with one kind.
ROWS_A_BATCH: Final = 2_000
SESSIONS_A_BATCH: Final = 100
SECONDS_A_KIND: Final = 600.0

# Takes what is older than this; returns how many rows went, 0 when there is nothing more.
Batch = Callable[[datetime], int]

OLD_JOBS: Final = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT j.id FROM procrastinate_jobs j
    WHERE j.status NOT IN ('todo', 'doing')
      AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= %s)
    ORDER BY j.id LIMIT %s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What went of one kind; `finished` False: there is more, which the next day takes."""

    kind: Kept
    rows: int
    seconds: float
    finished: bool


def forget_old(*, now: datetime) -> list[Forgotten]:
    """Forget what is too old, kind by kind, and note what went. Safe to repeat and to break off."""
    return [_note(_forget(kind, batches, now), now) for kind, batches in batches_by_kind().items()]


def batches_by_kind() -> dict[Kept, list[Batch]]:
    """Return what forgets a batch of each kind that does not stay."""
    return {
        Kept.STAYS: [_stays, partial(_rows, JoinClick.objects.all(), "clicked_at")],
        Kept.ALIASES: [partial(_rows, KnownAlias.objects.all(), "chosen_at")],
        Kept.INBOX: [
            partial(_rows, WebhookEvent.objects.filter(processed_at__isnull=False), "received_at"),
            # Times at Zoom of meetings that nobody here knows.
            partial(_rows, MeetingRun.objects.filter(occurrence=None), "seen_at"),
        ],
        Kept.HISTORY: [
            *(partial(_rows, events._default_manager.all(), "pgh_created_at") for events in _histories()),
            partial(_rows, LogEntry.objects.all(), "action_time"),
            partial(_rows, RetentionRun.objects.all(), "ran_at"),
        ],
        Kept.NOTICES: [
            partial(_rows, Notice.objects.all(), "created_at"),
            partial(_rows, Nudge.objects.all(), "nudged_at"),
            partial(_rows, AbsenceAlert.objects.all(), "alerted_at"),
            partial(_rows, Reminder.objects.all(), "reminded_at"),
        ],
        Kept.DOCUMENTS: [partial(_rows, ExcuseDocument.objects.all(), "sent_at")],
        Kept.JOBS: [_jobs],
        Kept.EXPORTS: [partial(_rows, Export.objects.all(), "asked_at")],
    }


def latest() -> dict[str, RetentionRun]:
    """Return what the job did last, by kind."""
    return {run.kind: run for run in RetentionRun.objects.order_by("kind", "-ran_at").distinct("kind")}


def _forget(kind: Kept, batches: list[Batch], now: datetime) -> Forgotten:
    before = now - (EXPORTS_KEPT_FOR if kind.days is None else timedelta(days=kind.days))
    begun, rows, finished = time.monotonic(), 0, True
    for batch in batches:
        while number := batch(before):
            rows += number
            if time.monotonic() - begun > SECONDS_A_KIND:
                finished = False
                break
    return Forgotten(kind=kind, rows=rows, seconds=time.monotonic() - begun, finished=finished)


def _note(done: Forgotten, now: datetime) -> Forgotten:
    name, seconds = done.kind.name.lower(), round(done.seconds, 3)
    RetentionRun.objects.create(ran_at=now, kind=name, deleted=done.rows, seconds=seconds, finished=done.finished)
    log.info("forgotten", kind=name, rows=done.rows, seconds=seconds, finished=done.finished)
    return done


def _rows(rows: QuerySet[Any], moment: str, before: datetime) -> int:
    """Delete some rows from before a moment. Keys go by time, so that the old ones are found first."""
    old = rows.filter(**{f"{moment}__lt": before}).order_by("pk")[:ROWS_A_BATCH]
    with transaction.atomic(), pgtrigger.ignore():
        return int(rows.model._default_manager.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0])


def _stays(before: datetime) -> int:
    """Delete the stays of some sessions that ended before a moment, and let what was said of them stand."""
    stays = Participation.objects.filter(occurrence=OuterRef("pk"))
    with transaction.atomic():
        # Locked as whoever judges it locks it.
        found = Occurrence.objects.filter(Exists(stays), ends_at__lt=before).order_by("ends_at", "pk")
        ids = list(
            found.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)[:SESSIONS_A_BATCH]
        )
        OccurrenceOutcome.objects.filter(occurrence__in=ids).update(is_final=True)
        return Participation.objects.filter(occurrence__in=ids).delete()[0]


def _jobs(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OLD_JOBS, [before, ROWS_A_BATCH])
        return int(cursor.rowcount)


def _histories() -> Iterator[type[Model]]:
    return (one.rows for one in register().values() if one.of is not None)
