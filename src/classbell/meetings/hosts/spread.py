"""
Which seat single meetings get, so that their creates go out as early as Zoom's daily budgets let them.

A long series is one create and holds its hour for months: `planner` puts it on as few hosts as it can. A batch of single
sessions is a create each, and as few hosts as possible would send it out over weeks. So each goes to a host that can still
create it on the earliest day. Among those, hosts in use come first, in one order for all: as long as the budgets suffice,
nothing is scattered, and whole weeks stay free elsewhere for the series to come.

Pure: no database, no clock.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence

from classbell.meetings.hosts.planner import Series, without_overlaps
from classbell.meetings.periods import Interval

# On which day (0: today) one host sends the create that has so many new ones before it.
DayOf = Callable[[int], int]


def spread(
    series: Sequence[Series],
    seats: Sequence[Hashable],
    occupied: Mapping[Hashable, Sequence[Interval]],
    *,
    host_of: Mapping[Hashable, Hashable],
    day_of: Mapping[Hashable, DayOf],
    before: Mapping[Hashable, int],
) -> dict[Hashable, Hashable]:
    """
    Return a seat for each series, by its key; who fits nowhere has none.

    `before` counts, by host, the new creates that go first. The soonest are given seats first, and so the earlier days.
    """
    held = {seat: without_overlaps(occupied.get(seat, ())) for seat in seats}
    rank = {seat: number for number, seat in enumerate(seats)}
    given: Counter[Hashable] = Counter(before)
    assignment: dict[Hashable, Hashable] = {}
    for one in sorted(series, key=lambda one: one.periods[:1]):
        free = [seat for seat in seats if _is_free(held[seat], one.periods)]
        if not free:
            continue
        seat = min(free, key=lambda s: (day_of[host_of[s]](given[host_of[s]]), not held[s], rank[s]))
        assignment[one.key] = seat
        given[host_of[seat]] += 1
        for period in one.periods:
            insort(held[seat], period)
    return assignment


def _is_free(held: Sequence[Interval], periods: Sequence[Interval]) -> bool:
    """Return whether none of these periods overlaps one that is held; held ones are sorted and do not overlap."""
    for start, end in periods:
        following = bisect_left(held, (end,))
        if following and held[following - 1][1] > start:
            return False
    return True
