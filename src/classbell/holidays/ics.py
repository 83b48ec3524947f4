"""
Reading holidays from a calendar (iCalendar, RFC 5545): entries of whole days, those that come again each year too. Pure.

What has times of day is a meeting and no holiday; it is counted, so that nobody wonders where it went.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from dateutil import rrule
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vBroken

from classbell.holidays.errors import CalendarUnreadable
from classbell.holidays.models import LONGEST_DAYS
from classbell.text import one_line
from classbell.years import is_sensible

MOST_ENTRIES: Final = 2000
# Each may have to be followed day by day for decades.
MOST_RECURRING: Final = 300
YEARS_AHEAD: Final = 3
LONGEST_NAME: Final = 200
LONGEST_UID: Final = 450
# What a rule of whole days may say; by hours, a few lines would be millions of entries.
PARTS: Final = frozenset(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYSETPOS",
    ]
)
# What says on which days an entry is; where one of these cannot be read, nobody knows.
SAYING_WHEN: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RDATE", "EXDATE")
FREQUENCIES: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_END: Final = re.compile(r";?(COUNT|UNTIL)=([^;]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One holiday as a calendar has it, both days included. `uid` names it there; each date of a recurring one its own."""

    uid: str
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCalendar:
    """
    What a calendar holds: its own name, its holidays in order, and how many entries are none, because they have times or
    cannot be read.
    """

    name: str
    entries: list[Entry]
    with_times: int


