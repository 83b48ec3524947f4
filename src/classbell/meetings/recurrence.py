"""
Recurring sessions in wall time, in the terms of RFC 5545. What Zoom makes of a rule is in `sync/zoom_recurrence.py`.

Wall times are laid out first and placed in their timezone afterwards, so a 09:00 class stays at 09:00 across a clock
change. A wall time that the clocks skip is read with the offset before the change, one that they repeat is its first
(RFC 5545, section 3.3.5). Pure: no database, no clock.

Rules are RRULE text with FREQ=DAILY, WEEKLY or MONTHLY and INTERVAL, BYDAY, BYMONTHDAY, WKST and one of COUNT, UNTIL.
Anything else in a rule is refused rather than passed over. UNTIL is inclusive: a local time is a wall time of the
meeting's timezone, a time with Z is turned into one, and a date stands for that whole day.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time
from enum import StrEnum
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from classbell.errors import DomainError

# The reference says 60 in one place and 50 in others, and more than 50 has been refused: stay at what always works.
# Source: POST /users/{userId}/meetings, `recurrence.end_times`, Zoom Meeting API reference.
ZOOM_MAX_OCCURRENCES: Final = 50
MOST_OCCURRENCES: Final = 1000
MOST_YEARS: Final = 100
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SUNDAY: Final = 6
Frequency = Literal["DAILY", "WEEKLY", "MONTHLY"]
_FREQUENCIES: Final[Mapping[Frequency, Literal[1, 2, 3]]] = {
    "MONTHLY": rrule.MONTHLY,
    "WEEKLY": rrule.WEEKLY,
    "DAILY": rrule.DAILY,
}
_PARTS: Final = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "WKST", "COUNT", "UNTIL"}
_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"\d{8}(T\d{6}Z?)?")


class BadRecurrence(DomainError, ValueError):
    """The rule cannot be read, has no end, or has too many sessions."""

    code = "bad_recurrence"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """
    An RRULE, taken apart. Weekdays count from 0 for Monday.

    `nth_weekdays` are (which, weekday) of a month and `month_days` days of it, both negative from its end. `until` is
    inclusive and aware only when the text gave it in UTC. At most one of `count` and `until` is set.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth_weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Read RRULE text in upper or lower case. Raises BadRecurrence."""
        try:
            return cls._from_parts(_split(text))
        except ValueError as error:
            raise BadRecurrence(f"{text!r} cannot be used as a recurrence rule: {error}.") from error

    @classmethod
    def _from_parts(cls, parts: dict[str, str]) -> "Rule":
        frequency = next((known for known in _FREQUENCIES if known == parts.get("FREQ")), None)
        if frequency is None:
            raise ValueError("FREQ must be DAILY, WEEKLY or MONTHLY")
        days = [_weekday(text) for text in _list(parts, "BYDAY")]
        nth_weekdays = {(which, weekday) for which, weekday in days if which}
        if nth_weekdays and (frequency != "MONTHLY" or len(nth_weekdays) < len(set(days))):
            raise ValueError("numbered weekdays belong to months and cannot be mixed with plain ones")
        month_days = {_number(text, -31, 31) for text in _list(parts, "BYMONTHDAY")}
        if month_days and frequency == "WEEKLY":
            raise ValueError("a weekly rule has no days of the month")
        if {"COUNT", "UNTIL"} <= parts.keys():
            raise ValueError("COUNT and UNTIL exclude each other")
        return cls(
            frequency=frequency,
            interval=_number(parts.get("INTERVAL", "1"), 1, 9999),
            weekdays=tuple(sorted({weekday for which, weekday in days if not which})),
            nth_weekdays=tuple(sorted(nth_weekdays)),
            month_days=tuple(sorted(month_days)),
            week_start=_week_start(parts.get("WKST", "MO")),
            count=_number(parts["COUNT"], 1, MOST_OCCURRENCES) if "COUNT" in parts else None,
            until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        )


def weekly_rule(
    weekdays: Collection[int], *, count: int | None = None, until: date | datetime | None = None, interval: int = 1
) -> str:
    """
    Return the RRULE of sessions on these weekdays (0 is Monday), `count` of them or up to and including `until`.

    `until` is a day, a naive wall time or an aware time. With an interval, weeks begin on Sunday, as Zoom numbers them,
    so that such a rule can always be one series there.

    Raises BadRecurrence for weekdays that are none.
    """
    days = sorted(set(weekdays))
    if not days or not 0 <= days[0] <= days[-1] <= SUNDAY:
        raise BadRecurrence("A weekly meeting needs weekdays from 0 for Monday to 6 for Sunday.")
    parts = ["FREQ=WEEKLY"]
    if interval != 1:
        parts += [f"INTERVAL={interval}", "WKST=SU"]
    parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in days))
    if count is not None:
        parts.append(f"COUNT={count}")
    if until is not None:
        parts.append(f"UNTIL={_until_text(until)}")
    return ";".join(parts)


def expand(
    *, starts_at: datetime, timezone: ZoneInfo, rule: str | None, excluded: Collection[date] = ()
) -> list[datetime]:
    """
    Return the starts of all sessions, aware UTC, in order, none twice; without a rule there is one.

    `starts_at` is a naive wall time, the earliest the first session can be (DTSTART). It is a session, and counts as
    one, only when it fits the rule; otherwise the first one is the next day that does, as with Zoom. `excluded` are
    local dates left out; they use up their part of COUNT.

    Raises BadRecurrence when the rule cannot be read, has no end, has more than MOST_OCCURRENCES sessions, or runs for
    more than MOST_YEARS years.
    """
    if starts_at.tzinfo is not None:
        raise ValueError("The first session's start must be a naive wall time.")
    walls = _walls(starts_at, rule, timezone) if rule else [starts_at]
    left_out = set(excluded)
    return sorted({place(wall, timezone) for wall in walls if wall.date() not in left_out})


def place(wall: datetime, timezone: ZoneInfo) -> datetime:
    """Return the aware UTC time of a naive wall time, RFC 5545's way for those that do not exist or exist twice."""
    return wall.replace(tzinfo=timezone, fold=0).astimezone(UTC)


