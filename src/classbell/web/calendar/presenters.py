"""The whole school's week in numbers. No database, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from classbell.meetings.models import OccurrenceStatus, SyncStatus
from classbell.meetings.periods import Interval
from classbell.web.kit.charts.weeks import Week


@dataclass(frozen=True, kw_only=True, slots=True)
class Peak:
    """The most that happen at one time: how many, and the first time it is so, [starts_at, ends_at)."""

    count: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolDay:
    """One day of the school: sessions held, cancelled, not yet on Zoom, and the most at one time."""

    date: date
    held: int
    cancelled: int
    not_on_zoom: int
    peak: Peak | None


def school_days(rows: Iterable[tuple[datetime, datetime, str, str]], *, week: Week, zone: ZoneInfo) -> list[SchoolDay]:
    """Count each day of a week; rows are (starts_at, ends_at, session's status, meeting's sync status)."""
    by_day: dict[date, list[tuple[datetime, datetime, str, str]]] = {day: [] for day in week.days}
    for row in rows:
        by_day[max(row[0].astimezone(zone).date(), week.starts_on)].append(row)
    return [_school_day(day, of_day) for day, of_day in by_day.items()]


def _school_day(day: date, rows: list[tuple[datetime, datetime, str, str]]) -> SchoolDay:
    held = [row for row in rows if row[2] != OccurrenceStatus.CANCELLED]
    return SchoolDay(
        date=day,
        held=len(held),
        cancelled=len(rows) - len(held),
        not_on_zoom=sum(1 for row in held if row[3] in (SyncStatus.PENDING, SyncStatus.FAILED)),
        peak=peak((row[0], row[1]) for row in held),
    )


def peak(periods: Iterable[Interval]) -> Peak | None:
    """Return the most half-open periods that overlap, and when first; None when there are none."""
    turns = sorted((moment, change) for start, end in periods for moment, change in ((start, 1), (end, -1)))
    best, running = None, 0
    for index, (moment, change) in enumerate(turns):
        running += change
        if change > 0 and (best is None or running > best.count):
            until = next((later for later, step in turns[index + 1 :] if step < 0), moment + timedelta(0))
            best = Peak(count=running, starts_at=moment, ends_at=until)
    return best
