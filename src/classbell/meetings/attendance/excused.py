"""
From which sessions whose absence is accepted, and judging them again when that changes.

Who excuses whom and why is `classbell.excuses`' affair; this is what attendance knows of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.jobs import defer_attendance
from classbell.meetings.models import ExcusedTime, Occurrence
from classbell.meetings.models.occurrence import OccurrenceQuerySet

# Somebody waits: more sessions are judged by jobs.
MOST_AT_ONCE: Final = 25


# The sessions that each of many times excuses from. Whom a meeting expects is asked person by person, not for all meetings;
# the second condition on the start follows from that on the end, and keeps the index on the start short.
_COVERED: Final = """
SELECT times.id, occurrence.id
FROM unnest(%(ids)s::uuid[], %(users)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
            %(occurrences)s::uuid[], %(meetings)s::uuid[], %(groups)s::uuid[])
     AS times (id, user_id, starts_at, ends_at, occurrence_id, meeting_id, group_id)
CROSS JOIN LATERAL (
    SELECT session.id FROM meetings_expected expected
    JOIN meetings_occurrence session ON session.meeting_id = expected.meeting_id
    WHERE expected.user_id = times.user_id
    UNION
    SELECT record.occurrence_id FROM meetings_attendance record WHERE record.user_id = times.user_id
) theirs
JOIN meetings_occurrence occurrence ON occurrence.id = theirs.id
JOIN meetings_meeting meeting ON meeting.id = occurrence.meeting_id
WHERE CASE WHEN times.occurrence_id IS NOT NULL THEN occurrence.id = times.occurrence_id
           ELSE occurrence.starts_at < times.ends_at AND occurrence.ends_at > times.starts_at
                AND (times.meeting_id IS NULL OR meeting.id = times.meeting_id)
                AND (times.group_id IS NULL OR meeting.group_id = times.group_id) END
      AND meeting.teacher_id <> times.user_id AND occurrence.substitute_id IS DISTINCT FROM times.user_id
"""


def occurrences_covered(time: ExcusedTime) -> OccurrenceQuerySet:
    """As `covered_by_each`, for one; the earliest first. Two statements, of which one is made now."""
    covered = covered_by_each([time])[time.pk]
    return Occurrence.objects.select_related("meeting__group").filter(pk__in=covered).order_by("starts_at", "pk")


def covered_by_each(times: Collection[ExcusedTime]) -> dict[UUID, set[UUID]]:
    """
    Return by key of each time the sessions that it excuses from: those that expect the person or have a record of them, and
    that they do not hold themselves. The times need not be saved. One statement for all of them.
    """
    covered: dict[UUID, set[UUID]] = {time.pk: set() for time in times}
    if not covered:
        return covered
    with connection.cursor() as cursor:
        cursor.execute(
            _COVERED,
            {
                "ids": [time.pk for time in times],
                "users": [time.user_id for time in times],
                "starts": [time.starts_at for time in times],
                "ends": [time.ends_at for time in times],
                "occurrences": [time.occurrence_id for time in times],
                "meetings": [time.meeting_id for time in times],
                "groups": [time.group_id for time in times],
            },
        )
        for time_id, occurrence_id in cursor.fetchall():
            covered[time_id].add(occurrence_id)
    return covered


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
