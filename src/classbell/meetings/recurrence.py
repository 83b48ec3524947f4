"""
Recurring sittings in wall time, in the terms of RFC 5545, and the same in Zoom's.

Wall times are laid out first and placed in their timezone afterwards, so a 09:00 class stays at 09:00 across a clock
change. A wall time that the clocks skip is read with the offset before the change, one that they repeat is its first
(RFC 5545, section 3.3.5). Pure: no database, no clock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from classbell.errors import DomainError

# The reference says 60, older text 50, and more than 50 has been refused: stay at what always works.
ZOOM_MAX_OCCURRENCES = 50
MOST_SITTINGS = 1000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class BadRecurrence(DomainError):
    """The rule is none, has no end, or has too many sittings."""

    code = "bad_recurrence"


class CannotBeOneSeries(DomainError):
    """Zoom has no way to say this rule in one recurring meeting."""

    code = "cannot_be_one_series"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """The parts of an RRULE that Classbell uses. `weekdays` with 0 for Monday; `month_day` 1 to 31."""

    frequency: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None
    month_week: int | None = None

    @classmethod
    def parse(cls, rule: str) -> "Rule":
        """Read RRULE text. Raises BadRecurrence, CannotBeOneSeries for parts that Zoom cannot express."""
        parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
        unknown = parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"}
        if unknown or parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY"):
            raise CannotBeOneSeries(f"Zoom cannot repeat a meeting by the rule {rule!r}.")
        days = [day for day in parts.get("BYDAY", "").split(",") if day]
        weeks = {int(day[:-2]) for day in days if day[:-2]}
        if len(weeks) > 1 or (weeks and len(days) > 1):
            raise CannotBeOneSeries(f"Zoom cannot repeat a meeting on several days of a month: {rule!r}.")
        return cls(
            frequency=parts["FREQ"],
            interval=int(parts.get("INTERVAL", "1")),
            weekdays=tuple(sorted(WEEKDAYS.index(day[-2:]) for day in days)),
            month_day=int(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else None,
            month_week=weeks.pop() if weeks else None,
        )


def weekly_rule(
    weekdays: Collection[int], *, count: int | None = None, until: datetime | None = None, interval: int = 1
) -> str:
    """Return the RRULE of sittings on these weekdays (0 is Monday), `count` of them or until a naive wall time."""
    parts = ["FREQ=WEEKLY"]
    if interval != 1:
        parts.append(f"INTERVAL={interval}")
    parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(set(weekdays))))
    if count is not None:
        parts.append(f"COUNT={count}")
    if until is not None:
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%S}")
    return ";".join(parts)


def expand(
    *, starts_at: datetime, timezone: ZoneInfo, rule: str | None, excluded: Collection[date] = ()
) -> list[datetime]:
    """
    Return the starts of all sittings, aware UTC, in order.

    `starts_at` is the naive wall time of the first one (DTSTART). It counts only when it fits the rule, as with Zoom,
    which takes the next day that does. UNTIL is a wall time. `excluded` are local dates left out.

    Raises BadRecurrence when the rule cannot be read, never ends, or has more than MOST_SITTINGS sittings.
    """
    walls = [starts_at] if not rule else _walls(starts_at, rule)
    return sorted({place(wall, timezone) for wall in walls if wall.date() not in excluded})


def place(wall: datetime, timezone: ZoneInfo) -> datetime:
    """Return the aware UTC time of a naive wall time, RFC 5545's way for those that do not exist or exist twice."""
    return wall.replace(tzinfo=timezone, fold=0).astimezone(UTC)


def _walls(starts_at: datetime, rule: str) -> list[datetime]:
    if "COUNT=" not in rule.upper() and "UNTIL=" not in rule.upper():
        raise BadRecurrence("A recurring meeting needs an end: a number of sittings or a last day.")
    try:
        found = rrulestr(rule, dtstart=starts_at)
    except (ValueError, KeyError, TypeError) as error:
        raise BadRecurrence(f"{rule!r} is no recurrence rule ({error}).") from error
    walls = []
    for wall in found:
        if len(walls) == MOST_SITTINGS:
            raise BadRecurrence(f"{rule!r} has more than {MOST_SITTINGS} sittings.")
        walls.append(wall)
    return walls


def to_zoom(rule: str, *, sittings_left: int, starts_at: datetime) -> dict[str, object]:
    """
    Return Zoom's `recurrence` for a series that has `sittings_left` more sittings, the next at wall time `starts_at`.

    With an interval, the next sitting's week is the first of its rhythm, which is why `starts_at` must be a sitting.

    Raises CannotBeOneSeries.
    Source: POST /users/{userId}/meetings, `recurrence`, Zoom Meeting API reference.
    """
    if not 1 <= sittings_left <= ZOOM_MAX_OCCURRENCES:
        raise CannotBeOneSeries(f"One Zoom meeting holds 1 to {ZOOM_MAX_OCCURRENCES} sittings, not {sittings_left}.")
    parsed = Rule.parse(rule)
    body: dict[str, object] = {"repeat_interval": parsed.interval, "end_times": sittings_left}
    if parsed.frequency == "DAILY":
        return body | {"type": 1}
    if parsed.frequency == "WEEKLY":
        days = parsed.weekdays or (starts_at.weekday(),)
        return body | {
            "type": 2,
            "weekly_days": ",".join(str(day) for day in sorted((day + 1) % 7 + 1 for day in days)),
        }
    if parsed.month_week is not None:
        return body | {
            "type": 3,
            "monthly_week": parsed.month_week,
            "monthly_week_day": (parsed.weekdays[0] + 1) % 7 + 1,
        }
    return body | {"type": 3, "monthly_day": parsed.month_day or starts_at.day}
