"""Which events there are, what each means, and what its body says: the one list of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import create_model

from classbell.hooks.bodies import (
    AttendanceData,
    BookingData,
    BookingMovedData,
    Data,
    ExcuseData,
    MeetingData,
    MembershipData,
    Message,
    SessionData,
    TestData,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An event in words, and the schema of its data."""

    words: Promise
    data: type[Data]


EVENTS: Final[Mapping[str, Event]] = {
    "booking.requested": Event(words=_("A student asks for a lesson"), data=BookingData),
    "booking.confirmed": Event(words=_("A lesson is confirmed, or is to come after all"), data=BookingData),
    "booking.rescheduled": Event(words=_("A lesson is moved to another time"), data=BookingMovedData),
    "booking.cancelled": Event(words=_("A lesson is cancelled, declined or not answered"), data=BookingData),
    "booking.completed": Event(words=_("A lesson is completed"), data=BookingData),
    "session.started": Event(words=_("A session has begun at Zoom"), data=SessionData),
    "session.ended": Event(words=_("A session has ended at Zoom"), data=SessionData),
    "session.moved": Event(words=_("A session is held at another time"), data=SessionData),
    "session.cancelled": Event(words=_("A session is cancelled"), data=SessionData),
    "session.restored": Event(
        words=_("A session that was cancelled or had begun is to come after all"), data=SessionData
    ),
    "attendance.recorded": Event(words=_("Attendance of a session is recorded"), data=AttendanceData),
    "attendance.changed": Event(words=_("Recorded attendance is corrected or known better"), data=AttendanceData),
    "membership.added": Event(words=_("People have come into a class, a circle or a course"), data=MembershipData),
    "membership.removed": Event(words=_("People have left a class, a circle or a course"), data=MembershipData),
    "excuse.told": Event(words=_("An absence is told, ahead or afterwards"), data=ExcuseData),
    "excuse.decided": Event(words=_("A teacher or an admin says yes or no to an excuse"), data=ExcuseData),
    "excuse.withdrawn": Event(words=_("An excuse is withdrawn"), data=ExcuseData),
    "meeting.synced": Event(words=_("A meeting is at Zoom as it should be"), data=MeetingData),
    "meeting.failed": Event(words=_("A meeting at Zoom needs somebody to look at it"), data=MeetingData),
}
# Asked for by an admin, and sent to the one webhook that is tried; nobody chooses it.
TEST: Final = "webhook.test"


def schema_of(event: str) -> type[Message]:
    """Return the schema of an event's whole body."""
    data = TestData if event == TEST else EVENTS[event].data
    name = "".join(part.capitalize() for part in event.split(".")) + "Message"
    literal: Any = Literal
    fields: Any = {"type": (literal[event], ...), "data": (data, ...)}
    return create_model(name, __base__=Message, **fields)
