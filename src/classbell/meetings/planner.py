"""
Which Zoom host's seat each meeting gets, so that as few hosts as possible serve the timetable.

Meetings that overlap at any sitting cannot share a seat: a colouring of their conflict graph. Weekly meetings of the same
weeks make it an interval graph, and there "first free seat, in order of the start" is optimal: a new seat is opened only
when all open ones hold a meeting that runs at that very moment, so never more seats than meetings at once. Irregular
series can need more than that; several orders are tried and the best kept, next to the lower bound.

Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

Period = tuple[datetime, datetime]
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """
    A meeting with all its sittings: half-open, sorted periods, already lengthened by the turnaround gap.

    `seat` is what it has now and keeps.
    """

    key: Hashable
    periods: tuple[Period, ...]
    seat: Hashable | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """
    Who gets which seat.

    `needed` is how many seats the timetable takes when there are enough; `lower_bound` how many meetings overlap at
    most, first during `peak` (None for an empty timetable).
    """

    assignment: dict[Hashable, Hashable] = field(default_factory=dict)
    unplaced: list[Hashable] = field(default_factory=list)
    needed: int = 0
    lower_bound: int = 0
    peak: Period | None = None


def busiest(periods: Sequence[Period]) -> tuple[int, Period | None]:
    """Return how many periods overlap at most, and the first stretch of time in which so many do."""
    events = sorted([(start, 1) for start, _end in periods] + [(end, -1) for _start, end in periods])
    running = most = 0
    peak: Period | None = None
    open_peak: datetime | None = None
    for moment, step in events:  # At one moment ends (-1) come before starts: periods are half-open.
        if step < 0 and running == most and open_peak is not None:
            peak, open_peak = (open_peak, moment), None
        running += step
        if running > most:
            most, open_peak = running, moment
    return most, peak


def plan(
    series: Sequence[Series],
    seats: Sequence[Hashable],
    occupied: Mapping[Hashable, Sequence[Period]] | None = None,
) -> Plan:
    """
    Assign seats, first ones first, one seat to a series for all its sittings; present assignments stay.

    `occupied` is what else the seats hold. Series that fit nowhere are `unplaced`. Deterministic.
    """
    everything = [period for one in series for period in one.periods]
    lower_bound, peak = busiest(everything)
    pinned = {one.key: one.seat for one in series if one.seat is not None}
    loose = [one for one in series if one.seat is None]
    conflicts = _conflicts(series)
    blocked = _blocked_seats(loose, occupied or {})
    best: dict[Hashable, Hashable] | None = None
    for order in _orders(loose, conflicts):
        found = _first_fit(order, seats, dict(pinned), conflicts, blocked)
        if best is None or (-len(found), len(set(found.values()))) < (-len(best), len(set(best.values()))):
            best = found
        if len(best) == len(series) and len(set(best.values())) <= max(lower_bound, len(set(pinned.values()))):
            break
    assignment = best if best is not None else dict(pinned)
    return Plan(
        assignment=assignment,
        unplaced=[one.key for one in series if one.key not in assignment],
        needed=_needed(series, conflicts, lower_bound),
        lower_bound=lower_bound,
        peak=peak,
    )


def _needed(series: Sequence[Series], conflicts: Mapping[Hashable, set[Hashable]], lower_bound: int) -> int:
    """Return the fewest seats any of our orders needs when there is no end of seats and nothing is assigned yet."""
    fewest = len(series)
    for order in _orders(series, conflicts):
        found = _first_fit(order, range(len(series)), {}, conflicts, {})
        fewest = min(fewest, len(set(found.values())))
        if fewest == lower_bound:
            break
    return fewest


def _conflicts(series: Sequence[Series]) -> dict[Hashable, set[Hashable]]:
    """Return who overlaps whom, by one sweep over all periods in order of their start."""
    conflicts: dict[Hashable, set[Hashable]] = {one.key: set() for one in series}
    periods = sorted(
        ((start, end, number) for number, one in enumerate(series) for start, end in one.periods),
        key=lambda period: period[0],
    )
    running: list[tuple[datetime, int]] = []
    for start, end, number in periods:
        while running and running[0][0] <= start:
            heappop(running)
        key = series[number].key
        for _end, other in running:
            if other != number:
                conflicts[key].add(series[other].key)
                conflicts[series[other].key].add(key)
        heappush(running, (end, number))
    return conflicts


def _blocked_seats(
    series: Sequence[Series], occupied: Mapping[Hashable, Sequence[Period]]
) -> dict[Hashable, set[Hashable]]:
    """Return the seats that each series cannot have because of what they already hold."""
    blocked: dict[Hashable, set[Hashable]] = defaultdict(set)
    for seat, periods in occupied.items():
        if not periods:
            continue
        held = [Series(key=("held", index), periods=(period,)) for index, period in enumerate(sorted(periods))]
        found = _conflicts([*series, *held])
        for one in series:
            if any(isinstance(key, tuple) and key[:1] == ("held",) for key in found[one.key]):
                blocked[one.key].add(seat)
    return blocked


def _orders(series: Sequence[Series], conflicts: Mapping[Hashable, set[Hashable]]) -> list[list[Series]]:
    """Return the orders worth trying, the one that is optimal for weekly timetables first."""
    held = sorted((one for one in series if one.periods), key=lambda one: one.periods[0])
    empty = [one for one in series if not one.periods]

    def in_week(one: Series) -> tuple[timedelta, datetime]:
        return (one.periods[0][0] - held[0].periods[0][0]) % WEEK, one.periods[0][0]

    keys: tuple[Callable[[Series], object], ...] = (
        lambda one: one.periods[0],
        in_week,
        lambda one: (-len(conflicts[one.key]), one.periods[0]),
        lambda one: (-len(one.periods), one.periods[0]),
    )
    return [sorted(held, key=key) + empty for key in keys]  # type: ignore[arg-type]  # each key's values compare


def _first_fit(
    order: Sequence[Series],
    seats: Sequence[Hashable],
    assignment: dict[Hashable, Hashable],
    conflicts: Mapping[Hashable, set[Hashable]],
    blocked: Mapping[Hashable, set[Hashable]],
) -> dict[Hashable, Hashable]:
    for one in order:
        taken = {assignment[other] for other in conflicts[one.key] if other in assignment}
        taken |= blocked.get(one.key, set())
        seat = next((seat for seat in seats if seat not in taken), None)
        if seat is not None:
            assignment[one.key] = seat
    return assignment
