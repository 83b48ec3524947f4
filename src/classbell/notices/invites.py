"""
What a calendar does with a mail: books a session or a series, moves it, takes it out (iTIP, RFC 5546).

A session and a series keep their numbers, which they have in calendar feeds too, and each change counts up, so that Apple's,
Google's and Outlook's calendars know them again. A mail may go out late: it says what is so then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.db.models import Q
from icalendar import Event, vCalAddress

from classbell import reasons
from classbell.accounts.models import User
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.notices.events import add_sessions, event_of, events_of, new_calendar, uid_of
from classbell.notices.models import Notice
from classbell.notices.texts import Kind
from classbell.text import one_line

# Of the session whose id is the fact `session`, or of all sessions of those meetings whose ids are the fact `meeting_ids`.
INVITING: Final = frozenset(
    {
        Kind.LESSON_BOOKED,
        Kind.LESSON_BOOKED_FOR_YOU,
        Kind.LESSON_BOOKED_WITH_YOU,
        Kind.LESSON_CONFIRMED,
        Kind.LESSON_CONFIRMED_BY_YOU,
        Kind.LESSON_MOVED,
        Kind.LESSON_MOVED_BY_YOU,
        Kind.LESSON_CANCELLED,
        Kind.LESSON_CANCELLED_BY_YOU,
        Kind.SERIES_BOOKED,
        Kind.SERIES_BOOKED_FOR_YOU,
        Kind.SERIES_BOOKED_WITH_YOU,
        Kind.SERIES_CONFIRMED,
        Kind.SERIES_CONFIRMED_IN_PART,
        Kind.SERIES_CONFIRMED_BY_YOU,
        Kind.SERIES_MOVED,
        Kind.SERIES_MOVED_BY_YOU,
        Kind.SERIES_CANCELLED,
        Kind.SERIES_CANCELLED_BY_YOU,
        Kind.SESSIONS_PLANNED,
        Kind.SESSION_MOVED,
        Kind.SESSIONS_CANCELLED,
        Kind.SESSION_HELD_AGAIN,
        Kind.SESSION_SUBSTITUTED,
        Kind.TIMETABLE_CHANGED,
        Kind.LOCATION_CHANGED,
        Kind.SESSION_PLACE_CHANGED,
        Kind.JOINED_BY_YOU,
        Kind.PLACE,
    }
)
# What is over for the reader, whatever becomes of the session for others.
CANCELLING: Final = frozenset({Kind.LESSON_CANCELLED, Kind.LESSON_CANCELLED_BY_YOU})


@dataclass(frozen=True, kw_only=True, slots=True)
class Invite:
    """What goes along with a mail: REQUEST, CANCEL or, of several meetings, PUBLISH; and the iCalendar object."""

    method: str
    content: str


def invite_of(notice: Notice) -> Invite | None:
    """Return what the reader's calendar is told of the sessions that a notice is about, None without any. One query."""
    if notice.kind not in INVITING:
        return None
    if "session" in notice.facts:
        rows = list(_joined(Q(pk=notice.facts["session"])))
        events = [event_of(row) for row in rows]
        if notice.kind in CANCELLING:
            # A seat that was given back: the session itself may be held.
            for event in events:
                event["status"] = "CANCELLED"
        return _answerable(rows, events, notice.user) if rows else None
    meetings = notice.facts.get("meeting_ids", ())
    rows = list(_joined(Q(meeting__in=meetings))) if meetings else []
    if not rows:
        return None
    if len({row.meeting_id for row in rows}) > 1:
        # An invitation is about one event; several go as a file of them.
        return _made("PUBLISH", rows, events_of(rows))
    return _of_one(rows, notice.user)


def _joined(which: Q) -> Iterable[Occurrence]:
    """Return sessions with what their events name, without the dates that a series leaves out."""
    held = Occurrence.objects.exclude(status=OccurrenceStatus.CANCELLED, cancellation_reason=reasons.LEFT_OUT)
    return (
        held.filter(which)
        .select_related("meeting__teacher", "meeting__group", "substitute")
        .order_by("starts_at", "pk")
    )


def _of_one(rows: Sequence[Occurrence], reader: User) -> Invite:
    """Return all sessions of one meeting as what the reader is to be at; what is cancelled is left out of a series."""
    meeting = rows[0].meeting
    theirs = [row for row in rows if not row.is_cancelled and _is_for(row, reader)]
    events = events_of(theirs or rows)
    # Sessions that are no longer part of the series have events of their own, and no place in its invitation.
    number = uid_of(meeting) if meeting.rule else str(events[0]["uid"])
    of_series = [event for event in events if event["uid"] == number] or events[:1]
    if not theirs:
        of_series = of_series[:1]
        of_series[0]["status"] = "CANCELLED"
    return _answerable(theirs or rows, of_series, reader)


def _is_for(row: Occurrence, reader: User) -> bool:
    """Whether a session is the reader's: not one that they gave to a substitute."""
    return row.meeting.teacher_id != reader.pk or row.teacher_id == reader.pk


def _answerable(rows: Sequence[Occurrence], events: Sequence[Event], reader: User) -> Invite:
    """Return an invitation to one event, or that it is cancelled."""
    for event in events:
        attendee = vCalAddress(f"mailto:{reader.written_to}")
        # Nobody reads answers: whether they come is said here.
        attendee.params.update({"CN": _quotable(reader.name), "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
        event.add("attendee", attendee)
    return _made("CANCEL" if events[0]["status"] == "CANCELLED" else "REQUEST", rows, events)


def _made(method: str, rows: Sequence[Occurrence], events: Sequence[Event]) -> Invite:
    calendar = new_calendar(method)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    for event in events:
        organizer = vCalAddress(f"mailto:{address}")
        organizer.params["CN"] = _quotable(name or "Classbell")
        event.add("organizer", organizer)
    add_sessions(calendar, rows, events=events)
    return Invite(method=method, content=calendar.to_ical().decode())


def _quotable(name: str) -> str:
    """Return a name as parameters can have it: no quotes within quotes, nothing that some programs read as an escape."""
    return one_line(name).translate({ord('"'): "'", ord("\\"): "/"})
