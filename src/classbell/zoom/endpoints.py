"""
Every call to Zoom that is made here: method, path and weight.

Labels as of August 2026, https://developers.zoom.us/docs/api/; older documents call some of them heavier.
"""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from classbell.zoom.limits import Label

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call of Zoom's API; `path` is the template as Zoom's reference writes it."""

    method: Method
    path: str
    label: Label

    @property
    def safe_to_repeat(self) -> bool:
        """Whether doing it twice comes to the same as once. Zoom knows no idempotency key, so no POST is."""
        return self.method != "POST"

    def at(self, **ids: str) -> "Target":
        """
        Return this call for these ids, percent-encoded.

        Raises ValueError for an id that is empty or a dot segment: it would name another call, and some are DELETEs.
        """
        if wrong := [name for name, value in ids.items() if value in {"", ".", ".."}]:
            raise ValueError(f"{self.method} {self.path} needs {', '.join(wrong)}")
        return Target(self, self.path.format(**{name: path_segment(value) for name, value in ids.items()}))


@dataclass(frozen=True, slots=True)
class Target:
    """One call with its ids filled in."""

    endpoint: Endpoint
    url_path: str


def path_segment(value: str) -> str:
    """
    Encode an id, e-mail address or meeting uuid for a path.

    A uuid that begins with a slash or contains two in a row is encoded twice, as Zoom asks.
    """
    once = quote(value, safe="")
    return quote(once, safe="") if value.startswith("/") or "//" in value else once


LIST_USERS: Final = Endpoint("GET", "/users", Label.MEDIUM)
GET_USER: Final = Endpoint("GET", "/users/{userId}", Label.LIGHT)
GET_USER_SETTINGS: Final = Endpoint("GET", "/users/{userId}/settings", Label.MEDIUM)
GET_ACCOUNT_SETTINGS: Final = Endpoint("GET", "/accounts/{accountId}/settings", Label.MEDIUM)
GET_LOCK_SETTINGS: Final = Endpoint("GET", "/accounts/{accountId}/lock_settings", Label.MEDIUM)
GET_USER_TOKEN: Final = Endpoint("GET", "/users/{userId}/token", Label.LIGHT)

CREATE_MEETING: Final = Endpoint("POST", "/users/{userId}/meetings", Label.LIGHT)
LIST_MEETINGS: Final = Endpoint("GET", "/users/{userId}/meetings", Label.MEDIUM)
GET_MEETING: Final = Endpoint("GET", "/meetings/{meetingId}", Label.LIGHT)
UPDATE_MEETING: Final = Endpoint("PATCH", "/meetings/{meetingId}", Label.LIGHT)
DELETE_MEETING: Final = Endpoint("DELETE", "/meetings/{meetingId}", Label.LIGHT)
SET_MEETING_STATUS: Final = Endpoint("PUT", "/meetings/{meetingId}/status", Label.LIGHT)

ADD_REGISTRANT: Final = Endpoint("POST", "/meetings/{meetingId}/registrants", Label.LIGHT)
ADD_REGISTRANTS: Final = Endpoint("POST", "/meetings/{meetingId}/batch_registrants", Label.HEAVY)
LIST_REGISTRANTS: Final = Endpoint("GET", "/meetings/{meetingId}/registrants", Label.MEDIUM)
SET_REGISTRANT_STATUS: Final = Endpoint("PUT", "/meetings/{meetingId}/registrants/status", Label.MEDIUM)
DELETE_REGISTRANT: Final = Endpoint("DELETE", "/meetings/{meetingId}/registrants/{registrantId}", Label.LIGHT)

LIST_RECORDINGS: Final = Endpoint("GET", "/users/{userId}/recordings", Label.MEDIUM)
GET_RECORDINGS: Final = Endpoint("GET", "/meetings/{meetingId}/recordings", Label.LIGHT)
DELETE_RECORDING_FILE: Final = Endpoint("DELETE", "/meetings/{meetingId}/recordings/{recordingId}", Label.LIGHT)

GET_PAST_MEETING: Final = Endpoint("GET", "/past_meetings/{meetingId}", Label.LIGHT)
LIST_PAST_INSTANCES: Final = Endpoint("GET", "/past_meetings/{meetingId}/instances", Label.MEDIUM)
LIST_PAST_PARTICIPANTS: Final = Endpoint("GET", "/past_meetings/{meetingId}/participants", Label.MEDIUM)
GET_REPORT_MEETING: Final = Endpoint("GET", "/report/meetings/{meetingId}", Label.HEAVY)
LIST_REPORT_PARTICIPANTS: Final = Endpoint("GET", "/report/meetings/{meetingId}/participants", Label.HEAVY)
LIST_REPORT_MEETINGS: Final = Endpoint("GET", "/report/users/{userId}/meetings", Label.HEAVY)
