"""
What a circle's schedule, new or changed, means for its meetings, before anything is saved: reads only.

`services` carries a plan out, `preview` tells what it would do and cost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from classbell.halakat.models import Halaka
from classbell.halakat.pattern import Pattern, check, occurrences_of, part_of, parts_of, shares_of
from classbell.halakat.periods import with_periods, without_periods
from classbell.halakat.steps import Plan, Step, Words, held_slots
from classbell.holidays.queries import Holidays, holidays_from
from classbell.meetings.changes import MeetingChanges, spec_of
from classbell.meetings.deviations import Deviation, carried_over, deviations_of
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import expand, shortened
from classbell.meetings.sync.calls import calls_to_cancel, calls_to_change, calls_to_create


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a plan is made on: the moment, and the holidays of whom it is for."""

    now: datetime
    holidays: Holidays
    group_id: UUID | None
    teacher_id: UUID

    @classmethod
    def of(cls, words: Words, now: datetime) -> Self:
        """Return it as it is now. One query."""
        group_id = words.group.pk if words.group else None
        return cls(now=now, holidays=holidays_from(now), group_id=group_id, teacher_id=words.teacher.pk)

    def left_out(self, slot: datetime) -> bool:
        """Whether a session at this slot is left out for a holiday."""
        return self.holidays.left_out(slot, group_id=self.group_id, teacher_id=self.teacher_id) is not None


def plan_new(words: Words, pattern: Pattern, *, now: datetime) -> Plan:
    """Plan a new circle. Raises PatternRefused."""
    check(pattern)
    ground = Ground.of(words, now)
    return Plan(
        steps=[
            _step(None, words.new(), pattern, part.occurrences, {}, ground)
            for part in parts_of(pattern, occurrences_of(pattern))
        ]
    )


def plan_change(halaka: Halaka, words: Words, pattern: Pattern, valid_from: date | None, *, now: datetime) -> Plan:
    """
    Plan a circle's new words and its new schedule, which holds from `valid_from` on (by default at once).

    What takes place before that day stays. After it, meetings are used again in their order, each for the days it had where
    that can be, so that links go on working; what is left over is dropped, what is missing is new.

    Raises PatternRefused.
    """
    present = coming_meetings(halaka, now)
    steps: list[Step] = []
    untouched: list[Meeting] = present
    dropped: list[Meeting] = []
    new_words = words.changes_of(halaka)
    if pattern != halaka.pattern or _is_unplanned(present, pattern, now):
        check(pattern)
        ground = Ground.of(words, now)
        steps, untouched, dropped = _lay_out_anew(present, new_words, (halaka.pattern, pattern), valid_from, ground)
        steps = _with_new_ones_alike(steps, halaka)
    return Plan(
        steps=steps,
        reworded=[Step(meeting=meeting, changes=new_words) for meeting in untouched] if new_words else [],
        untouched=[] if new_words else untouched,
        dropped=dropped,
    )


def coming_meetings(halaka: Halaka, now: datetime) -> list[Meeting]:
    """Return the circle's meetings that still have sessions to come, in their order."""
    coming = Meeting.objects.filter(halaka_part__halaka=halaka, wanted=True, occurrences__starts_at__gt=now)
    return list(coming.select_related("teacher", "group", "seat__host").distinct().order_by("halaka_part__number"))


def occurrences_to_come(meetings: Sequence[Meeting], now: datetime) -> dict[Meeting, list[Occurrence]]:
    """Return the sessions of meetings that have not begun, those cancelled too, bound to these objects."""
    by_id = {meeting.pk: meeting for meeting in meetings}
    found: dict[Meeting, list[Occurrence]] = {meeting: [] for meeting in meetings}
    rows = Occurrence.objects.filter(meeting__in=meetings, starts_at__gt=now).select_related("substitute")
    for row in rows.order_by("starts_at"):
        row.meeting = by_id[row.meeting_id]
        found[row.meeting].append(row)
    return found


def zoom_calls(plan: Plan, *, now: datetime) -> int:
    """Return how many changing calls the plan costs at Zoom; reading along is not counted."""
    present = occurrences_to_come([step.meeting for step in (*plan.steps, *plan.reworded) if step.meeting], now)
    calls = sum(calls_to_cancel(meeting) for meeting in plan.dropped)
    for step in plan.steps:
        meeting, occurrences = step.laid_out(now)
        if step.meeting is None:
            calls += calls_to_create(meeting, occurrences, now=now)
        else:
            calls += calls_to_change((step.meeting, present[step.meeting]), (meeting, occurrences), now=now)
    for step in plan.reworded:
        if step.meeting is not None:
            rows = present[step.meeting]
            calls += calls_to_change((step.meeting, rows), (step.laid_out(now)[0], rows), now=now)
    return calls