def read_calendar(content: bytes, *, today: date) -> ReadCalendar:
    """
    Return the holidays of a calendar from the beginning of this year on, for YEARS_AHEAD years.

    Raises CalendarUnreadable: it is no iCalendar, or has more than MOST_ENTRIES.
    """
    # Counted before they are parsed, which takes long for many.
    if content.upper().count(b"BEGIN:VEVENT") > MOST_ENTRIES:
        raise CalendarUnreadable(_too_many())
    calendar = _parsed(content)
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    whole = [event for event in events if _is_whole_days(event)]
    if sum("RRULE" in event for event in whole) > MOST_RECURRING:
        raise CalendarUnreadable(_too_many())
    first, last = date(today.year, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
    entries: dict[str, Entry] = {}
    for entry in _entries_of(whole, last):
        if entry.last_day >= first:
            entries[entry.uid] = entry
        if len(entries) > MOST_ENTRIES:
            raise CalendarUnreadable(_too_many())
    in_order = sorted(entries.values(), key=lambda entry: (entry.first_day, entry.name))
    return ReadCalendar(name=_name_of(calendar), entries=in_order, with_times=len(events) - len(whole))


def _parsed(content: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(content)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CalendarUnreadable(_no_calendar()) from error
    if not isinstance(calendar, Calendar):
        raise CalendarUnreadable(_no_calendar())
    return calendar


def _is_whole_days(event: Event) -> bool:
    """Whether an entry is of whole days and can be read at all."""
    if any(isinstance(value, vBroken) for name in SAYING_WHEN for value in _values(event, name)):
        return False
    start = _day(event, "DTSTART")
    rule = _value(event, "RRULE")
    if start is None or isinstance(rule, list) or not is_sensible(start):
        return False
    return rule is None or (set(rule) <= PARTS and set(map(str, rule.get("FREQ", []))) <= FREQUENCIES)


def _entries_of(events: Sequence[Event], last: date) -> Iterator[Entry]:
    """Yield the entries up to a day, recurring ones once a date; single dates that were changed come as they are now."""
    changed = {(_uid(event), _day(event, "RECURRENCE-ID")) for event in events if "RECURRENCE-ID" in event}
    recurring = {_uid(event) for event in events if "RRULE" in event or "RDATE" in event}
    for event in events:
        original = _day(event, "RECURRENCE-ID")
        if original is not None:
            dates = [original]
        elif _uid(event) in recurring:
            dates = [day for day in _dates_of(event, last) if (_uid(event), day) not in changed]
        else:
            dates = [_value(event, "DTSTART").dt]
        for day in dates:
            starts = _value(event, "DTSTART").dt if original is not None else day
            entry = _entry(event, starts, f" {day:%Y-%m-%d}" if _uid(event) in recurring else "")
            if entry is not None and entry.first_day <= last:
                yield entry


def _dates_of(event: Event, last: date) -> list[date]:
    """Return the first days of a recurring entry up to a day: by its rule and its list, without those taken out."""
    start: date = _value(event, "DTSTART").dt
    days = {start} | set(_listed(event, "RDATE"))
    if "RRULE" in event:
        text = _value(event, "RRULE").to_ical().decode()
        ends = dict(_END.findall(text))
        until = last
        if "UNTIL" in ends:
            until = min(last, date.fromisoformat(ends["UNTIL"][:8]))
        try:
            days |= set(islice(_days_of(_END.sub("", text), start, until), int(ends.get("COUNT", MOST_ENTRIES + 1))))
        except (ValueError, TypeError) as error:
            raise CalendarUnreadable(_no_calendar()) from error
    return sorted(days - set(_listed(event, "EXDATE")))


def _days_of(rule: str, start: date, until: date) -> Iterator[date]:
    """
    Yield the days of a rule, in order, as they come. Raises ValueError for one that is none.

    dateutil looks for a day that never comes, such as 30 February, until the year 9999: 3 s a rule. The calendar is the same
    every 400 years, weekdays too, so it looks as many times 400 years later, which leaves it little to look through.
    """
    years = (MAXYEAR - until.year) // 400 * 400
    later = start.replace(year=start.year + years)
    text = f"{rule};UNTIL={until.replace(year=until.year + years):%Y%m%d}"
    for moment in rrule.rrulestr(text, dtstart=datetime.combine(later, time())):
        yield moment.date().replace(year=moment.year - years)


def _listed(event: Event, name: str) -> list[date]:
    values = [value for part in _values(event, name) for value in getattr(part, "dts", ())]
    return [value.dt.date() if isinstance(value.dt, datetime) else value.dt for value in values if _is_day(value.dt)]


def _is_day(value: object) -> bool:
    return isinstance(value, date) and is_sensible(value)


def _value(event: Event, name: str) -> Any:
    """Return a property, None where it is not there. Which type it has depends on what was written."""
    return event.get(name)


def _values(event: Event, name: str) -> list[Any]:
    """Return all that is written under one name; once is usual."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def _text(event: Event | Calendar, name: str) -> str:
    """Return a text, the first of several, "" for none."""
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) else found)


def _day(event: Event, name: str) -> date | None:
    """Return a property that is a day; None where it has a time, or is not there."""
    found = getattr(_value(event, name), "dt", None)
    return found if isinstance(found, date) and not isinstance(found, datetime) else None


def _uid(event: Event) -> str:
    return _text(event, "UID")[:LONGEST_UID]


def _entry(event: Event, first_day: date, number: str) -> Entry | None:
    if _text(event, "STATUS").upper() == "CANCELLED":
        return None
    # Of whole days, the end is the day after the last one; some programs write the same day.
    start: date = _value(event, "DTSTART").dt
    ends = _day(event, "DTEND")
    lasts = getattr(_value(event, "DURATION"), "dt", timedelta(days=1))
    length = max(1, (ends - start).days if ends else lasts.days)
    if length > LONGEST_DAYS:
        return None
    name = one_line(_text(event, "SUMMARY"))[:LONGEST_NAME] or _("Holiday")
    return Entry(
        uid=(_uid(event) or f"{name} {first_day}") + number,
        name=name,
        first_day=first_day,
        last_day=first_day + timedelta(days=length - 1),
    )


def _name_of(calendar: Calendar) -> str:
    return one_line(_text(calendar, "X-WR-CALNAME") or _text(calendar, "NAME"))[:LONGEST_NAME]


def _no_calendar() -> str:
    return _("This is no calendar. Choose an .ics file, as calendars export it.")


def _too_many() -> str:
    return _("The calendar has more than %(most)s entries. Choose one that holds only holidays.") % {
        "most": MOST_ENTRIES
    }
