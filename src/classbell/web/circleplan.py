"""What a circle's schedule comes to, before it is saved: its sittings, its clashes, its calls to Zoom."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Pattern, parts_of, sittings_of
from classbell.meetings import claims
from classbell.meetings.claims import NewClaim
from classbell.meetings.models import ClaimKind, Occurrence
from classbell.web.planning import Plan, PlannedSitting, in_the_way, joined, plan_of, summary


def plan_new_circle(pattern: Pattern, *, teacher: User, first_weekday: int) -> Plan:
    """Return what making this circle would come to. Saves nothing."""
    try:
        starts = sittings_of(pattern)
    except DomainError as error:
        return Plan(refusal=str(error))
    sittings = _planned(pattern, starts, taken=_taken(pattern, starts, teacher=teacher))
    meetings = len(parts_of(pattern, starts))
    return plan_of(
        sittings,
        zone=pattern.zone,
        first_weekday=first_weekday,
        sentence=summary(sittings, zoom_calls=meetings),
        notes=_notes(meetings),
    )


def plan_changed_circle(
    halaka: Halaka, pattern: Pattern, *, valid_from: date | None, now: datetime, first_weekday: int
) -> Plan:
    """Return what changing this circle's schedule would come to; what took place is left out. Saves nothing."""
    turn = datetime.combine(valid_from, time(), tzinfo=pattern.zone) if valid_from else now
    try:
        before = [start for start in sittings_of(halaka.pattern) if now < start < turn]
        after = [start for start in sittings_of(pattern) if start > now and start >= turn]
    except DomainError as error:
        return Plan(refusal=str(error))
    coming = Occurrence.objects.taking_place().filter(
        meeting__halaka_part__halaka=halaka, meeting__wanted=True, starts_at__gt=now
    )
    present = dict(coming.values_list("pk", "original_starts_at"))
    with transaction.atomic():
        # The circle does not stand in its own way; then all is as it was.
        claims.release(occurrence_ids=list(present))
        taken = _taken(pattern, after, teacher=halaka.teacher)
        transaction.set_rollback(True)
    kept = _planned(halaka.pattern, before, taken={})
    sittings = kept + _planned(pattern, after, taken=taken)
    meetings = len(parts_of(halaka.pattern, before)) + len(parts_of(pattern, after))
    meetings_now = coming.order_by().values("meeting").distinct().count()
    return plan_of(
        sittings,
        zone=pattern.zone,
        first_weekday=first_weekday,
        sentence=_difference(set(present.values()), {*before, *after}, sittings, calls=max(meetings, meetings_now)),
        notes=_notes(meetings),
    )


def _difference(old: set[datetime], new: set[datetime], sittings: Sequence[PlannedSitting], *, calls: int) -> str:
    """Say what a change does: "Moves 12 sittings; 3 clash; Zoom: 1 call."."""
    gone, come = len(old - new), len(new - old)
    moved = min(gone, come)
    parts = []
    if moved:
        parts.append(ngettext("Moves %(n)s sitting", "Moves %(n)s sittings", moved) % {"n": moved})
    if come > moved:
        parts.append(ngettext("Adds %(n)s sitting", "Adds %(n)s sittings", come - moved) % {"n": come - moved})
    if gone > moved:
        parts.append(ngettext("Drops %(n)s sitting", "Drops %(n)s sittings", gone - moved) % {"n": gone - moved})
    if not parts:
        return _("All sittings stay as they are.")
    clashes = sum(sitting.kind == "bad" for sitting in sittings)
    if clashes:
        parts.append(ngettext("%(n)s clashes", "%(n)s clash", clashes) % {"n": clashes})
    parts.append(ngettext("Zoom: %(n)s call", "Zoom: %(n)s calls", calls) % {"n": calls})
    return joined(parts)


def _taken(pattern: Pattern, starts: Sequence[datetime], *, teacher: User) -> dict[datetime, str]:
    length = timedelta(minutes=pattern.duration_minutes)
    wanted = [
        NewClaim(kind=ClaimKind.TEACHER, resource_id=teacher.pk, starts_at=start, ends_at=start + length)
        for start in starts
    ]
    return in_the_way(wanted, zone=pattern.zone)


def _planned(pattern: Pattern, starts: Sequence[datetime], *, taken: dict[datetime, str]) -> list[PlannedSitting]:
    length = timedelta(minutes=pattern.duration_minutes)
    planned = []
    for start in starts:
        kind, why = "ok", ""
        if start in taken:
            kind, why = "bad", taken[start]
        elif start.astimezone(pattern.zone).time() != pattern.start_time:
            kind, why = "wait", _("The clocks change in this hour")
        planned.append(PlannedSitting(starts_at=start, ends_at=start + length, kind=kind, why=why))
    return planned


def _notes(meetings: int) -> list[str]:
    if meetings <= 1:
        return []
    return [_("Zoom bounds a meeting’s sittings, so there are %(n)s meetings, one after another.") % {"n": meetings}]
