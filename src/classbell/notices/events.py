"""
Sessions as calendars have them (RFC 5545): a single one as an event, a series as one event with its rule.

What was decided about one date of a series - another time, a substitute - is that date's own part of the event, named by its
RECURRENCE-ID: where the rule puts it. So a mail about one date and one about the rest are about the same event, and calendar
feeds have it under the same number. Pure but for what the rows name.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from classbell import reasons
from classbell.accounts.models import User
from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.recurrence import expand
from classbell.text import one_line

PRODUCT: Final = "-//Classbell//EN"


def new_calendar(method: str | None) -> Calendar:
    """Return an iCalendar object for this method (None: it is kept and not sent), in which nothing is yet."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method is not None:
        calendar.add("method", method)
    return calendar


def add_sessions(calendar: Calendar, rows: Collection[Occurrence], *, events: Iterable[Event] | None = None) -> None:
    """Put sessions into a calendar, as `events_of` makes them or as they are given, after the clocks that series are on."""
    years: dict[str, set[int]] = {}
    for row in rows:
        if row.meeting.rule:
            years.setdefault(row.meeting.timezone, set()).update({row.original_starts_at.year, row.ends_at.year})
    for zone, named in sorted(years.items()):
        calendar.add_component(_timezone(zone, min(named) - 1, max(named) + 1))
    for event in events_of(rows) if events is None else events:
        calendar.add_component(event)


def events_of(rows: Iterable[Occurrence]) -> list[Event]:
    """
    Return sessions as events, in the active language; their meetings, groups and teachers are joined. Of a series, the dates
    among `rows` are one event, and those between them that are not are left out of its rule.
    """
    by_meeting = groupby(sorted(rows, key=lambda row: str(row.meeting_id)), key=lambda row: row.meeting_id)
    events = [event for _meeting, theirs in by_meeting for event in _events_of_one(list(theirs))]
    return sorted(events, key=lambda event: (event.decoded("dtstart"), str(event["uid"]), "recurrence-id" in event))


def event_of(row: Occurrence) -> Event:
    """Return one session as an event, or as its date's part of the event of its series; what it names is joined."""
    is_of_series = row.original_starts_at in _slots(row.meeting)
    event = _event(row.as_held, uid=uid_of(row.meeting if is_of_series else row), teacher=row.substitute)
    if is_of_series:
        event.add("recurrence-id", row.original_starts_at.astimezone(row.meeting.zone))
    zone = row.meeting.zone if is_of_series else None
    event.add("dtstart", row.starts_at.astimezone(zone) if zone else row.starts_at)
    event.add("dtend", row.ends_at.astimezone(zone) if zone else row.ends_at)
    if row.is_cancelled and row.cancellation_reason:
        event["description"] = "\n".join([str(event["description"]), one_line(reasons.told(row.cancellation_reason))])
    event.add("status", "CANCELLED" if row.is_cancelled else "CONFIRMED")
    return event


def alone(row: Occurrence) -> Event:
    """Return one session as an event by itself, of a series too, for calendars into which sessions are written singly."""
    event = _event(row.as_held, uid=uid_of(row), teacher=row.substitute)
    event.add("dtstart", row.starts_at)
    event.add("dtend", row.ends_at)
    event.add("status", "CONFIRMED")
    return event


def _events_of_one(rows: Sequence[Occurrence]) -> Iterator[Event]:
    """Return the events of sessions of one meeting."""
    slots = _slots(rows[0].meeting)
    by_slot = {row.original_starts_at: row for row in rows if row.original_starts_at in slots}
    # Moved away from where the rule of then put it: an event of its own.
    yield from (event_of(row) for row in rows if row.original_starts_at not in by_slot)
    if not by_slot:
        return
    first = _first_on_its_clock(rows[0].meeting, [slot for slot in slots if slot <= min(by_slot)])
    yield _series(rows[0].meeting, [slot for slot in slots if first <= slot <= max(by_slot)], by_slot)
    yield from (event_of(row) for row in by_slot.values() if _deviates(row))


def _first_on_its_clock(meeting: Meeting, slots: Sequence[datetime]) -> datetime:
    """
    Return the last of these at which clocks show the time of the series: the rule of an event takes it from its first date,
    and where clocks skip that hour, theirs shows another.
    """
    shown = meeting.starts_at.astimezone(meeting.zone).time()
    return next((slot for slot in reversed(slots) if slot.astimezone(meeting.zone).time() == shown), slots[-1])