class ClockChange(StrEnum):
    """What a change of the clocks does to a wall time."""

    SKIPPED = "skipped"
    REPEATED = "repeated"


def clock_change(wall: datetime, timezone: ZoneInfo) -> ClockChange | None:
    """Return whether a naive wall time does not exist, or exists twice, on its day."""
    first, second = (wall.replace(tzinfo=timezone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return None
    exists = first.astimezone(UTC).astimezone(timezone).replace(tzinfo=None) == wall
    return ClockChange.REPEATED if exists else ClockChange.SKIPPED


def shortened(rule: str, *, count: int) -> str:
    """Return a rule that ends by COUNT with that many sessions."""
    return re.sub(r"COUNT=\d+", f"COUNT={count}", rule, flags=re.IGNORECASE)


def _walls(starts_at: datetime, text: str, timezone: ZoneInfo) -> list[datetime]:
    rule = Rule.parse(text)
    if rule.count is None and rule.until is None:
        raise BadRecurrence("A recurring meeting needs an end: a number of sessions or a last day.")
    # A rule need not match any day at all, so the search must end too.
    horizon = starts_at.replace(year=min(starts_at.year + MOST_YEARS, MAXYEAR), month=12, day=31)
    until = horizon if rule.until is None else _as_wall(rule.until, timezone)
    found = list(islice(_days(rule, starts_at, min(until, horizon)), rule.count or MOST_OCCURRENCES + 1))
    if len(found) > MOST_OCCURRENCES:
        raise BadRecurrence(f"{text!r} has more than {MOST_OCCURRENCES} sessions.")
    if until > horizon or len(found) < (rule.count or 0):
        raise BadRecurrence(f"{text!r} does not end within {MOST_YEARS} years.")
    return found


def _days(rule: Rule, starts_at: datetime, until: datetime) -> rrule.rrule:
    every = [rrule.weekdays[weekday] for weekday in rule.weekdays]
    numbered = [rrule.weekdays[weekday](which) for which, weekday in rule.nth_weekdays]
    return rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=starts_at,
        until=until,
        interval=rule.interval,
        wkst=rule.week_start,
        byweekday=every + numbered or None,
        bymonthday=rule.month_days or None,
    )


def _as_wall(moment: datetime, timezone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(timezone).replace(tzinfo=None)


def _split(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.strip().upper().split(";")]
    parts = {name: value for name, _equals, value in pairs}
    if not parts.keys() <= _PARTS or len(parts) < len(pairs) or not all(parts.values()):
        raise ValueError(f"each part must be one of {', '.join(sorted(_PARTS))} with a value, and come once")
    return parts


def _list(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _weekday(text: str) -> tuple[int, int]:
    """Return (which of the month, 0 for every; weekday)."""
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no weekday")
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"{text!r} is no weekday")
    return WEEKDAYS.index(text)


def _number(text: str, least: int, most: int) -> int:
    number = int(text)
    if number == 0 or not least <= number <= most:
        raise ValueError(f"{text} is not between {least} and {most}, or is 0")
    return number


def _until(text: str) -> datetime:
    if not _UNTIL.fullmatch(text):
        raise ValueError(f"{text!r} is no date and no time")
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59))
    return datetime.fromisoformat(text)


def _until_text(until: date | datetime) -> str:
    if not isinstance(until, datetime):
        return f"{until:%Y%m%d}"
    if until.tzinfo is None:
        return f"{until:%Y%m%dT%H%M%S}"
    return f"{until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
