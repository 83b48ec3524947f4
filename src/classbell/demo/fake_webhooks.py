"""
What Zoom would have told of a lesson of the past: its webhooks, signed, through the door that Zoom's own come in by.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings

from classbell.ids import uuid7
from classbell.meetings.models import Meeting
from classbell.meetings.webhooks.intake import receive
from classbell.zoom.webhooks import sign

Body = dict[str, Any]
SCHEDULED, RECURRING = 2, 8
# Zoom counts the connections of a run from here, in steps of this.
FIRST_CONNECTION: Final = 16_778_240
STEP: Final = 1_024


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """One connection of somebody to a run. They came by our page with a key of it, as Zoom's host, or as a stranger."""

    name: str
    joined_at: datetime
    left_at: datetime
    customer_key: str = ""
    zoom_user_id: str = ""


def run(meeting: Meeting, *, started_at: datetime, ended_at: datetime, stays: Iterable[Stay]) -> list[Body]:
    """Return the webhooks of one run of a meeting that Zoom knows."""
    about = {
        "id": meeting.zoom_meeting_id,
        "uuid": f"{uuid7().hex[:22]}==",
        "host_id": meeting.zoom_host.zoom_user_id if meeting.zoom_host else "",
        "topic": meeting.title,
        "type": RECURRING if meeting.is_recurring else SCHEDULED,
        "start_time": _wire(started_at),
        "duration": meeting.duration_minutes,
        "timezone": meeting.timezone,
    }
    bodies = [_event("meeting.started", started_at, about)]
    for number, stay in enumerate(stays):
        participant = _participant(stay, number)
        came = participant | {"join_time": _wire(stay.joined_at)}
        went = participant | {"leave_time": _wire(stay.left_at), "leave_reason": f"{stay.name} left the meeting."}
        bodies.append(_event("meeting.participant_joined", stay.joined_at, about | {"participant": came}))
        bodies.append(_event("meeting.participant_left", stay.left_at, about | {"participant": went}))
    bodies.append(_event("meeting.ended", ended_at, about | {"end_time": _wire(ended_at)}))
    return bodies


def tell(bodies: Sequence[Body], *, now: datetime) -> None:
    """Hand webhooks in as Zoom does, sent late: signed now, about then."""
    secret, timestamp = settings.ENVIRONMENT.zoom_webhook_secret.get_secret_value(), str(int(now.timestamp()))
    for body in bodies:
        raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        receive(raw=raw, timestamp=timestamp, signature=sign(secret, timestamp, raw), now=now)


def waited(meeting: Meeting, *, at: datetime, name: str, customer_key: str) -> Body:
    """Return what Zoom tells of somebody before the door of a meeting that nobody has started."""
    about = {
        "id": meeting.zoom_meeting_id,
        "topic": meeting.title,
        "participant": {"id": "", "user_name": name, "customer_key": customer_key},
    }
    return _event("meeting.participant_jbh_waiting", at, about)


def _event(name: str, at: datetime, about: Body) -> Body:
    account = settings.ENVIRONMENT.zoom_account_id
    return {
        "event": name,
        "event_ts": int(at.timestamp() * 1000),
        "payload": {"account_id": account, "object": about},
    }


def _participant(stay: Stay, number: int) -> Body:
    return {
        "user_id": str(FIRST_CONNECTION + STEP * number),
        "user_name": stay.name,
        "id": stay.zoom_user_id,
        "participant_user_id": stay.zoom_user_id,
        "participant_uuid": uuid7().hex.upper(),
        "email": "",
        "registrant_id": "",
        "customer_key": stay.customer_key,
        "phone_number": "",
    }


def _wire(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
