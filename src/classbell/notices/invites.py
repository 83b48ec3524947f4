"""
What a calendar does with a mail: books a session, moves it, takes it out (iTIP, RFC 5546).

A session keeps its number, which it has in calendar feeds too, and each change counts up, so that Apple's, Google's and
Outlook's calendars know it again. A mail may go out late: it says what is so then.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from icalendar import Calendar, vCalAddress

from classbell.accounts.models import User
from classbell.meetings.models import Occurrence
from classbell.notices.calendar import PRODUCT, event_of
from classbell.notices.models import Notice
from classbell.notices.texts import Kind
from classbell.text import one_line

# Of one session, whose id is the fact `session`.
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
        Kind.SESSION_MOVED,
        Kind.SESSIONS_CANCELLED,
        Kind.SESSION_HELD_AGAIN,
        Kind.SESSION_SUBSTITUTED,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Invite:
    """What goes along with a mail: REQUEST or CANCEL, and the iCalendar object."""

    method: str
    content: str


def invite_of(notice: Notice) -> Invite | None:
    """Return what the reader's calendar is told of the one session that a notice is about, None without one. One query."""
    if notice.kind not in INVITING or "session" not in notice.facts:
        return None
    found = Occurrence.objects.filter(pk=notice.facts["session"])
    session = found.select_related("meeting__teacher", "meeting__group", "substitute").first()
    return None if session is None else _invite(session, notice.user)


def _invite(session: Occurrence, reader: User) -> Invite:
    method = "CANCEL" if session.is_cancelled else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = event_of(session)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["CN"] = name or "Classbell"
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{reader.written_to}")
    # Nobody reads answers: whether they come is said here.
    attendee.params.update({"CN": one_line(reader.name).replace('"', "'"), "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    event.add("attendee", attendee)
    calendar.add_component(event)
    return Invite(method=method, content=calendar.to_ical().decode())
