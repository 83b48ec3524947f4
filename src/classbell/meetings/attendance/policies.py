"""
Changing the rules of attendance.

New rules leave every verdict alone, unless whoever sets them lets them count from an earlier day: then a job judges the
sessions since then again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.groups.models import Group
from classbell.meetings import jobs
from classbell.meetings.attendance import records
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.locks import wait_for_other_rules
from classbell.meetings.models import Attendance, AttendancePolicy, OccurrenceOutcome
from classbell.rehearsal import rehearsal

OCCURRENCES_A_JOB: Final = 25
# Somebody waits for a rehearsal: more sessions are only counted.
MOST_REHEARSED: Final = 40


class RulesOutOfOrder(DomainError):
    """Attendance rules that contradict themselves."""

    code = "rules_out_of_order"


class DayAhead(DomainError):
    """Only sessions that are over can be judged again."""

    code = "day_ahead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalculation:
    """How far judging sessions again is."""

    total: int
    done: int

    @property
    def is_over(self) -> bool:
        """Whether all are judged by the new rules."""
        return self.done >= self.total


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """How many past sessions rules would judge again, and how many verdicts would change; None: too many to try."""

    occurrences: int
    verdicts: int | None


def set_rules(*, group: Group | None, policy: Policy, since: date | None = None, now: datetime) -> AttendancePolicy:
    """
    Set the rules of a group, or of the whole school (None), for the sessions that begin from now on.

    With `since`, for all that began on that day (in the group's timezone, the school's being the installation's) or later:
    they are judged again by a job, and what people have overruled stays. Rules set for a time between are forgotten.

    Raises RulesOutOfOrder, DayAhead.
    """
    if not 0 <= policy.partial_percent <= policy.present_percent <= 100:
        raise RulesOutOfOrder(
            _("Present must begin at no less than partly there, and both lie between 0 and 100 %."),
            details=[
                {
                    "field": "partial_percent",
                    "message": _("must be at most present_percent, which is %(percent)s")
                    % {"percent": policy.present_percent},
                }
            ],
        )
    return _put_in_force(AttendancePolicy(group=group, **asdict(policy)), since, now)


def change_rules(
    *, group: Group | None, changes: Mapping[str, Any], since: date | None = None, now: datetime
) -> AttendancePolicy:
    """Set the rules that hold now with what is named changed, fields of `Policy`; raises as `set_rules` does."""
    with transaction.atomic():
        wait_for_other_rules()
        # Whoever was waited for may have begun later and put theirs in force after `now`.
        theirs = AttendancePolicy.objects.filter(Q(group=None) | Q(group=group)).order_by("-in_force_from").first()
        now = max(now, theirs.in_force_from) if theirs else now
        policy = replace(rules_at(group.pk if group else None, now).policy, **changes)
        return set_rules(group=group, policy=policy, since=since, now=now)


def follow_school(*, group: Group, since: date | None = None, now: datetime) -> AttendancePolicy | None:
    """Let a group have the school's rules again, as `set_rules` says when; None when it has no others. Safe to repeat."""
    if not AttendancePolicy.objects.filter(group=group).exists():
        return None
    return _put_in_force(AttendancePolicy(group=group, follows_school=True), since, now)


def recalculation_of(policy: AttendancePolicy) -> Recalculation | None:
    """Return how far the sessions that these rules reach back to are; None when they reach back to none. One statement."""
    if policy.in_force_from >= policy.set_at:
        return None
    counts = _reached_back(policy).aggregate(
        total=Count("pk"), done=Count("pk", filter=Q(computed_at__gte=policy.set_at))
    )
    return Recalculation(**counts)


def rehearse_rules(*, group: Group | None, policy: Policy, since: date | None, now: datetime) -> Rehearsal:
    """Return what `set_rules` would do, by doing it and taking it back. Raises as it does."""
    with rehearsal():
        kept = set_rules(group=group, policy=policy, since=since, now=now)
        reached = _reached_back(kept) if since else OccurrenceOutcome.objects.none()
        found = Rehearsal(occurrences=reached.count(), verdicts=None)
        if found.occurrences <= MOST_REHEARSED:
            ids = list(reached.order_by("occurrence__starts_at", "pk").values_list("pk", flat=True))
            before = _verdicts(ids)
            for occurrence_id in ids:
                records.record_attendance(occurrence_id=occurrence_id, now=now)
            changed = {record for record, _status in before ^ _verdicts(ids)}
            found = replace(found, verdicts=len(changed))
    return found


def recalculate_some(*, policy_id: UUID, now: datetime) -> bool:
    """
    Judge the next few sessions that these rules reach back to, the earliest first. Returns whether more are left.

    Safe to repeat: what was judged since the rules were set is not judged again. Rules replaced meanwhile need nothing.
    """
    policy = AttendancePolicy.objects.filter(pk=policy_id).first()
    if policy is None:
        return False
    left = _reached_back(policy).filter(computed_at__lt=policy.set_at).order_by("occurrence__starts_at", "pk")
    batch = list(left.values_list("pk", flat=True)[: OCCURRENCES_A_JOB + 1])
    for occurrence_id in batch[:OCCURRENCES_A_JOB]:
        records.record_attendance(occurrence_id=occurrence_id, now=now)
    return len(batch) > OCCURRENCES_A_JOB


def beginning_of(day: date, group: Group | None) -> datetime:
    """Return when a day begins where the group is, or the school."""
    zone = ZoneInfo(group.timezone) if group else timezone.get_default_timezone()
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _put_in_force(policy: AttendancePolicy, since: date | None, now: datetime) -> AttendancePolicy:
    policy.in_force_from = beginning_of(since, policy.group) if since else now
    policy.set_at = now
    if policy.in_force_from > now:
        raise DayAhead(
            _("New rules hold from now on, or from a day that has begun."),
            details=[{"field": "since", "message": _("must be today or earlier")}],
        )
    with transaction.atomic():
        AttendancePolicy.objects.filter(group=policy.group, in_force_from__gte=policy.in_force_from).delete()
        policy.save()
        if since:
            jobs.defer_recalculation(policy.pk)
    return policy


def _verdicts(occurrence_ids: Sequence[UUID]) -> set[tuple[tuple[UUID, UUID], str]]:
    """Return the verdicts that count in these sessions, each with whose it is."""
    rows = Attendance.objects.filter(occurrence__in=occurrence_ids)
    found = rows.values_list("occurrence_id", "user_id", "computed_status", "override_status")
    return {((occurrence, user), overruled or computed) for occurrence, user, computed, overruled in found}


def _reached_back(policy: AttendancePolicy) -> QuerySet[OccurrenceOutcome]:
    """
    The judged sessions between the first day of these rules and the moment they were set.

    Those of the school include sessions of classes with rules of their own: judging them again changes nothing.
    """
    outcomes = OccurrenceOutcome.objects.filter(
        occurrence__starts_at__gte=policy.in_force_from, occurrence__starts_at__lt=policy.set_at
    )
    return outcomes.filter(occurrence__meeting__group=policy.group_id) if policy.group_id else outcomes
