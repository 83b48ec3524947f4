"""
When a circle meets, and how that becomes recurring Zoom meetings. Pure: no database, no clock.

Zoom allows a bounded number of sessions in one recurring meeting. A longer circle is cut into parts, each a recurring
meeting of its own that begins where the one before ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.halakat.periods import Period, check_periods
from classbell.meetings.recurrence import WEEKDAYS, ZOOM_MAX_OCCURRENCES, ClockChange, clock_change, expand

LONGEST_YEARS: Final = 3


class Frequency(StrEnum):
    """How often the pattern of days comes again."""

    DAILY = "daily"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"


class PatternRefused(DomainError):
    """The dates and days given make no schedule."""

    code = "invalid_schedule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """
    A circle's schedule: `weekdays` with 0 for Monday, wall time in `timezone`; `end_date` is included. On the dates
    `excluded` it is not held; in its `periods` at other times.

    Monthly circles meet on the same weekday of the month as the first one (the second Friday, the last Sunday).
    """

    start_date: date
    end_date: date
    weekdays: tuple[int, ...]
    frequency: Frequency
    start_time: time
    duration_minutes: int
    timezone: str
    excluded: tuple[date, ...] = ()
    periods: tuple[Period, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The timezone whose wall time the circle keeps."""
        return ZoneInfo(self.timezone)

    def day_of(self, occurrence: datetime) -> date:
        """Return the local date of a session."""
        return occurrence.astimezone(self.zone).date()

    def wall_of(self, occurrence: datetime) -> datetime:
        """Return the naive wall time that the schedule gives a session, also where the clocks skip it."""
        return datetime.combine(self.day_of(occurrence), self.start_time)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One recurring meeting of a circle: its sessions (aware UTC, in order) and its rule, counted from the first."""

    occurrences: tuple[datetime, ...]
    rule: str


def occurrences_of(pattern: Pattern) -> list[datetime]:
    """
    Return the starts of all sessions, aware UTC, in order, with those on excluded dates: a recurring meeting has them, and
    they are cancelled there.

    Raises PatternRefused.
    """
    first = _first_day(pattern)
    if first is None:
        raise PatternRefused(_("No day of the circle lies between its first and its last date."))
    until = datetime.combine(pattern.end_date, time(23, 59, 59))
    rule = f"{_days_of(pattern)};UNTIL={until:%Y%m%dT%H%M%S}"
    occurrences = expand(starts_at=datetime.combine(first, pattern.start_time), timezone=pattern.zone, rule=rule)
    if all(pattern.day_of(occurrence) in pattern.excluded for occurrence in occurrences):
        raise PatternRefused(_("No session is left: every day is an exception."))
    return occurrences


def parts_of(pattern: Pattern, occurrences: Sequence[datetime]) -> list[Part]:
    """Cut consecutive sessions of a pattern into as few recurring meetings as Zoom allows."""
    return [part_of(pattern, piece) for piece in _pieces(pattern, occurrences)]


def part_of(pattern: Pattern, occurrences: Sequence[datetime]) -> Part:
    """Return the recurring meeting of consecutive sessions."""
    return Part(occurrences=tuple(occurrences), rule=f"{_days_of(pattern)};COUNT={len(occurrences)}")


def shares_of(pattern: Pattern, occurrences: Sequence[datetime], ends: Sequence[date]) -> list[Sequence[datetime]]:
    """
    Share consecutive sessions out among the meetings there are, whose last dates are `ends`, and as many more as it takes.

    Each keeps its days where that can be, so that a link stays what it was; the last one has what comes after, while it has
    room. Empty for a meeting that keeps nothing.
    """
    shares: list[list[datetime]] = [[] for _end in ends]
    rest: list[datetime] = []
    for occurrence in occurrences:
        day = pattern.day_of(occurrence)
        mine = next((share for share, end in zip(shares, ends, strict=True) if day <= end), rest)
        mine.append(occurrence)
    if shares:
        room = max(0, ZOOM_MAX_OCCURRENCES - len(shares[-1]))
        shares[-1] += rest[:room]
        rest = rest[room:]
    if all(len(_pieces(pattern, share)) <= 1 for share in shares):
        return [*shares, *_pieces(pattern, rest)]
    pieces = _pieces(pattern, occurrences)
    return pieces + [[] for _missing in range(len(ends) - len(pieces))]


def _pieces(pattern: Pattern, occurrences: Sequence[datetime]) -> list[Sequence[datetime]]:
    """
    Cut sessions into what one meeting can hold. A meeting takes its wall time from its first session, so one that begins
    where the clocks skip that time holds nothing else.
    """
    pieces = []
    start = 0
    while start < len(occurrences):
        is_skipped = clock_change(pattern.wall_of(occurrences[start]), pattern.zone) == ClockChange.SKIPPED
        size = 1 if is_skipped else ZOOM_MAX_OCCURRENCES
        pieces.append(occurrences[start : start + size])
        start += size
    return pieces


def check(pattern: Pattern) -> None:
    """Raise PatternRefused or PeriodsRefused for a schedule that says nothing, contradicts itself or never ends."""
    if pattern.end_date < pattern.start_date:
        raise PatternRefused(_("The last date must not be before the first."))
    if pattern.end_date > pattern.start_date + timedelta(days=366 * LONGEST_YEARS):
        raise PatternRefused(_("A circle lasts %(years)s years at most.") % {"years": LONGEST_YEARS})
    if not pattern.weekdays and pattern.frequency != Frequency.DAILY:
        raise PatternRefused(_("Say on which days of the week the circle meets."))
    if pattern.frequency == Frequency.MONTHLY and len(pattern.weekdays) > 1:
        raise PatternRefused(_("A monthly circle meets on one day of the week."))
    check_periods(pattern.periods)


def _first_day(pattern: Pattern) -> date | None:
    """Return the first date on one of the circle's days."""
    days = pattern.weekdays or tuple(range(7))
    for offset in range(7):
        day = pattern.start_date + timedelta(days=offset)
        if day.weekday() in days:
            return day if day <= pattern.end_date else None
    return None


def _days_of(pattern: Pattern) -> str:
    """Return the rule without its end. Its weeks begin on Sunday, as Zoom's do."""
    names = ",".join(WEEKDAYS[day] for day in sorted(pattern.weekdays))
    every_day = not pattern.weekdays or len(pattern.weekdays) == len(WEEKDAYS)
    match pattern.frequency:
        case Frequency.DAILY if every_day:
            return "FREQ=DAILY"
        case Frequency.DAILY | Frequency.WEEKLY:
            return f"FREQ=WEEKLY;BYDAY={names}"
        case Frequency.BIWEEKLY:
            return f"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY={names}"
        case _:
            first = _first_day(pattern) or pattern.start_date
            return f"FREQ=MONTHLY;BYDAY={_week_of_month(first)}{names}"


def _week_of_month(day: date) -> int:
    """Return which of its weekday in the month a date is, 1 to 4; the fifth is the last, -1."""
    number = (day.day - 1) // 7 + 1
    return -1 if number > 4 else number
