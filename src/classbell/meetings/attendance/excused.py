"""
From which sessions whose absence is accepted, and judging them again when that changes.

Who excuses whom and why is `classbell.excuses`' affair; this is what attendance knows of it.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.jobs import defer_attendance
from classbell.meetings.models import Attendance, ExcusedTime, Expected, Meeting, Occurrence
from classbell.meetings.models.occurrence import OccurrenceQuerySet

# Somebody waits: more sessions are judged by jobs.
MOST_AT_ONCE: Final = 25


def occurrences_covered(time: ExcusedTime) -> OccurrenceQuerySet:
    """
    Return the sessions that these hours excuse from: those that expect the person or have a record of them, and that they do
    not hold themselves. `time` need not be saved. Two statements, of which one is made now.
    """
    found = Occurrence.objects.select_related("meeting__group")
    if time.occurrence_id is not None:
        found = found.filter(pk=time.occurrence_id)
    else:
        found = found.between(time.starts_at, time.ends_at)
        found = found.filter(meeting=time.meeting_id) if time.meeting_id else found
        found = found.filter(meeting__group=time.group_id) if time.group_id else found
    open_to_them = Meeting.objects.open_to(time.user).filter(pk__in=found.order_by().values("meeting"))
    expecting = set(
        Expected.objects.filter(
            meeting__in=list(open_to_them.values_list("pk", flat=True)), user=time.user_id
        ).values_list("meeting", flat=True)
    )
    recorded = Exists(Attendance.objects.filter(occurrence=OuterRef("pk"), user=time.user_id))
    return (
        found.filter(Q(meeting__in=expecting) | recorded)
        .exclude(meeting__teacher=time.user_id)
        .exclude(substitute=time.user_id)
        .order_by("starts_at", "pk")
    )


def excuse(time: ExcusedTime, *, now: datetime) -> None:
    """Let this absence count as accepted, in the sessions that are over too. Safe to repeat."""
    with transaction.atomic():
        time.save()
        _judge_again(time, now)


def excuse_no_longer(time_id: UUID, *, now: datetime) -> None:
    """Take the acceptance back: the verdicts are what they would be without it. Safe to repeat."""
    with transaction.atomic():
        time = ExcusedTime.objects.select_related("user").filter(pk=time_id).first()
        if time is not None:
            ExcusedTime.objects.filter(pk=time_id).delete()
            _judge_again(time, now)


def _judge_again(time: ExcusedTime, now: datetime) -> None:
    """
    Judge what is over anew. A session that somebody else judges just now is waited for, since both lock its row: whoever
    comes second knows of both.
    """
    over = Q(outcome__isnull=False) | Q(ends_at__lte=now) | Q(actual_ends_at__isnull=False)
    found = list(occurrences_covered(time).filter(over).exclude(outcome__is_final=True).values_list("pk", flat=True))
    if len(found) > MOST_AT_ONCE:
        defer_attendance(found)
        return
    for occurrence_id in found:
        record_attendance(occurrence_id=occurrence_id, now=now)
