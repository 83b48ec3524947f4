"""
Which Zoom host's seat each meeting gets, so that as few hosts as possible serve the timetable.

Meetings that overlap at any session cannot share a seat: a colouring of their conflict graph. When every meeting is held
once a week over the same weeks, that is an interval graph, and first-fit by start is optimal on it: a new seat is opened
only for a meeting that finds every open one taken by a meeting running at the moment it starts. So seats never outnumber
the meetings at once, and no plan can do with fewer.

Several sessions a week, or weeks that differ, can need more than that. Then other orders are tried and the best plan kept,
to be read next to the lower bound; nearly always it is the one that serves first whom the fewest seats are left for (DSATUR).

Pure: no database, no clock. A set of series is one whole number with a bit for each, so that a thousand are compared at once.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import pairwise

from classbell.meetings.periods import Interval

WEEK = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """
    A meeting with all its sessions: half-open, sorted periods, already lengthened by the turnaround gap.

    `key` is unique. `seat` is what the meeting has now and keeps, even where that clashes with others.
    """

    key: Hashable
    periods: tuple[Interval, ...]
    seat: Hashable | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """
    Who gets which seat.

    `needed` is how many seats these series take when there is no end of seats, present assignments kept; `lower_bound`
    how many of them overlap at most, and `peak` the longest time they do (the first of equals; None without any periods).
    """

    assignment: dict[Hashable, Hashable] = field(default_factory=dict)
    unplaced: list[Hashable] = field(default_factory=list)
    needed: int = 0
    lower_bound: int = 0
    peak: Interval | None = None


def busiest(periods: Iterable[Interval]) -> tuple[int, Interval | None]:
    """Return how many half-open periods overlap at most, and the longest stretch with so many, the first of equals."""
    return _busiest_of(Counter((period,) for period in periods))


def _busiest_of(alike: Mapping[tuple[Interval, ...], int]) -> tuple[int, Interval | None]:
    """As `busiest`, of so many of each timetable."""
    changes: Counter[datetime] = Counter()
    for periods, count in alike.items():
        for start, end in periods:
            if start < end:
                changes[start] += count
                changes[end] -= count
    # Where one period hands over to another, nothing changes and the stretch goes on.
    moments = sorted(moment for moment, change in changes.items() if change)
    running = most = 0
    peak: Interval | None = None
    for start, end in pairwise(moments):
        running += changes[start]
        if running > most or (running == most and peak is not None and end - start > peak[1] - peak[0]):
            most, peak = running, (start, end)
    return most, peak


def plan(
    series: Sequence[Series],
    seats: Sequence[Hashable],
    occupied: Mapping[Hashable, Sequence[Interval]] | None = None,
) -> Plan:
    """
    Assign seats, one to a series for all its sessions; present assignments stay.

    Seats in use, by a series or by `occupied` (what else they hold), are filled before unused ones are opened in the
    order given. Series that fit nowhere are `unplaced`. The same input always gives the same plan.
    """
    held = [without_overlaps(one.periods) for one in series]
    elsewhere = [without_overlaps((occupied or {}).get(seat, ())) for seat in seats]
    overlaps = _overlaps([*held, *elsewhere])
    lower_bound, peak = busiest(period for periods in held for period in periods)
    by_start, by_week, by_length = _orders(held)
    tables: list[_Table] = []
    for fill in (
        partial(_Table.place_all, order=by_start),
        partial(_Table.place_all, order=by_week),
        _Table.place_hardest_first,
        partial(_Table.place_all, order=by_length),
    ):
        table = _Table(series, seats, overlaps, occupied=[bool(periods) for periods in elsewhere])
        in_use = len(table.in_use)
        fill(table)
        tables.append(table)
        if not table.unplaced and len(table.in_use) <= max(lower_bound, in_use):
            break
    best = min(tables, key=lambda table: (len(table.unplaced), len(table.in_use), table.needed))
    return Plan(
        assignment=best.assignment,
        unplaced=best.unplaced,
        needed=min(table.needed for table in tables),
        lower_bound=lower_bound,
        peak=peak,
    )


def seats_needed(series: Iterable[Series]) -> Plan:
    """
    Return how few seats series take that have none yet, where there is no end of seats: a plan without its assignment.

    Series with the same sessions are alike, and so are seats that are closed to the same ones. Both are counted rather than
    looked at one by one, so that tens of thousands of series, which have hundreds of timetables among them, take a moment.
    What is found can be held; it is the least there is where it is the lower bound.
    """
    alike = Counter(tuple(periods) for one in series if (periods := without_overlaps(one.periods)))
    timetables = list(alike)
    lower_bound, peak = _busiest_of(alike)
    overlaps = [others | 1 << number for number, others in enumerate(_overlaps(timetables))]
    needed: int | None = None
    for order in _orders([list(periods) for periods in timetables]):
        filled = _filled([(number, alike[timetables[number]]) for number in order], overlaps)
        needed = filled if needed is None else min(needed, filled)
        if needed <= lower_bound:
            break
    return Plan(needed=needed or 0, lower_bound=lower_bound, peak=peak)


def _filled(order: Sequence[tuple[int, int]], overlaps: Sequence[int]) -> int:
    """Return how many seats so many of each timetable take, each on seats that it closes to the fewest others."""
    waiting = (1 << len(overlaps)) - 1
    seats: Counter[int] = Counter()
    for number, count in order:
        waiting &= ~(1 << number)
        left = count
        free = [closed_to for closed_to in seats if not closed_to >> number & 1]
        for closed_to in sorted(free, key=lambda seat: ((overlaps[number] & waiting & ~seat).bit_count(), seat)):
            taken = min(left, seats[closed_to])
            _move(seats, closed_to, closed_to | overlaps[number], taken)
            left -= taken
            if not left:
                break
        seats[overlaps[number]] += left
    return seats.total()


def _move(seats: "Counter[int]", before: int, after: int, count: int) -> None:
    seats[before] -= count
    if not seats[before]:
        del seats[before]
    seats[after] += count


class _Table:
    """
    The seats while they are being filled.

    Behind the real seats stand as many spare ones as it takes; who ends up on those is unplaced.
    """

    def __init__(
        self, series: Sequence[Series], seats: Sequence[Hashable], overlaps: Sequence[int], *, occupied: Sequence[bool]
    ) -> None:
        self._series, self._seats, self._overlaps = series, seats, overlaps
        self._closed_to = list(overlaps[len(series) :])
        self._seat_of: dict[int, int] = {}
        self.in_use = {number for number, is_occupied in enumerate(occupied) if is_occupied}
        self._loose = [number for number, one in enumerate(series) if one.seat is None]
        self._waiting = sum(1 << number for number in self._loose)
        seat_numbers = {seat: number for number, seat in enumerate(seats)}
        for number, one in enumerate(series):
            if one.seat in seat_numbers:
                self._take(number, seat_numbers[one.seat])

    @property
    def assignment(self) -> dict[Hashable, Hashable]:
        """Present seats and those given."""
        return {one.key: seat for number, one in enumerate(self._series) if (seat := self._seat(number)) is not None}

    @property
    def unplaced(self) -> list[Hashable]:
        """Whom no real seat was free for, in the order they came in."""
        return [one.key for number, one in enumerate(self._series) if self._seat(number) is None]

    @property
    def needed(self) -> int:
        """The seats these series take, spare ones included."""
        elsewhere = {one.seat for number, one in enumerate(self._series) if number not in self._seat_of}
        return len(set(self._seat_of.values())) + len(elsewhere)

    def place_all(self, order: Iterable[int]) -> None:
        """Place who has no seat, in this order."""
        for number in order:
            if self._waiting >> number & 1:
                self._place(number)

    def place_hardest_first(self) -> None:
        """Place next, each time, whom the fewest open seats are left for; of equals who overlaps the most (DSATUR)."""
        closed = {n: sum(seat >> n & 1 for seat in self._closed_to) for n in self._loose}
        queue = [(-closed[n], -self._overlaps[n].bit_count(), n) for n in self._loose]
        heapify(queue)
        while queue:
            number = heappop(queue)[-1]
            if not self._waiting >> number & 1:
                continue
            for other in _members(self._place(number)):
                closed[other] += 1
                heappush(queue, (-closed[other], -self._overlaps[other].bit_count(), other))

    def _place(self, number: int) -> int:
        """Give a series the best seat for it; return who was still waiting and can no longer have that seat."""
        bit = 1 << number
        free = [seat for seat, closed_to in enumerate(self._closed_to) if not closed_to & bit]
        if not free:
            free = [len(self._closed_to)]
            self._closed_to.append(0)
        return self._take(number, min(free, key=lambda seat: self._cost(number, seat)))

    def _cost(self, number: int, seat: int) -> tuple[int, int, int]:
        """Seats in use come first, the one that closes to the fewest others; then unused ones in order; then spare ones."""
        if seat < len(self._seats) and seat not in self.in_use:
            return 1, 0, seat
        closes_to = self._overlaps[number] & self._waiting & ~self._closed_to[seat]
        return (0 if seat < len(self._seats) else 2), closes_to.bit_count(), seat

    def _take(self, number: int, seat: int) -> int:
        self._waiting &= ~(1 << number)
        closes_to = self._overlaps[number] & self._waiting & ~self._closed_to[seat]
        self._closed_to[seat] |= self._overlaps[number]
        self._seat_of[number] = seat
        if seat < len(self._seats):
            self.in_use.add(seat)
        return closes_to

    def _seat(self, number: int) -> Hashable | None:
        """Return the real seat of a series, None when it has none."""
        given = self._seat_of.get(number)
        if given is None:
            return self._series[number].seat
        return self._seats[given] if given < len(self._seats) else None


def _orders(held: Sequence[list[Interval]]) -> tuple[list[int], list[int], list[int]]:
    """Return the series by their first start, by their place in the week of the very first one, by number of sessions."""
    by_start = sorted(range(len(held)), key=lambda number: held[number][:1])
    origin = min((periods[0][0] for periods in held if periods), default=None)

    def place_in_week(number: int) -> timedelta:
        return (held[number][0][0] - origin) % WEEK if origin is not None and held[number] else timedelta(0)

    return by_start, sorted(by_start, key=place_in_week), sorted(by_start, key=lambda number: -len(held[number]))


def _overlaps(timelines: Sequence[Sequence[Interval]]) -> list[int]:
    """Return, for each timeline, which others overlap it, as bits: one sweep over all periods by time."""
    # Ends (0) come before starts (1) of the same moment: periods are half-open.
    events = sorted(
        event
        for number, periods in enumerate(timelines)
        for start, end in periods
        for event in ((start, 1, number), (end, 0, number))
    )
    met = [0] * len(timelines)
    running = 0
    for _moment, starts, number in events:
        if starts:
            met[number] |= running
        running ^= 1 << number
    # Who starts later has met who runs; make it mutual.
    for number, others in enumerate(list(met)):
        for other in _members(others):
            met[other] |= 1 << number
    return met


def _members(bits: int) -> Iterator[int]:
    """Yield the numbers in a set, from the lowest."""
    return (number for number, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")


def without_overlaps(periods: Iterable[Interval]) -> list[Interval]:
    """
    Return periods sorted, without empty ones, those that overlap made one: a meeting cannot clash with itself. Those that
    touch stay two, as they are two sessions.
    """
    union: list[Interval] = []
    for start, end in sorted(periods):
        if union and start < union[-1][1]:
            union[-1] = union[-1][0], max(end, union[-1][1])
        elif start < end:
            union.append((start, end))
    return union
