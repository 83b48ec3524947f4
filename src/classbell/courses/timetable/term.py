"""A term, and what a weekly class comes to in it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from classbell import reasons
from classbell.courses.timetable.rows import WeeklyClass
from classbell.meetings.recurrence import weekly_rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """When a timetable applies: `weeks` weeks from the week that begins on `starts_on`, in wall times of `timezone`."""

    starts_on: date
    weeks: int
    timezone: str
    holidays: Mapping[date, str] = field(default_factory=dict)
    gap_minutes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """When a weekly class meets in a term: first naive wall time, RRULE, and the days of it on which it does not."""

    first: datetime
    rule: str
    cancelled: Mapping[date, str]


def series_in(weekly: WeeklyClass, term: Term) -> Series | None:
    """Return a weekly class as one series, however long; None when it has no week in the term."""
    weeks = _weeks(weekly, term)
    return _series(weekly, weeks, term) if weeks else None


def _weeks(weekly: WeeklyClass, term: Term) -> list[int]:
    every = range(1, term.weeks + 1)
    return [week for week in every if weekly.weeks is None or week in weekly.weeks]


def _series(weekly: WeeklyClass, weeks: Sequence[int], term: Term) -> Series:
    monday = term.starts_on + timedelta(weeks=weeks[0] - 1)
    first = weekly.first_on_or_after(monday)
    # Every other week is counted from Sundays: days of our week on both sides of one would come in different weeks.
    days = [monday + timedelta(days=(weekday - monday.weekday()) % 7) for weekday in weekly.weekdays]
    in_one_week = len({(day + timedelta(days=1)).isocalendar()[:2] for day in days}) == 1
    every_other = len(weeks) > 1 and all(b - a == 2 for a, b in pairwise(weeks)) and in_one_week
    lasts = len(weeks) if every_other else weeks[-1] - weeks[0] + 1
    skipped = [] if every_other else [week for week in range(weeks[0], weeks[-1]) if week not in weeks]
    off = {
        day + timedelta(weeks=week - weeks[0]): reasons.WEEK_OFF for week in skipped for day in days
    } | dict.fromkeys(weekly.excluded, reasons.DAY_OFF)
    return Series(
        first=first,
        rule=weekly_rule(weekly.weekdays, count=lasts * len(weekly.weekdays), interval=2 if every_other else 1),
        cancelled={**off, **term.holidays},
    )
