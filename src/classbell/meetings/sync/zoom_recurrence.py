"""A rule as Zoom's recurrence, which cannot say all that a rule can."""

from calendar import monthrange
from collections.abc import Collection
from datetime import datetime
from typing import Final

from classbell.errors import DomainError
from classbell.meetings.recurrence import SUNDAY, ZOOM_MAX_OCCURRENCES, Rule

# Days, weeks, months between sessions.
# Source: POST /users/{userId}/meetings, `recurrence.repeat_interval`, Zoom Meeting API reference.
ZOOM_MAX_INTERVALS: Final = {1: 99, 2: 50, 3: 10}
ZOOM_DAILY, ZOOM_WEEKLY, ZOOM_MONTHLY = 1, 2, 3
ZOOM_WEEKS_OF_MONTH: Final = (-1, 1, 2, 3, 4)


class CannotBeOneSeries(DomainError):
    """Zoom has no way to say this rule in one recurring meeting."""

    code = "cannot_be_one_series"


def to_zoom(rule: str, *, occurrences_left: int, starts_at: datetime) -> dict[str, object]:
    """
    Return Zoom's `recurrence` for a series that has `occurrences_left` more sessions, the next at wall time `starts_at`.

    With an interval above 1, Zoom counts its days, weeks or months from the start it is given, so `starts_at` must be
    the next session, not just any time before it. Zoom's weeks are taken to begin on Sunday, the day it numbers 1.

    Raises CannotBeOneSeries, and BadRecurrence when the rule cannot be read.
    Source: POST /users/{userId}/meetings, `recurrence`, Zoom Meeting API reference.
    """
    if not 1 <= occurrences_left <= ZOOM_MAX_OCCURRENCES:
        raise CannotBeOneSeries(f"One Zoom meeting holds 1 to {ZOOM_MAX_OCCURRENCES} sessions, not {occurrences_left}.")
    parsed = Rule.parse(rule)
    pattern = _zoom_pattern(parsed, starts_at, occurrences_left)
    if pattern is None or parsed.interval > ZOOM_MAX_INTERVALS[pattern[0]]:
        raise CannotBeOneSeries(f"Zoom cannot repeat one meeting by the rule {rule!r}.")
    kind, days = pattern
    return {"type": kind, "repeat_interval": parsed.interval, "end_times": occurrences_left} | days


def _zoom_pattern(rule: Rule, starts_at: datetime, occurrences: int) -> tuple[int, dict[str, object]] | None:
    """Return Zoom's type and days for a rule, None when it has none for it."""
    match rule:
        case Rule(frequency="DAILY", weekdays=(), month_days=()):
            return ZOOM_DAILY, {}
        case Rule(frequency="DAILY", interval=1, month_days=()):
            return ZOOM_WEEKLY, _zoom_weekdays(rule.weekdays)
        case Rule(frequency="WEEKLY"):
            weekdays = rule.weekdays or (starts_at.weekday(),)
            same_weeks = rule.interval == 1 or _first(weekdays, rule.week_start) == _first(weekdays, SUNDAY)
            return (ZOOM_WEEKLY, _zoom_weekdays(weekdays)) if same_weeks else None
        case Rule(frequency="MONTHLY", weekdays=(), month_days=(), nth_weekdays=((which, weekday),)):
            days: dict[str, object] = {"monthly_week": which, "monthly_week_day": _zoom_weekday(weekday)}
            return (ZOOM_MONTHLY, days) if which in ZOOM_WEEKS_OF_MONTH else None
        case Rule(frequency="MONTHLY", weekdays=(), nth_weekdays=(), month_days=() | (_,)):
            day = rule.month_days[0] if rule.month_days else starts_at.day
            every_month_has_it = 1 <= day <= _shortest_month(starts_at, rule.interval, occurrences)
            return (ZOOM_MONTHLY, {"monthly_day": day}) if every_month_has_it else None
    return None


def _zoom_weekday(weekday: int) -> int:
    return (weekday + 1) % 7 + 1


def _zoom_weekdays(weekdays: Collection[int]) -> dict[str, object]:
    return {"weekly_days": ",".join(str(day) for day in sorted(map(_zoom_weekday, weekdays)))}


def _first(weekdays: Collection[int], week_start: int) -> int:
    """Return which weekday comes first in a week; it settles which sessions share a week of an interval."""
    return min(weekdays, key=lambda day: (day - week_start) % 7)


def _shortest_month(starts_at: datetime, interval: int, occurrences: int) -> int:
    """
    Return the length in days of the shortest month of a run.

    RFC 5545 passes over months that lack the day; what Zoom does in them is not documented.
    """
    months = (starts_at.year * 12 + starts_at.month - 1 + step * interval for step in range(occurrences))
    return min(monthrange(month // 12, month % 12 + 1)[1] for month in months)
