"""
The dates of a series of lessons: the same time of day every week, or every few, on one clock. Pure.

The clock on the wall is kept whatever the clocks do: what happens to a time that they skip or repeat is said in
`meetings.recurrence`.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from classbell.meetings.recurrence import expand, weekly_rule

# About a year of weeks: for longer than that, no student's time is taken at once.
MOST_DATES: Final = 50
MOST_WEEKS_BETWEEN: Final = 8


def rule_of(first: datetime, *, zone: ZoneInfo, count: int, interval_weeks: int = 1) -> str:
    """Return the RRULE of `count` dates from an aware `first` on, on its weekday in `zone`."""
    return weekly_rule([first.astimezone(zone).weekday()], count=count, interval=interval_weeks)


def dates_of(first: datetime, *, zone: ZoneInfo, count: int, interval_weeks: int = 1) -> list[datetime]:
    """Return the starts of `count` dates, aware UTC, in order; `first` is aware, and the first of them."""
    rule = rule_of(first, zone=zone, count=count, interval_weeks=interval_weeks)
    return expand(starts_at=first.astimezone(zone).replace(tzinfo=None), timezone=zone, rule=rule)


def count_within(weeks: int, *, interval_weeks: int = 1) -> int:
    """Return how many dates there are within so many weeks, the first week's counted: every second of ten weeks are five."""
    return -(-weeks // interval_weeks)


def count_until(first: datetime, last_day: date, *, zone: ZoneInfo, interval_weeks: int = 1) -> int:
    """Return how many dates there are up to and including a day of `zone`; 0 when it is before the first."""
    days = last_day - first.astimezone(zone).date()
    return 0 if days < timedelta(0) else days.days // (7 * interval_weeks) + 1