def _series(meeting: Meeting, slots: Sequence[datetime], held: Mapping[datetime, Occurrence]) -> Event:
    """Return a series as the event of its rule, from its first slot here to its last, without those that are not held."""
    event = _event(meeting, uid=uid_of(meeting), teacher=None)
    first = slots[0].astimezone(meeting.zone)
    event.add("dtstart", first)
    event.add("dtend", first + timedelta(minutes=meeting.duration_minutes))
    rule = vRecur.from_ical(meeting.rule.upper())
    rule.pop("UNTIL", None)
    rule["COUNT"] = len(slots)
    event.add("rrule", rule)
    if left_out := [slot.astimezone(meeting.zone) for slot in slots if slot not in held]:
        event.add("exdate", left_out)
    event.add("status", "CANCELLED" if all(row.is_cancelled for row in held.values()) else "CONFIRMED")
    return event


def _event(meeting: Meeting, *, uid: str, teacher: User | None) -> Event:
    """Return what all events of a meeting say; `teacher` holds it in place of the meeting's."""
    event = Event()
    event.add("uid", uid)
    # Of the change, not of this reading; every change of a session is one of its meeting.
    event.add("dtstamp", meeting.updated_at)
    event.add("last-modified", meeting.updated_at)
    event.add("sequence", meeting.revision)
    event.add("summary", one_line(meeting.title))
    event.add("url", urljoin(settings.ENVIRONMENT.public_url, f"/meetings/{meeting.pk}/"))
    if room := one_line(meeting.room):
        event.add("location", room)
    lines = [_("Teacher: %(name)s") % {"name": (teacher or meeting.teacher).name}]
    if meeting.group is not None:
        lines.append(meeting.group.name)
    event.add("description", "\n".join(map(one_line, lines)))
    return event


def uid_of(named: Meeting | Occurrence) -> str:
    """Return the number of a single session, or of a series by its meeting, which is never another's."""
    return f"{named.pk}@classbell"


def _slots(meeting: Meeting) -> list[datetime]:
    """Return where the rule of a series puts its sessions, in order; nothing for a single session."""
    if not meeting.rule:
        return []
    first = meeting.starts_at.astimezone(meeting.zone).replace(tzinfo=None)
    return expand(starts_at=first, timezone=meeting.zone, rule=meeting.rule)


def _deviates(row: Occurrence) -> bool:
    """Whether anything but its day distinguishes a session from its series."""
    length = timedelta(minutes=row.meeting.duration_minutes)
    is_moved = row.starts_at != row.original_starts_at or row.ends_at - row.starts_at != length
    return is_moved or row.is_cancelled or row.substitute_id is not None or bool(row.location)


@lru_cache(maxsize=256)
def _timezone(zone: str, first_year: int, last_year: int) -> Timezone:
    """
    Return when the clocks of a zone change, from one year to another. Each change stands by itself, with nothing to be worked
    out: many calendars read no more of a zone than that.
    """
    found = Timezone()
    found.add("tzid", zone)
    moment, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    clock = ZoneInfo(zone)
    found.add_component(_clocks_from(moment, clock, before=_offset(moment, clock)))
    while moment < end:
        following = moment + timedelta(days=1)
        if _offset(following, clock) != (before := _offset(moment, clock)):
            changes_at = next(
                minute
                for minute in (moment + timedelta(minutes=number) for number in range(1, 24 * 60 + 1))
                if _offset(minute, clock) != before
            )
            found.add_component(_clocks_from(changes_at, clock, before=before))
        moment = following
    return found


def _clocks_from(moment: datetime, clock: ZoneInfo, *, before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    """Return what clocks show from a moment on, which before it they showed with another offset."""
    local = moment.astimezone(clock)
    found = TimezoneDaylight() if local.dst() else TimezoneStandard()
    found.add("dtstart", (moment + before).replace(tzinfo=None))
    found.add("tzname", local.tzname())
    found.add("tzoffsetfrom", before)
    found.add("tzoffsetto", _offset(moment, clock))
    return found


def _offset(moment: datetime, clock: ZoneInfo) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()
