"""Periods of a day as blocks on a grid of quarter hours, side by side where they overlap. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from classbell.web.kit.charts.weeks import midnight

QUARTER = timedelta(minutes=15)
# The hours that are shown however empty they are.
FIRST_HOUR, LAST_HOUR = 8, 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """
    Where a block stands: from `hour` and `quarter` of the local clock, for `hours` and `quarters` of it; in lane `lane` (from
    0) of the `lanes` that its overlapping neighbours share.
    """

    hour: int
    quarter: int
    hours: int
    quarters: int
    lane: int
    lanes: int


def place_day(periods: Sequence[tuple[datetime, datetime]], *, day: date, zone: ZoneInfo) -> list[Place]:
    """Return the place of each period, in their order, cut to the local day; each is a quarter of an hour at least."""
    spans = [_quarters(start, end, day=day, zone=zone) for start, end in periods]
    order = sorted(range(len(spans)), key=lambda index: spans[index])
    lanes: dict[int, int] = {}
    widths: dict[int, int] = {}
    together: list[int] = []
    ends: list[int] = []
    for index in order:
        start, end = spans[index]
        if together and start >= max(ends):
            widths |= dict.fromkeys(together, len(ends))
            together, ends = [], []
        lane = next((number for number, until in enumerate(ends) if until <= start), len(ends))
        if lane == len(ends):
            ends.append(end)
        else:
            ends[lane] = end
        lanes[index] = lane
        together.append(index)
    widths |= dict.fromkeys(together, len(ends))
    return [_place(span, lanes[index], widths[index]) for index, span in enumerate(spans)]


def hours_shown(places: Sequence[Place]) -> tuple[int, int]:
    """Return (first hour, the hour it ends at) of a grid that holds all places, 8 to 18 at least."""
    first = min([FIRST_HOUR, *(place.hour for place in places)])
    last = max([LAST_HOUR, *(-(-_end(place) // 4) for place in places)])
    return first, last


def _end(place: Place) -> int:
    return (place.hour + place.hours) * 4 + place.quarter + place.quarters


def _quarters(start: datetime, end: datetime, *, day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the quarters of the day's clock a period covers, [first, end)."""
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    first = 0 if start <= begins else _clock(start, zone) // 15
    last = 96 if end >= ends else -(-_clock(end, zone) // 15)
    first = min(first, 95)
    return first, max(last, first + 1)


def _clock(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _place(span: tuple[int, int], lane: int, lanes: int) -> Place:
    first, end = span
    length = end - first
    return Place(hour=first // 4, quarter=first % 4, hours=length // 4, quarters=length % 4, lane=lane, lanes=lanes)
