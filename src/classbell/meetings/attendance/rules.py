"""
What a session is judged by beside the stays: which rules hold when, and whose absence is accepted.

It is the rules that were in force when it began, however late its last news arrive.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models import AttendancePolicy, ExcusedTime, Occurrence


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesInForce:
    """
    The rules at one moment. `own` is what the group, or for no group the school, has decided last; None: it never has.

    `source` is "class", "school", or "built_in" while a school has set nothing.
    """

    policy: Policy
    source: str
    own: AttendancePolicy | None


def rules_at(group_id: UUID | None, moment: datetime) -> RulesInForce:
    """Return the rules of a group (None: of the school) for a session that begins at `moment`. One statement."""
    latest = (
        AttendancePolicy.objects.filter(Q(group=None) | Q(group=group_id), in_force_from__lte=moment)
        .order_by("group_id", "-in_force_from")
        .distinct("group_id")
    )
    by_group = {row.group_id: row for row in latest}
    own, school = by_group.get(group_id), by_group.get(None)
    if group_id is not None and own is not None and not own.follows_school:
        return RulesInForce(policy=own.as_policy(), source="class", own=own)
    if school is not None:
        return RulesInForce(policy=school.as_policy(), source="school", own=own)
    return RulesInForce(policy=Policy(), source="built_in", own=own)


def excused_in(occurrence: Occurrence, people: Collection[UUID]) -> set[UUID]:
    """Return whose absence from a session is accepted, of these people. One statement."""
    meeting = occurrence.meeting
    meant = Q(meeting=None) | Q(meeting=meeting)
    in_time = Q(starts_at__lt=occurrence.ends_at, ends_at__gt=occurrence.starts_at, occurrence=None) & meant
    in_time &= Q(group=None) | Q(group=meeting.group_id) if meeting.group_id else Q(group=None)
    found = ExcusedTime.objects.filter(Q(occurrence=occurrence) | in_time, user__in=people)
    return set(found.values_list("user", flat=True))