def _lay_out_anew(
    present: Sequence[Meeting],
    words: MeetingChanges,
    patterns: tuple[Pattern, Pattern],
    valid_from: date | None,
    ground: Ground,
) -> tuple[list[Step], list[Meeting], list[Meeting]]:
    """Return (steps, meetings that stay as they are, meetings that are dropped); `patterns` are the old and the new one."""
    (old, pattern), now = patterns, ground.now
    turn = datetime.combine(valid_from, time(), tzinfo=pattern.zone) if valid_from else now
    decided = deviations_of(present, now=now)
    by_hand = without_periods(old.periods, decided, old.zone)
    slots = {meeting: _slots(rows, now) for meeting, rows in occurrences_to_come(present, now).items()}
    steps: list[Step] = []
    untouched: list[Meeting] = []
    free: list[Meeting] = []
    for meeting in present:
        before = [slot for slot in slots[meeting] if slot < turn]
        if len(before) == len(slots[meeting]):
            untouched.append(meeting)
        elif before:
            steps.append(_head(meeting, words, turn, before, decided))
        else:
            free.append(meeting)
    begun = {pattern.day_of(slot) for slot in _begun_before_their_slots(present, now)}
    ahead = [slot for slot in occurrences_of(pattern) if slot > now and slot >= turn]
    after = [slot for slot in ahead if pattern.day_of(slot) not in begun]
    shares = shares_of(pattern, after, [pattern.day_of(slots[meeting][-1]) for meeting in free])
    dropped = []
    for meeting_or_none, share in zip_longest(free, shares):
        meeting = meeting_or_none
        if meeting is not None and not share:
            dropped.append(meeting)
            continue
        step = _step(meeting, words, pattern, share, by_hand, ground)
        is_same = meeting is not None and list(share) == slots[meeting] and _stays(meeting, pattern, share)
        if is_same and step.deviations == {slot: decided[slot] for slot in share if slot in decided}:
            untouched.append(meeting)
        else:
            steps.append(step)
    return steps, untouched, dropped


def _begun_before_their_slots(meetings: Sequence[Meeting], now: datetime) -> set[datetime]:
    """Return the slots to come of sessions that were moved to an earlier time, which has come."""
    begun = Occurrence.objects.filter(meeting__in=meetings, starts_at__lte=now, original_starts_at__gt=now)
    return set(begun.values_list("original_starts_at", flat=True))


def _is_unplanned(present: Sequence[Meeting], pattern: Pattern, now: datetime) -> bool:
    """Whether a circle has days ahead and no meeting for any of them, as when it was ended and goes on."""
    return not present and any(slot > now for slot in occurrences_of(pattern))


def _slots(rows: Sequence[Occurrence], now: datetime) -> list[datetime]:
    return sorted(row.original_starts_at for row in rows if row.original_starts_at > now)


def _step(
    meeting: Meeting | None,
    words: MeetingChanges,
    pattern: Pattern,
    share: Sequence[datetime],
    decided: Mapping[datetime, Deviation],
    ground: Ground,
) -> Step:
    part, excluded = part_of(pattern, share), _excluded(pattern, share)
    changes: MeetingChanges = {
        **words,
        "starts_at": part.occurrences[0],
        "duration_minutes": pattern.duration_minutes,
        "timezone": pattern.timezone,
        "rule": part.rule,
        "cancelled": dict.fromkeys(excluded, ""),
    }
    carried = carried_over(decided, share, pattern.zone)
    # On a day that is an exception now, nothing else counts, except that its session had been moved away before.
    deviations = {slot: one for slot, one in carried.items() if one.moved_to or pattern.day_of(slot) not in excluded}
    held = held_slots(meeting, ground.now) if meeting is not None else ()
    moving = [
        slot for slot in share if pattern.day_of(slot) not in excluded and (slot in held or not ground.left_out(slot))
    ]
    holds = with_periods(
        pattern.periods,
        moving,
        deviations,
        pattern.zone,
        usual_minutes=pattern.duration_minutes,
        now=ground.now,
    )
    return _with(holds, Step(meeting=meeting, changes=changes), pattern.zone)


def _head(
    meeting: Meeting,
    words: MeetingChanges,
    turn: datetime,
    before: Sequence[datetime],
    decided: Mapping[datetime, Deviation],
) -> Step:
    """Return what is left of a meeting that ends at the turn of the schedule; its own rule holds until then."""
    wall = meeting.starts_at.astimezone(meeting.zone).replace(tzinfo=None)
    count = sum(slot < turn for slot in expand(starts_at=wall, timezone=meeting.zone, rule=meeting.rule))
    changes: MeetingChanges = {
        **words,
        "rule": shortened(meeting.rule, count=count),
        "cancelled": spec_of(meeting).cancelled,
    }
    return _with(
        {slot: decided[slot] for slot in before if slot in decided},
        Step(meeting=meeting, changes=changes),
        meeting.zone,
    )


def _with(deviations: Mapping[datetime, Deviation], step: Step, zone: ZoneInfo) -> Step:
    held_back = {slot.astimezone(zone).date(): one.reason for slot, one in deviations.items()}
    changes: MeetingChanges = {**step.changes, "cancelled": {**step.changes["cancelled"], **held_back}}
    return replace(step, changes=changes, deviations=deviations)


def _with_new_ones_alike(steps: Sequence[Step], halaka: Halaka) -> list[Step]:
    """Let new meetings be like the circle's last one in all that its words and schedule do not change."""
    rows = Meeting.objects.filter(halaka_part__halaka=halaka).select_related("teacher", "group")
    last = rows.order_by("halaka_part__number").last()
    return [
        step
        if step.meeting is not None
        else replace(step, like=last, changes={"teacher": halaka.teacher, **step.changes})
        for step in steps
    ]


def _excluded(pattern: Pattern, share: Sequence[datetime]) -> set[date]:
    return {pattern.day_of(slot) for slot in share} & set(pattern.excluded)


def _stays(meeting: Meeting, pattern: Pattern, share: Sequence[datetime]) -> bool:
    """Whether a meeting that keeps its slots keeps all else too."""
    same = (meeting.duration_minutes, meeting.timezone) == (pattern.duration_minutes, pattern.timezone)
    holidays = holidays_from(share[0])
    days = {
        pattern.day_of(slot)
        for slot in share
        if not holidays.left_out(slot, group_id=meeting.group_id, teacher_id=meeting.teacher_id)
    }
    return same and spec_of(meeting).cancelled.keys() & days == _excluded(pattern, share) & days
