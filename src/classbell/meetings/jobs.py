"""
Writing the meetings engine's jobs, in the transaction of the caller. What they do is in `tasks`, which stands above all
that writes them: so they are named here, not imported.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import JSONDict

RECONCILE: Final = "meetings.reconcile"
REGISTER_PEOPLE: Final = "meetings.register_people"
RECORD_ATTENDANCE: Final = "meetings.record_attendance"
RECALCULATE_ATTENDANCE: Final = "meetings.recalculate_attendance"
END_CONSENT: Final = "meetings.end_consent"
SETTLE_LOST: Final = "meetings.settle_lost_account"

INTERACTIVE: Final = 10
BATCH: Final = 0
# What is told of a session comes in pieces: its attendance waits for the next few.
ATTENDANCE_PAUSE: Final = timedelta(seconds=3)


def defer_reconcile(
    meeting_ids: Sequence[UUID], *, batch: bool, at: datetime | None = None, verify: bool = False
) -> None:
    """Write the jobs that make these meetings true. `at` is the earliest moment."""
    if not meeting_ids:
        return
    priority = BATCH if batch else INTERACTIVE
    job = app.configure_task(RECONCILE, allow_unknown=False, priority=priority, schedule_at=at)
    arguments: list[JSONDict] = [{"meeting_id": str(id_), "batch": batch, "verify": verify} for id_ in meeting_ids]
    job.batch_defer(*arguments)


def defer_next_attempt(meeting_id: UUID, *, batch: bool, at: datetime, verify: bool = False) -> None:
    """
    Write the job that takes up again, at this moment, a meeting that could not be made true; one that waits already, does as
    much and comes no later is enough. Otherwise each job of such a meeting would be followed by its like, without end.
    """
    as_much = Q() if batch else Q(args__batch=False)
    if verify:
        as_much &= Q(args__verify=True)
    if not _waiting(RECONCILE, [meeting_id], at).filter(as_much).exists():
        defer_reconcile([meeting_id], batch=batch, at=at, verify=verify)


def defer_registration(
    meeting_ids: Sequence[UUID], *, at: datetime | None = None, unless_by: datetime | None = None
) -> None:
    """
    Write the jobs that register these meetings' people. `at` is the earliest moment; for a meeting with a job that waits and
    begins by `unless_by` that one is enough.
    """
    if unless_by is not None:
        waiting = set(_waiting(REGISTER_PEOPLE, meeting_ids, unless_by).values_list("args__meeting_id", flat=True))
        meeting_ids = [id_ for id_ in meeting_ids if str(id_) not in waiting]
    if meeting_ids:
        job = app.configure_task(REGISTER_PEOPLE, allow_unknown=False, priority=BATCH, schedule_at=at)
        arguments: list[JSONDict] = [{"meeting_id": str(id_)} for id_ in meeting_ids]
        job.batch_defer(*arguments)


def defer_attendance(occurrence_ids: Iterable[UUID], *, not_before: datetime | None = None) -> None:
    """Write the jobs that judge these sessions anew; one that waits already is enough."""
    soon = timezone.now() + ATTENDANCE_PAUSE
    at = max(soon, not_before or soon)
    for occurrence_id in occurrence_ids:
        lock = f"attendance:{occurrence_id}"
        job = app.configure_task(RECORD_ATTENDANCE, allow_unknown=False, queueing_lock=lock, schedule_at=at)
        try:
            with transaction.atomic():
                job.defer(occurrence_id=str(occurrence_id))
        except AlreadyEnqueued:
            continue


def defer_recalculation(policy_id: UUID) -> None:
    """Write the job that judges again what new rules reach back to."""
    app.configure_task(RECALCULATE_ATTENDANCE, allow_unknown=False, priority=BATCH).defer(policy_id=str(policy_id))


def defer_settling_of_lost(account_id: UUID) -> None:
    """Write the job that places elsewhere what a teacher's own Zoom held, by its row's id, and tells of it."""
    app.configure_task(SETTLE_LOST, allow_unknown=False, priority=INTERACTIVE).defer(account_id=str(account_id))


def defer_end_of_consent(account_id: UUID, *, tries: int = 1, at: datetime | None = None) -> None:
    """Write the job that disconnects a teacher's own Zoom, by its row's id; `tries` counts this one."""
    task = app.configure_task(END_CONSENT, allow_unknown=False, schedule_at=at)
    task.defer(account_id=str(account_id), tries=tries)


def _waiting(task: str, meeting_ids: Iterable[UUID], at: datetime) -> QuerySet[ProcrastinateJob]:
    """Return the jobs of these meetings that have not begun and will by then."""
    jobs = ProcrastinateJob.objects.filter(
        task_name=task, status="todo", args__meeting_id__in=[str(id_) for id_ in meeting_ids]
    )
    return jobs.filter(Q(scheduled_at=None) | Q(scheduled_at__lte=at))
