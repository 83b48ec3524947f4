"""What making or changing a circle would do: which sessions, which clashes, what it costs at Zoom. Reads only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from classbell.accounts.models import User
from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Pattern
from classbell.halakat.plan import coming_meetings, occurrences_to_come, plan_change, plan_new, zoom_calls
from classbell.halakat.steps import Plan, Words
from classbell.holidays.models import Holiday
from classbell.holidays.queries import Holidays, holidays_among
from classbell.meetings.audience import Crowd, crowds_of
from classbell.meetings.clashes import clashes_by_meeting
from classbell.meetings.errors import Clash
from classbell.meetings.hosts.pool import ends_after
from classbell.meetings.models import Claim, Meeting, Occurrence
from classbell.meetings.periods import Interval
from classbell.meetings.recurrence import ClockChange, clock_change
from classbell.meetings.schedule import teacher_claims


class Fate(StrEnum):
    """What becomes of a session. One that is moved keeps its day."""

    KEPT = "kept"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedOccurrence:
    """
    One session to come. `wall` is its naive local start; `clock` says that the clocks change at the time of the schedule:
    skip it (the session is held later by as much) or repeat it (the first one counts). `holiday` is the one it begins in:
    cancelled for it, or only warned about.
    """

    starts_at: datetime
    ends_at: datetime
    wall: datetime
    clock: ClockChange | None
    fate: Fate
    is_cancelled: bool
    substitute: User | None
    holiday: Holiday | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """
    What would be. `occurrences` are those to come, in order, with those cancelled; `removed` are present ones that would go.
    `zoom_calls` are those that change something at Zoom; `zoom_meetings` is how many the coming sessions are spread over.
    `ends_after_minutes` is when Zoom would end each, where no host of the teacher's has a licence and they are longer.
    `crowd` is one of its present meetings that has more people than Zoom lets in.
    """

    occurrences: Sequence[PlannedOccurrence]
    removed: Sequence[Interval]
    clashes: Sequence[Clash]
    zoom_calls: int
    zoom_meetings: int
    ends_after_minutes: int | None
    crowd: Crowd | None

    def count(self, fate: Fate) -> int:
        """Return how many sessions that take place have this fate."""
        if fate == Fate.REMOVED:
            return len(self.removed)
        return sum(occurrence.fate == fate and not occurrence.is_cancelled for occurrence in self.occurrences)


def preview_new(words: Words, pattern: Pattern, *, now: datetime) -> Preview:
    """Return what making this circle would do. Raises PatternRefused."""
    return _preview(plan_new(words, pattern, now=now), [], pattern, words.teacher, now)


def preview_change(
    halaka: Halaka, words: Words, pattern: Pattern, valid_from: date | None = None, *, now: datetime
) -> Preview:
    """Return what changing a circle would do. Raises PatternRefused."""
    plan = plan_change(halaka, words, pattern, valid_from, now=now)
    return _preview(plan, coming_meetings(halaka, now), pattern, words.teacher, now)


def _preview(plan: Plan, present: Sequence[Meeting], pattern: Pattern, teacher: User, now: datetime) -> Preview:
    before = occurrences_to_come(present, now)
    laid_out = [occurrence for step in plan.steps for occurrence in step.laid_out(now)[1]]
    stays = [step.meeting for step in plan.reworded if step.meeting] + list(plan.untouched)
    after = sorted([*laid_out, *(o for meeting in stays for o in before[meeting])], key=lambda o: o.starts_at)
    had = [_period(occurrence) for rows in before.values() for occurrence in rows if not occurrence.is_cancelled]
    fates, removed = _fates(had, [_period(o) for o in after if not o.is_cancelled], pattern)
    holidays = holidays_among([occurrence.starts_at for occurrence in after])
    return Preview(
        occurrences=[_planned(one, fates.get(_period(one), Fate.KEPT), holidays) for one in after],
        removed=removed,
        clashes=_clashes(laid_out, _own_claims(plan.changed, now)),
        zoom_calls=zoom_calls(plan, now=now),
        zoom_meetings=len(plan.steps) + len(stays),
        ends_after_minutes=ends_after(pattern.duration_minutes, [teacher.pk]),
        crowd=next(iter(crowds_of(present)), None),
    )


def _planned(occurrence: Occurrence, fate: Fate, holidays: Holidays) -> PlannedOccurrence:
    meeting = occurrence.meeting
    zone = meeting.zone
    holiday = holidays.at(occurrence.starts_at, group_id=meeting.group_id, teacher_id=occurrence.teacher_id)
    is_for_it = not occurrence.is_cancelled or holiday is None or occurrence.cancellation_reason in holiday.reasons_kept
    is_by_rule = occurrence.starts_at == occurrence.original_starts_at
    rule_wall = datetime.combine(
        occurrence.starts_at.astimezone(zone).date(), occurrence.meeting.starts_at.astimezone(zone).time()
    )
    return PlannedOccurrence(
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        wall=occurrence.starts_at.astimezone(zone).replace(tzinfo=None),
        clock=clock_change(rule_wall, zone) if is_by_rule else None,
        fate=fate,
        is_cancelled=occurrence.is_cancelled,
        substitute=occurrence.substitute,
        holiday=holiday if is_for_it else None,
    )


def _fates(
    had: Iterable[Interval], have: Iterable[Interval], pattern: Pattern
) -> tuple[dict[Interval, Fate], list[Interval]]:
    """Return what becomes of each session, and which ones go. One at another time of the same day has moved."""
    before, after = set(had), set(have)
    days = Counter(pattern.day_of(start) for start, _end in before - after)
    fates = dict.fromkeys(before & after, Fate.KEPT)
    for period in sorted(after - before):
        day = pattern.day_of(period[0])
        fates[period] = Fate.MOVED if days[day] else Fate.ADDED
        days[day] -= days[day] > 0
    removed = []
    for period in sorted(before - after, reverse=True):
        day = pattern.day_of(period[0])
        if days[day]:
            removed.append(period)
            days[day] -= 1
    return fates, removed[::-1]


def _clashes(laid_out: Sequence[Occurrence], ignoring: Sequence[UUID]) -> list[Clash]:
    """Return what stands in the way of these sessions: other things of their teachers, and one another."""
    found = clashes_by_meeting(teacher_claims(laid_out), laid_out, ignoring=ignoring)
    clashes = [clash for of_one in found.values() for clash in of_one]
    held = sorted((o for o in laid_out if not o.is_cancelled), key=lambda o: (o.teacher_id, o.starts_at))
    for one, other in pairwise(held):
        if one.teacher_id == other.teacher_id and other.starts_at < one.ends_at:
            clashes.append(Clash(starts_at=other.starts_at, ends_at=other.ends_at, blocked_by=str(one)))
    return sorted(clashes, key=lambda clash: clash.starts_at)


def _own_claims(meetings: Sequence[Meeting], now: datetime) -> list[UUID]:
    coming = Occurrence.objects.filter(meeting__in=meetings, starts_at__gt=now)
    return list(Claim.objects.filter(occurrence__in=coming).values_list("pk", flat=True))


def _period(occurrence: Occurrence) -> Interval:
    return occurrence.starts_at, occurrence.ends_at
