"""
Which Zoom host's seat each meeting gets, so that as few hosts as possible serve the timetable.

Meetings that overlap at any sitting cannot share a seat: a colouring of their conflict graph. Where every meeting is held
once a week over the same weeks, taking them by their start and opening a new seat only when no open one is free is optimal:
a meeting that opens one finds all the others taken by meetings that run at the very moment it starts. So there are never
more seats than meetings at once, and with fewer nobody could do.

Several sittings a week, or weeks that differ, can need more than that. Then several orders are tried and the best kept,
to be read next to the lower bound; the order that serves whom the fewest seats are left for (DSATUR) is nearly always it.

Pure: no database, no clock. Sets of series are whole numbers with one bit for each, which makes a thousand comparisons one.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

Period = tuple[datetime, datetime]
WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """
    A meeting with all its sittings: half-open, sorted periods, already lengthened by the turnaround gap.

    `key` is unique. `seat` is what it has now and keeps, whatever else is there.
    """

    key: Hashable
    periods: tuple[Period, ...]
    seat: Hashable | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """
    Who gets which seat.

    `needed` is how many seats these series take when there is no end of seats, present assignments kept; `lower_bound`
    how many of them overlap at most, `peak` the longest time they do (the first of equals; None in an empty timetable).
    """

    assignment: dict[Hashable, Hashable] = field(default_factory=dict)
    unplaced: list[Hashable] = field(default_factory=list)
    needed: int = 0
    lower_bound: int = 0
    peak: Period | None = None


def busiest(periods: Iterable[Period]) -> tuple[int, Period | None]:
    """Return how many half-open periods overlap at most, and the longest stretch with so many, the first of equals."""
    changes: Counter[datetime] = Counter()
    for start, end in periods:
        if start < end:
            changes[start] += 1
            changes[end] -= 1
    moments = sorted(changes)
    running, counts = 0, []
    for moment in moments:
        running += changes[moment]
        counts.append(running)
    most = max(counts, default=0)
    # Handing over at one moment leaves the count as it was, so a stretch goes on through it.
    stretches: list[Period] = []
    for count, start, end in zip(counts, moments, moments[1:], strict=False):
        if count != most:
            continue
        if stretches and stretches[-1][1] == start:
            stretches[-1] = stretches[-1][0], end
        else:
            stretches.append((start, end))
    return most, max(stretches, key=lambda stretch: stretch[1] - stretch[0], default=None)


def plan(
    series: Sequence[Series],
    seats: Sequence[Hashable],
    occupied: Mapping[Hashable, Sequence[Period]] | None = None,
) -> Plan:
    """
    Assign seats, one to a series for all its sittings; present assignments stay.

    A seat in use, by a series or by `occupied` (what else the seats hold), is preferred to one that is not; those are
    opened in the order given. Series that fit nowhere are `unplaced`. The same input gives the same plan.
    """
    held = [_merged(one.periods) for one in series]
    elsewhere = [_merged((occupied or {}).get(seat, ())) for seat in seats]
    lower_bound, peak = busiest(period for periods in held for period in periods)
    overlaps = _overlaps([*held, *elsewhere])
    tables = []
    for fill in (_fill_by_start, _fill_by_week, _fill_by_choice, _fill_by_length):
        table = _Table(series, seats, overlaps)
        fill(table, held)
        tables.append(table)
        if not table.unplaced and table.needed <= max(lower_bound, table.pinned_seats):
            break
    best = min(tables, key=lambda table: (len(table.unplaced), len(table.in_use), table.needed))
    return Plan(
        assignment=best.assignment,
        unplaced=best.unplaced,
        needed=min(table.needed for table in tables),
        lower_bound=lower_bound,
        peak=peak,
    )


class _Table:
    """
    The seats while they are being filled.

    Behind the real seats stand as many spare ones as it takes to seat everyone; who sits there is unplaced.
    """

    def __init__(self, series: Sequence[Series], seats: Sequence[Hashable], overlaps: Sequence[int]) -> None:
        self._series, self._seats = series, seats
        everyone = (1 << len(series)) - 1
        self.overlaps = [others & everyone for others in overlaps[: len(series)]]
        # For each seat, who cannot have it (any more).
        self.closed_to = [others & everyone for others in overlaps[len(series) :]]
        self.in_use = {number for number, others in enumerate(overlaps[len(series) :]) if others}
        self._seat_of: dict[int, int] = {}
        numbers = {seat: number for number, seat in enumerate(seats)}
        for number, one in enumerate(series):
            if one.seat in numbers:
                self._take(number, numbers[one.seat])
        self.waiting = [number for number, one in enumerate(series) if one.seat is None]
        self._waiting_bits = sum(1 << number for number in self.waiting)
        self.pinned_seats = len({one.seat for one in series if one.seat is not None})
