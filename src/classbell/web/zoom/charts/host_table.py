"""One day of all Zoom hosts as a timetable: hosts down, hours across, the peak marked. No database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from classbell.meetings.reports.at_once import Peak
from classbell.web.kit.charts.day_strip import share_of_day

FIRST_HOUR, LAST_HOUR = 8, 20
LANE_HEIGHT = 20
SMALLEST = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class Hosted:
    """A meeting on a host's seat for [starts_at, ends_at). Foreign ones were made outside Classbell."""

    meeting_id: UUID | None
    title: str
    seat_number: int
    starts_at: datetime
    ends_at: datetime
    is_foreign: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A hosted meeting as drawn: `x` and `width` in per cent of the row, `y` in pixels."""

    hosted: Hosted
    x: float
    width: float
    y: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One host's row: its bars and its height in pixels."""

    host_id: UUID
    name: str
    bars: Sequence[Bar]
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour:
    """A line of the grid: its label and where it stands, in per cent."""

    label: str
    x: float


@dataclass(frozen=True, kw_only=True, slots=True)
class HostTable:
    """
    The whole picture: a row for each of the hosts that are shown with a meeting; `free` counts all hosts without any.

    `peak_x` and `peak_width` mark when most hosts are busy, `now_x` the clock, all in per cent.
    """

    day: date
    hours: Sequence[Hour]
    rows: Sequence[Row]
    free: int
    peak: Peak | None
    peak_x: float
    peak_width: float
    now_x: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Axis:
    """Hours across, from one side of the page to the other; from the right where the language runs that way."""

    day: date
    zone: ZoneInfo
    first_hour: int
    last_hour: int
    right_to_left: bool

    def place(self, starts_at: datetime, ends_at: datetime) -> tuple[float, float]:
        """Return (x, width) in per cent."""
        at, end = self.share(starts_at), self.share(ends_at)
        width = max(end - at, SMALLEST)
        x = 100 - at - width if self.right_to_left else at
        return round(max(x, 0.0), 2), round(width, 2)

    def share(self, moment: datetime) -> float:
        return share_of_day(moment, day=self.day, zone=self.zone, first_hour=self.first_hour, last_hour=self.last_hour)

    def hours(self) -> list[Hour]:
        span = self.last_hour - self.first_hour
        step = 1 if span <= 14 else 2
        return [
            Hour(label=f"{hour:02}", x=round(100 - share if self.right_to_left else share, 2))
            for hour in range(self.first_hour, self.last_hour, step)
            for share in [(hour - self.first_hour) / span * 100]
        ]


def host_table(
    names: Mapping[UUID, tuple[str, int]],
    hosted: Mapping[UUID, Sequence[Hosted]],
    *,
    most: Peak | None,
    free: int,
    day: date,
    zone: ZoneInfo,
    now: datetime,
    right_to_left: bool,
) -> HostTable:
    """
    Draw a day. `names` maps each host to its name and number of seats, in the order of the rows. There may be other hosts:
    `most` is what they all have at one time, and `free` how many of all have nothing.

    The hours shown are the school's usual ones, stretched to what the day has.
    """
    everything = [one for of_host in hosted.values() for one in of_host]
    first_hour, last_hour = _hours_of(everything, day, zone)
    axis = _Axis(day=day, zone=zone, first_hour=first_hour, last_hour=last_hour, right_to_left=right_to_left)
    rows = [_row(pk, name, seats, hosted[pk], axis) for pk, (name, seats) in names.items() if hosted.get(pk)]
    peak_x, peak_width = axis.place(most.starts_at, most.ends_at) if most else (0.0, 0.0)
    return HostTable(
        day=day,
        hours=axis.hours(),
        rows=rows,
        free=free,
        peak=most,
        peak_x=peak_x,
        peak_width=peak_width,
        now_x=axis.place(now, now)[0] if now.astimezone(zone).date() == day else None,
    )


def _row(host_id: UUID, name: str, seats: int, hosted: Sequence[Hosted], axis: _Axis) -> Row:
    bars = []
    for one in sorted(hosted, key=lambda one: one.starts_at):
        x, width = axis.place(one.starts_at, one.ends_at)
        bars.append(Bar(hosted=one, x=x, width=width, y=(one.seat_number - 1) * LANE_HEIGHT + 2))
    return Row(host_id=host_id, name=name, bars=bars, height=max(seats, 1) * LANE_HEIGHT)


def _hours_of(hosted: Iterable[Hosted], day: date, zone: ZoneInfo) -> tuple[int, int]:
    first, last = FIRST_HOUR, LAST_HOUR
    for one in hosted:
        starts_at, ends_at = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone) - timedelta(microseconds=1)
        first = min(first, starts_at.hour if starts_at.date() == day else 0)
        last = max(last, ends_at.hour + 1 if ends_at.date() == day else 24)
    return first, last
