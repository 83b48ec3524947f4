"""The Zoom client as one plain object with plain dictionaries, for scripts and for the status page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from classbell.zoom.check import check_connection
from classbell.zoom.classify import TOKEN_PATH
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError, ZoomNotConfigured, ZoomUnauthorized

NOT_CONFIGURED = "Zoom credentials not configured"
# Zoom's type of a meeting that takes place once, at its time.
SCHEDULED = 2


class ZoomService:
    """Wraps a client, or none when there are no credentials: then it says so instead of failing in odd places."""

    def __init__(self, client: ZoomClient | None) -> None:
        self._client = client

    def is_configured(self) -> bool:
        """Whether there are credentials; says nothing about their being right."""
        return self._client is not None

    def validate_credentials(self) -> dict[str, Any]:
        """Ask Zoom who we are. Returns `success`, `configured` and `message` with `user`, or `error`; never raises."""
        if self._client is None:
            return {"success": False, "error": NOT_CONFIGURED, "configured": False}
        try:
            report = check_connection(self._client)
        except ZoomError as error:
            return {"success": False, "error": in_short(error), "configured": True}
        user = {"id": report.user_id, "email": report.email, "account_id": report.account_id}
        answer = {"success": True, "message": "Zoom credentials are valid", "configured": True, "user": user}
        return answer | ({"missing_scopes": dict(report.missing)} if report.missing else {})

    def create_meeting(self, meeting: Mapping[str, object], *, host: str = "me") -> dict[str, Any]:
        """
        Create a meeting under a host (the app's owner unless told otherwise) and return it with all its links.

        `start_time` is ISO 8601 or a datetime; without an offset it is wall time in `timezone`.

        Raises ZoomError; ValueError for a start that is no time.
        """
        return self._zoom().create_meeting(host, {"type": SCHEDULED, **_for_zoom(meeting)}).model_dump(mode="json")

    def get_meeting(self, meeting_id: str) -> dict[str, Any]:
        """Return a meeting. Raises ZoomError."""
        return self._zoom().get_meeting(str(meeting_id)).model_dump(mode="json")

    def update_meeting(self, meeting_id: str, changes: Mapping[str, object]) -> None:
        """Change a meeting. Times and errors as in `create_meeting`."""
        self._zoom().update_meeting(str(meeting_id), _for_zoom(changes))

    def delete_meeting(self, meeting_id: str) -> None:
        """Delete a meeting. Raises ZoomError."""
        self._zoom().delete_meeting(str(meeting_id))

    def list_meetings(self, *, host: str = "me") -> list[dict[str, Any]]:
        """Return a host's scheduled meetings. Raises ZoomError."""
        return [meeting.model_dump(mode="json") for meeting in self._zoom().iter_meetings(host)]

    def _zoom(self) -> ZoomClient:
        if self._client is None:
            raise ZoomNotConfigured
        return self._client


def in_short(error: ZoomError) -> str:
    """Say first which of the usual troubles it is, in the words of the setup guide, then what happened."""
    if isinstance(error, ZoomUnauthorized):
        return f"Invalid Zoom credentials: {error}"
    return f"Failed to obtain access token: {error}" if error.path == TOKEN_PATH else str(error)


def _for_zoom(meeting: Mapping[str, object]) -> dict[str, object]:
    """Write the start as Zoom reads it: UTC with a Z, or wall time. It documents no other offsets."""
    body = dict(meeting)
    start = body.get("start_time")
    if isinstance(start, str):
        start = datetime.fromisoformat(start)
    if isinstance(start, datetime):
        wall = start.strftime("%Y-%m-%dT%H:%M:%S")
        body["start_time"] = wall if start.tzinfo is None else start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return body


def legacy_credentials_message() -> str:
    """Return what to tell somebody who has ZOOM_API_KEY and ZOOM_API_SECRET: Zoom ended such apps in September 2023."""
    return (
        "ZOOM_API_KEY and ZOOM_API_SECRET belong to a JWT app, which Zoom retired in September 2023; they are not used. "
        "Make a Server-to-Server OAuth app in the Zoom App Marketplace, add the scopes, activate it, and set "
        "ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET."
    )
