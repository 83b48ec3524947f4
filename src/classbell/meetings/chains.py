"""
Laying out anew what several meetings hold one after another, such as a circle's.

Until each has its new times, meetings of one chain must not stand in each other's way; and what was decided about a session
must find it, also when its day has come to another meeting.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from classbell.meetings import claims
from classbell.meetings.clashes import teacher_busy
from classbell.meetings.deviations import Deviation, standing_out
from classbell.meetings.errors import HostBusy
from classbell.meetings.hosts import pool
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.schedule import teacher_claims


def take_down(meetings: Collection[Meeting], *, now: datetime) -> None:
    """
    Free what the coming sessions of these meetings hold, and forget what was decided about single ones, of which
    `deviations_of` tells; the sessions stay, for the layout that follows.
    """
    coming = Occurrence.objects.filter(meeting__in=meetings, starts_at__gt=now)
    claims.release(occurrence_ids=list(coming.values_list("pk", flat=True)))
    Occurrence.objects.filter(pk__in=[row.pk for row in standing_out(meetings, now)]).update(is_exception=False)


def apply(meeting: Meeting, deviations: Mapping[datetime, Deviation], *, now: datetime) -> None:
    """
    Make sessions of a meeting, which its spec had cancelled so that they took nobody's time, what was decided about them.

    Call it in the transaction of the spec. Raises TeacherBusy, HostBusy.
    """
    rows = list(meeting.occurrences.filter(original_starts_at__in=deviations).select_related("substitute"))
    for row in rows:
        row.meeting = meeting
        deviations[row.original_starts_at].apply_to(row)
        row.save()
    held = [row for row in rows if not row.is_cancelled]
    refused = claims.take(teacher_claims(held))
    if refused:
        raise teacher_busy(refused, held)
    if held and not pool.hold_seat(meeting, held, now=now):
        raise HostBusy
