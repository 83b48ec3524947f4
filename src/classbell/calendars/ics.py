"""
When a calendar (iCalendar, RFC 5545) says that its owner is busy. Pure; nothing of an entry but its times leaves this module.

What blocks: every entry with times that is neither cancelled, nor shown as free, nor declined by its owner. Whole days and
times without a timezone are on the owner's clock.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil import rrule
from icalendar import Calendar, Event, vBroken

from classbell.calendars.troubles import CalendarTrouble, Remark, Trouble
from classbell.meetings.periods import Interval, union

MOST_EVENTS: Final = 20_000
MOST_PERIODS: Final = 5_000
# Rules may be made so that following them takes hours; a calendar of a person takes a fraction of a second.
WITHIN_SECONDS: Final = 8.0
FREQUENCIES: Final = frozenset({"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
# What says when an entry is; where one of these cannot be read, nobody knows.
SAYING_WHEN: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RDATE", "EXDATE", "RRULE")
ENDS: Final = b"END:VCALENDAR"
DAY: Final = timedelta(days=1)
# Birthdays begin long before anything is taught; calendar arithmetic near year 1 and year 9999 fails.
YEARS: Final = range(1850, 2200)
_UNTIL: Final = re.compile(r";?UNTIL=[^;]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """
    What is asked of a calendar: the span (aware) in which busy times are wanted; the owner's clock and addresses (in lower
    case); what counts; and `ours`, which says of UIDs which are entries that Classbell itself made.
    """

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    addresses: Collection[str] = ()
    tentative: bool = True
    whole_days: bool = True
    ours: Callable[[Collection[str]], Collection[str]] = lambda _uids: ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Busy:
    """Busy times within the span, joined and in order, and what of the calendar is not known ("" for nothing)."""

    periods: list[Interval] = field(default_factory=list)
    remark: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What an entry of ours says by now."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str


class _Unreadable(Exception):
    """Nobody can tell when this entry is."""


def busy_times(content: bytes, wanted: Wanted) -> Busy:
    """Return when a calendar says that its owner is busy. Raises CalendarTrouble."""
    return busy_times_of([content], wanted)


def busy_times_of(contents: Iterable[bytes], wanted: Wanted) -> Busy:
    """As `busy_times`, of a calendar that comes in several pieces. Raises CalendarTrouble."""
    give_up_at = time.monotonic() + WITHIN_SECONDS
    events = [event for content in contents for event in _events_of(content)]
    if len(events) > MOST_EVENTS:
        raise CalendarTrouble(Trouble.TOO_MANY)
    ours = set(wanted.ours({_uid(event) for event in events} - {""}))
    moved = _moved_dates(events)
    periods: list[Interval] = []
    remarks: set[Remark] = set()
    for event in events:
        if _uid(event) in ours or not _blocks(event, wanted):
            continue
        if _has_unknown_zone(event):
            remarks.add(Remark.UNKNOWN_TIMEZONE)
        try:
            periods += _periods_of(event, wanted, moved, give_up_at)
        except _Unreadable:
            remarks.add(Remark.UNREADABLE_ENTRIES)
        if len(periods) > 2 * MOST_PERIODS:
            periods = union(periods)
            if len(periods) > MOST_PERIODS:
                raise CalendarTrouble(Trouble.TOO_MANY)
    joined = union(periods)
    if len(joined) > MOST_PERIODS:
        raise CalendarTrouble(Trouble.TOO_MANY)
    return Busy(periods=joined, remark=max(remarks, default=""))


def said_by(content: bytes) -> Said | None:
    """Return what an entry says that was written with a start and an end; None for one that somebody made another of."""
    try:
        (event,) = _events_of(content)
        start, length = _start_and_length(event)
    except (CalendarTrouble, _Unreadable, ValueError):
        return None
    if not isinstance(start, datetime) or start.tzinfo is None or "RRULE" in event:
        return None
    is_off = _text(event, "STATUS").upper() == "CANCELLED"
    title = "" if is_off else _text(event, "SUMMARY")
    return Said(uid=_uid(event), starts_at=start, ends_at=start.astimezone(UTC) + length, title=title)


def _events_of(content: bytes) -> list[Event]:
    beginning = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning[:1] == b"<":
        raise CalendarTrouble(Trouble.PAGE)
    # Half of one would make whoever keeps it look free.
    if not (beginning.upper().startswith(b"BEGIN:VCALENDAR") and content[-1000:].upper().rstrip().endswith(ENDS)):
        raise CalendarTrouble(Trouble.NO_CALENDAR)
    # Counted before they are parsed, which takes long for many.
    if content.upper().count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise CalendarTrouble(Trouble.TOO_MANY)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CalendarTrouble(Trouble.NO_CALENDAR) from error
    return [event for one in calendars for event in one.walk("VEVENT") if isinstance(event, Event)]


def _blocks(event: Event, wanted: Wanted) -> bool:
    shown = _text(event, "X-MICROSOFT-CDO-BUSYSTATUS").upper()
    status = _text(event, "STATUS").upper()
    if status == "CANCELLED" or _text(event, "TRANSP").upper() == "TRANSPARENT" or shown == "FREE":
        return False
    if _is_whole_day(event) and not wanted.whole_days:
        return False
    answered = {
        str(one.params.get("PARTSTAT", "")).upper()
        for one in _values(event, "ATTENDEE")
        if hasattr(one, "params") and str(one).lower().removeprefix("mailto:") in wanted.addresses
    }
    if "DECLINED" in answered:
        return False
    is_tentative = status == "TENTATIVE" or shown == "TENTATIVE" or bool(answered & {"TENTATIVE", "NEEDS-ACTION"})
    return wanted.tentative or not is_tentative


def _moved_dates(events: Sequence[Event]) -> set[tuple[str, object]]:
    """Return which dates of series are entries of their own, moved or changed: by UID and the moment or day they were at."""
    return {
        (_uid(event), _key(value.dt))
        for event in events
        for value in _values(event, "RECURRENCE-ID")
        if not isinstance(value, vBroken) and isinstance(getattr(value, "dt", None), date)
    }


def _periods_of(
    event: Event, wanted: Wanted, moved: Collection[tuple[str, object]], give_up_at: float
) -> Iterator[Interval]:
    """Yield when an entry takes place within the span. Raises _Unreadable and CalendarTrouble."""
    start, length = _start_and_length(event)
    if length <= timedelta():
        return
    if "RECURRENCE-ID" in event:
        starts = iter([start])
    else:
        left_out = {_key(one) for one in _listed(event, "EXDATE")}
        starts = (
            one
            for one in _starts_of(event, start, length, wanted, give_up_at)
            if _key(one) not in left_out and (_uid(event), _key(one)) not in moved
        )
    for one in starts:
        # Of whole days the end is a midnight, however long the days between are.
        ends_at = _moment(one + length, wanted.zone) if _is_day(one) else _moment(one, wanted.zone) + length
        period = max(_moment(one, wanted.zone), wanted.starts_at), min(ends_at, wanted.ends_at)
        if period[0] < period[1]:
            yield period


def _start_and_length(event: Event) -> tuple[date, timedelta]:
    if any(isinstance(value, vBroken) for name in SAYING_WHEN for value in _values(event, name)):
        raise _Unreadable
    start, end = _when(event, "DTSTART"), _when(event, "DTEND")
    length = getattr(next(iter(_values(event, "DURATION")), None), "dt", None)
    if start is None or start.year not in YEARS:
        raise _Unreadable
    if end is None:
        lasts = length if isinstance(length, timedelta) else (DAY if _is_day(start) else timedelta())
        return start, max(lasts, DAY) if _is_day(start) else lasts
    if _is_day(start) != _is_day(end) or end.year not in YEARS:
        raise _Unreadable
    if _is_day(start):
        # The end is the day after the last one; some programs write the same day.
        return start, max(end - start, DAY)
    assert isinstance(start, datetime)  # noqa: S101 -- neither is a day
    assert isinstance(end, datetime)  # noqa: S101
    if start.tzinfo is None or end.tzinfo is None:
        return start, end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return start, end.astimezone(UTC) - start.astimezone(UTC)


def _starts_of(event: Event, start: date, length: timedelta, wanted: Wanted, give_up_at: float) -> Iterator[date]:
    """Yield the starts of an entry that may reach into the span: by its rules and its list, in no order."""
    extra = [one for one in _listed(event, "RDATE") if _is_day(one) == _is_day(start)]
    rules = _values(event, "RRULE")
    yield from {_key(one): one for one in [*extra, *([] if rules else [start])]}.values()
    zone = start.tzinfo if isinstance(start, datetime) else None
    # A day more on either side: the rule goes on its own clock, the span on that of UTC.
    first, last = _wall(wanted.starts_at, zone) - length - DAY, _wall(wanted.ends_at, zone) + DAY
    for rule in rules:
        for moment in _walls_of(rule, start, zone, last, give_up_at):
            if moment >= first:
                yield moment.date() if _is_day(start) else moment.replace(tzinfo=zone)


def _walls_of(rule: Any, start: date, zone: tzinfo | None, last: datetime, give_up_at: float) -> Iterator[datetime]:
    """Yield the dates of a rule on its own clock, in order, up to `last`. Raises _Unreadable and CalendarTrouble."""
    if not {str(one).upper() for one in rule.get("FREQ", [])} <= FREQUENCIES:
        raise _Unreadable
    first = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, clock_time())
    for until in rule.get("UNTIL", []):
        if not isinstance(until, date) or until.year not in YEARS:
            raise _Unreadable
        is_moment = isinstance(until, datetime)
        wall = _wall(until, zone) if is_moment else datetime.combine(until, clock_time()) + DAY - timedelta(seconds=1)
        last = min(last, wall)
    try:
        dates = rrule.rrulestr(_UNTIL.sub("", rule.to_ical().decode()).lstrip(";"), dtstart=first)
        for number, moment in enumerate(dates):
            if number % 100 == 0 and time.monotonic() > give_up_at:
                raise CalendarTrouble(Trouble.TOO_LONG_TO_READ)
            if moment > last:
                return
            yield moment
    except (ValueError, TypeError, OverflowError) as error:
        raise _Unreadable from error
    if time.monotonic() > give_up_at:
        raise CalendarTrouble(Trouble.TOO_LONG_TO_READ)


def _wall(moment: date, zone: tzinfo | None) -> datetime:
    """Return what a clock shows at a moment; of an entry without a timezone that of UTC, which is near enough for a span."""
    assert isinstance(moment, datetime)  # noqa: S101 -- asked of moments only
    return moment.astimezone(zone or UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _moment(value: date, zone: ZoneInfo) -> datetime:
    """Return when something is: whole days and times without a timezone on this clock."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, clock_time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _key(value: date) -> object:
    """Return by what a start is known again, in whichever timezone it is written."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def _is_day(value: date) -> bool:
    return not isinstance(value, datetime)


def _is_whole_day(event: Event) -> bool:
    start = _when(event, "DTSTART")
    return start is not None and _is_day(start)


def _has_unknown_zone(event: Event) -> bool:
    """Whether a timezone is named of which nobody knows the clocks."""
    starts = [value for value in _values(event, "DTSTART") if not isinstance(value, vBroken)]
    return any(
        "TZID" in value.params and isinstance(value.dt, datetime) and value.dt.tzinfo is None for value in starts
    )


def _listed(event: Event, name: str) -> list[date]:
    """Return the dates in a list, the starts of those that are periods."""
    values = [one.dt for part in _values(event, name) for one in getattr(part, "dts", ())]
    starts = [one[0] if isinstance(one, tuple) else one for one in values]
    return [one for one in starts if isinstance(one, date) and one.year in YEARS]


def _when(event: Event, name: str) -> date | None:
    value = next(iter(_values(event, name)), None)
    found = None if isinstance(value, vBroken) else getattr(value, "dt", None)
    return found if isinstance(found, date) else None


def _values(event: Event, name: str) -> list[Any]:
    """Return all that is written under one name; once is usual."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _text(event: Event, name: str) -> str:
    return str(next(iter(_values(event, name)), ""))


def _uid(event: Event) -> str:
    return _text(event, "UID")
