"""What a question is, and what many of them have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zoomsim.check.shapes import OneOf

HOST = "/users/{host}"
MEETINGS = f"{HOST}/meetings"
NOBODY = "zoom-check-nobody@example.invalid"
NO_NUMBER = "11111111111"
QUIET = {"registrants_confirmation_email": False, "registrants_email_notification": False, "use_pmi": False}
FIRST, SECOND = ({"email": f"zoom-check-{n}@example.com", "first_name": "Check", "last_name": str(n)} for n in (1, 2))
WEEKLY = {"type": 2, "repeat_interval": 1, "weekly_days": "{weekday}", "end_times": 3}


@dataclass(frozen=True, slots=True)
class Probe:
    """
    One question. `says` is what it is about; `shape` what the body must be like; `keeps` names parts of it for later.

    `as_whom`: "" the app, "nobody" without a token, "forged" with a wrong one; "token" is a token request with `body` as its
    form, "wrong" one with a wrong secret.
    """

    name: str
    says: str
    method: str
    path: str
    status: int | OneOf
    shape: object = None
    body: object = None
    query: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)
    as_whom: str = ""

    @property
    def needs(self) -> frozenset[str]:
        """The names that stand in it and must have been given before."""
        text = f"{self.path} {self.body} {self.query}"
        return frozenset(name for name in KEPT if f"{{{name}}}" in text)


KEPT = ("single", "registered", "series", "untimed", "past", "uuid", "occurrence", "later", "registrant", "host_email")


def error(code: int | OneOf, **more: object) -> dict[str, object]:
    """Return the shape of a refusal."""
    return {"code": code, "message": str, **more}


INVALID = error(300, errors=[{"field": str, "message": str}])
GRANT = {"grant_type": "account_credentials", "account_id": "{account}"}
LISTED = {"page_count": int, "page_number": int, "page_size": int, "total_records": int, "next_page_token": str}
USER = {"id": str, "email": str, "type": int, "status": str, "timezone": str, "account_id": str, "role_name": str}
SETTINGS: dict[str, object] = {
    "host_video": bool,
    "participant_video": bool,
    "join_before_host": bool,
    "jbh_time": int,
    "mute_upon_entry": bool,
    "watermark": bool,
    "use_pmi": bool,
    "waiting_room": bool,
    "meeting_authentication": bool,
    "approval_type": int,
    "audio": str,
    "auto_recording": str,
    "alternative_hosts": str,
}
MEETING: dict[str, Any] = {
    "id": int,
    "uuid": str,
    "host_id": str,
    "host_email": str,
    "topic": str,
    "type": int,
    "status": OneOf(("waiting", "started")),
    "duration": int,
    "timezone": str,
    "created_at": str,
    "start_url": str,
    "join_url": str,
    "password": str,
    "settings": SETTINGS,
}
OCCURRENCE = {"occurrence_id": str, "start_time": str, "duration": int, "status": str}
REGISTRANT = {"id": str, "email": str, "first_name": str, "last_name": str, "status": str, "create_time": str}


def new(**more: object) -> dict[str, object]:
    """Return the body of a new meeting of the check's."""
    settings = QUIET | dict(more.pop("settings", {}))  # type: ignore[call-overload]
    plain = {"topic": "{topic}", "agenda": "{topic}", "type": 2, "start_time": "{start}", "duration": 45}
    return plain | {"timezone": "UTC", "settings": settings} | more
