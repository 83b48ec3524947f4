"""
Zoom's webhooks, read: their bodies' few words that matter, in one place. Which of them are true is for others to say.

Any field may be missing, and ids come as numbers or as text. Source: Zoom Meeting webhooks reference.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from classbell.zoom.models import AnyEmail, AnyLine, AnyMilliseconds, AnyMoment, AnyText, Email, Text, ZoomModel

URL_VALIDATION: Final = "endpoint.url_validation"
DEAUTHORIZED: Final = "app_deauthorized"


class RoomFact(Enum):
    """What an event of a running meeting says."""

    STARTED = "started"
    ENDED = "ended"
    JOINED = "joined"
    LEFT = "left"


# Somebody in a breakout room is in the meeting, and comes back from it or leaves with an event of its own. Somebody in the
# waiting room is not; only being put back there ends a stay, and what happens there before is no news.
ROOM_FACTS: Final[Mapping[str, RoomFact]] = {
    "meeting.started": RoomFact.STARTED,
    "meeting.ended": RoomFact.ENDED,
    "meeting.participant_joined": RoomFact.JOINED,
    "meeting.participant_joined_breakout_room": RoomFact.JOINED,
    "meeting.participant_left": RoomFact.LEFT,
    "meeting.participant_put_in_waiting_room": RoomFact.LEFT,
}

# Where people are, and what opens a recording: nothing that should lie in a database.
NEVER_KEPT: Final = frozenset({"public_ip", "private_ip", "ip_address", "download_token", "password"})


def _mapping(value: object) -> object:
    return value if isinstance(value, Mapping) else {}


class RoomParticipant(ZoomModel):
    """
    One connection of somebody. `participant_uuid` stays the same in breakout rooms, `user_id` counts connections.

    Which time there is depends on the event.
    """

    user_id: AnyText = ""
    name: AnyLine = Field(default="", validation_alias="user_name")
    id: AnyText = ""
    participant_user_id: AnyText = ""
    participant_uuid: AnyText = ""
    email: AnyEmail = ""
    registrant_id: AnyText = ""
    customer_key: AnyText = ""
    phone_number: AnyText = ""
    join_time: AnyMoment = None
    leave_time: AnyMoment = None
    date_time: AnyMoment = None
    leave_reason: AnyText = ""

    @property
    def connection(self) -> str:
        """What the events of one connection have in common: the best of what Zoom gives."""
        ids = (self.participant_uuid, self.user_id, self.registrant_id, self.customer_key, self.email, self.name)
        return next(filter(None, ids), "")

    @property
    def zoom_user_id(self) -> str:
        """The Zoom user who was signed in, "" for guests."""
        return self.participant_user_id or self.id

    @property
    def reason(self) -> str:
        """Why they left, as Zoom puts it after their name."""
        return self.leave_reason.rpartition("<br>Reason: ")[2]

    @property
    def moment(self) -> datetime | None:
        """When it happened."""
        return self.join_time or self.leave_time or self.date_time


class EventRegistrant(ZoomModel):
    """Somebody who registered. `join_url` is missing while approval is pending."""

    id: Text = ""
    email: Email = ""
    status: Text = ""
    join_url: Text = Field(default="", repr=False)


class EventObject(ZoomModel):
    """The meeting an event is about; of a running one `uuid` names the run and `start_time` is when it really began."""

    id: Text = ""
    uuid: Text = ""
    host_id: AnyText = ""
    start_time: AnyMoment = None
    end_time: AnyMoment = None
    participant: RoomParticipant | None = None
    registrant: EventRegistrant | None = None


class EventPayload(ZoomModel):
    """The envelope's inside; `user_id` and `client_id` say who has removed which app."""

    account_id: Text = ""
    user_id: AnyText = ""
    client_id: AnyText = ""
    object: EventObject = EventObject()


class Event(ZoomModel):
    """One webhook. `happened_at` is when, not when it was sent; a repeat has the same. None: Zoom said no time."""

    event: Text
    happened_at: AnyMilliseconds = Field(default=None, validation_alias="event_ts")
    payload: Annotated[EventPayload, BeforeValidator(_mapping)] = EventPayload()

    @property
    def fact(self) -> RoomFact | None:
        """What it says of a running meeting, None when it says nothing of one."""
        return ROOM_FACTS.get(self.event)


def without_secrets(value: Any) -> Any:
    """Return a body without what must not be kept."""
    if isinstance(value, dict):
        return {key: without_secrets(inner) for key, inner in value.items() if key not in NEVER_KEPT}
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return value
