"""Zoom's webhooks for tests: their bodies, signed as Zoom signs them."""

import json
import time
from datetime import datetime
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from classbell.meetings.models import Meeting, Occurrence
from classbell.meetings.webhooks.inbox import process_all
from classbell.meetings.webhooks.intake import receive
from classbell.zoom.webhooks import sign

SECRET = "a-webhook-secret"
PATH = "/api/zoom/webhook"

_ids = count(1)


def put_on_zoom(meeting: Meeting, zoom_meeting_id: str = "") -> Meeting:
    """Record what a successful reconcile would have."""
    known = {"zoom_meeting_id": zoom_meeting_id or str(80_000_000_000 + next(_ids)), "sync_status": "synced"}
    Meeting.objects.filter(pk=meeting.pk).update(**known, synced_revision=meeting.revision)
    meeting.refresh_from_db()
    return meeting


def event(name: str, at: datetime, **about: Any) -> dict[str, Any]:
    """Return a body as Zoom sends it; `about` is its object."""
    return {
        "event": name,
        "event_ts": int(at.timestamp() * 1000),
        "payload": {"account_id": "an-account", "object": about},
    }


class Run:
    """One run of a session, as Zoom tells of it: each method returns the body of an event."""

    def __init__(self, occurrence: Occurrence, *, uuid: str = "", started_at: datetime | None = None) -> None:
        self.about: dict[str, Any] = {
            "id": occurrence.meeting.zoom_meeting_id,
            "uuid": uuid or f"run/{next(_ids)}+==",
            "host_id": "a-host",
            "topic": occurrence.meeting.title,
            "type": 2,
            "start_time": wire(started_at or occurrence.starts_at),
            "duration": 60,
            "timezone": "UTC",
        }

    def started(self) -> dict[str, Any]:
        """The host started it."""
        return event("meeting.started", datetime.fromisoformat(self.about["start_time"]), **self.about)

    def ended(self, at: datetime) -> dict[str, Any]:
        """It ended."""
        return event("meeting.ended", at, **self.about, end_time=wire(at))

    def joined(self, at: datetime, connection: str = "C1", **who: str) -> dict[str, Any]:
        """Somebody came in."""
        return self.person("meeting.participant_joined", at, connection, join_time=wire(at), **who)

    def left(self, at: datetime, connection: str = "C1", **who: str) -> dict[str, Any]:
        """Somebody left."""
        said = "Ana left the meeting.<br>Reason: left the meeting."
        return self.person("meeting.participant_left", at, connection, leave_time=wire(at), leave_reason=said, **who)

    def person(self, name: str, at: datetime, connection: str = "C1", **participant: str) -> dict[str, Any]:
        """Return any event about somebody; `connection` is their participant_uuid."""
        shown = {"user_id": "16778240", "user_name": "Ana", "participant_uuid": connection, "email": ""}
        return event(name, at, **self.about, participant=shown | participant)


def wire(moment: datetime) -> str:
    """Return a moment as Zoom writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_bytes(body: Any) -> bytes:
    """Return a body as Zoom sends it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def headers(raw: bytes, *, secret: str = SECRET, timestamp: int | None = None) -> dict[str, str]:
    """Return the headers that prove a body."""
    moment = str(timestamp or int(time.time()))
    return {"x-zm-request-timestamp": moment, "x-zm-signature": sign(secret, moment, raw)}


def post(raw: bytes, given: dict[str, str] | None = None) -> Any:
    """Send a body to the endpoint, signed unless other headers are given."""
    signed = headers(raw) if given is None else given
    return Client().post(PATH, raw, content_type="application/json; charset=utf-8", headers=signed)


def tell(*bodies: dict[str, Any]) -> None:
    """Let Zoom tell of these, in this order, and let a worker understand them."""
    for body in bodies:
        store(body)
    process_all(now=timezone.now())


def store(body: dict[str, Any]) -> None:
    """Let Zoom tell of this; no worker has looked at it yet."""
    raw = as_bytes(body)
    given = headers(raw)
    receive(
        raw=raw,
        timestamp=given["x-zm-request-timestamp"],
        signature=given["x-zm-signature"],
        now=timezone.now(),
    )
