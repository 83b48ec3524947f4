"""
When the sessions of a series are.

A series keeps its wall time in its own zone: 17:00 in Cairo stays 17:00 when the clocks change. A wall time that a change
of the clocks skips is taken with the offset before the change; one that happens twice is the first of the two.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from zoomsim.clock import parse_time
from zoomsim.protocol.errors import invalid_field
from zoomsim.protocol.validation import Reader
from zoomsim.state.models import Occurrence, Settings

DAILY, WEEKLY, MONTHLY = 1, 2, 3
MAX_INTERVAL = {DAILY: 99, WEEKLY: 50, MONTHLY: 10}
MAX_OCCURRENCES = 60
LAST_WEEK = -1
HORIZON = timedelta(weeks=110)
"""How far a series without an end is laid out, by what has been seen of Zoom; monthly ones go further."""
MONTHLY_HORIZON = timedelta(days=5 * 365)


def read_recurrence(raw: object, start: datetime | None) -> Settings:
    """
    Check a `recurrence` as it was sent and return it with Zoom's defaults filled in and what does not apply left out.

    Raises ZoomError 400/300.
    """
    if not isinstance(raw, dict):
        raise invalid_field("recurrence")
    reader = Reader(raw, "recurrence.")
    kind = reader.integer("type", choices=(DAILY, WEEKLY, MONTHLY), required=True)
    interval = reader.integer("repeat_interval", low=0, high=MAX_INTERVAL.get(kind or 0, 1))
    rule: Settings = {"type": kind, "repeat_interval": interval or 1}
    if kind == WEEKLY:
        rule["weekly_days"] = _read_weekly_days(reader)
    if kind == MONTHLY:
        rule |= _read_monthly(reader)
    rule |= _read_end(reader, start)
    reader.raise_errors()
    return rule


def lay_out(rule: Settings, start: datetime, timezone: str, duration: int, now: datetime) -> list[Occurrence]:
    """Return the sessions of a series whose first possible start is `start` (UTC), earliest first."""
    zone = ZoneInfo(timezone)
    wall = start.astimezone(zone)
    at = wall.time().replace(fold=0)
    latest = max(start, now) + (MONTHLY_HORIZON if rule["type"] == MONTHLY else HORIZON)
    if rule.get("end_date_time"):
        latest = min(latest, parse_time(rule["end_date_time"]))
    most = rule.get("end_times") or None
    occurrences: list[Occurrence] = []
    for day in _days(rule, wall.date()):
        moment = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
        if moment > latest or len(occurrences) == most:
            break
        occurrences.append(Occurrence(int(moment.timestamp()) * 1000, moment, duration))
    return occurrences


def _days(rule: Settings, first: date) -> Iterator[date]:
    """Yield the days of a rule from `first` on, without end."""
    step = rule["repeat_interval"]
    if rule["type"] == DAILY:
        while True:
            yield first
            first += timedelta(days=step)
    elif rule["type"] == WEEKLY:
        yield from _weekly(first, step, sorted(int(day) - 1 for day in rule["weekly_days"].split(",")))
    else:
        yield from _monthly(first, step, rule)


def _weekly(first: date, step: int, days: list[int]) -> Iterator[date]:
    """Weeks begin on Sunday, which is day 0 here."""
    sunday = first - timedelta(days=first.isoweekday() % 7)
    while True:
        for day in days:
            date_ = sunday + timedelta(days=day)
            if date_ >= first:
                yield date_
        sunday += timedelta(weeks=step)


def _monthly(first: date, step: int, rule: Settings) -> Iterator[date]:
    month = first.year * 12 + first.month - 1
    while True:
        day = _day_in_month(month // 12, month % 12 + 1, rule)
        if day is not None and day >= first:
            yield day
        month += step


def _day_in_month(year: int, month: int, rule: Settings) -> date | None:
    """Return the day that a monthly rule means; None in a month too short to have it."""
    first_weekday, length = calendar.monthrange(year, month)
    if "monthly_week" not in rule:
        return date(year, month, rule["monthly_day"]) if rule["monthly_day"] <= length else None
    # The calendar module counts from Monday = 0, Zoom from Sunday = 1.
    weekday = (rule["monthly_week_day"] - 2) % 7
    first = 1 + (weekday - first_weekday) % 7
    if rule["monthly_week"] == LAST_WEEK:
        return date(year, month, first + (length - first) // 7 * 7)
    return date(year, month, first + 7 * (rule["monthly_week"] - 1))


def _read_weekly_days(reader: Reader) -> str:
    text = reader.text("weekly_days") or "1"
    days = [day.strip() for day in text.split(",")]
    if any(day not in {"1", "2", "3", "4", "5", "6", "7"} for day in days):
        reader.refuse("weekly_days")
        return "1"
    return ",".join(dict.fromkeys(days))


def _read_monthly(reader: Reader) -> Settings:
    week = reader.integer("monthly_week", choices=(LAST_WEEK, 1, 2, 3, 4))
    week_day = reader.integer("monthly_week_day", low=1, high=7)
    if week is not None and week_day is not None:
        return {"monthly_week": week, "monthly_week_day": week_day}
    if week is not None:
        reader.refuse("monthly_week_day", "This field is required.")
    elif week_day is not None:
        reader.refuse("monthly_week", "This field is required.")
    return {"monthly_day": reader.integer("monthly_day", low=1, high=31) or 1}


def _read_end(reader: Reader, start: datetime | None) -> Settings:
    end_times = reader.integer("end_times", low=0, high=MAX_OCCURRENCES)
    text = reader.text("end_date_time")
    if not text:
        return {"end_times": 1 if end_times is None else end_times}
    if end_times:
        reader.refuse("end_date_time", "It cannot be used together with end_times.")
    try:
        end = parse_time(text)
    except ValueError:
        reader.refuse("end_date_time")
    else:
        if start is not None and end < start:
            reader.refuse("end_date_time", "The end is before the start.")
    return {"end_date_time": text}
