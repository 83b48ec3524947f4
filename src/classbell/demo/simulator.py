"""The demo's simulated Zoom, spoken to as nobody speaks to the real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

TIMEOUT_SECONDS = 10


class Simulator:
    """The simulator's control API. Any call raises httpx.HTTPError when it does not answer or refuses."""

    def __init__(self) -> None:
        url = settings.ENVIRONMENT.zoom_api_url.removesuffix("/v2")
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS)

    def is_running(self, zoom_meeting_id: str) -> bool:
        """Return whether somebody started this meeting and nobody has ended it."""
        return any(run["end_time"] is None for one in self._state(zoom_meeting_id)["meetings"] for run in one["runs"])

    def start(self, zoom_meeting_id: str, *, at: datetime) -> None:
        """Start a meeting as its host did at that time."""
        self._post(f"meetings/{zoom_meeting_id}/start", at=at.isoformat())

    def record(self, zoom_meeting_id: str, *, at: datetime) -> None:
        """Record a running meeting to the cloud from that time on."""
        self._post(f"meetings/{zoom_meeting_id}/record", at=at.isoformat())

    def end(self, zoom_meeting_id: str, *, at: datetime) -> str:
        """End a meeting as its host did at that time, and return the run's uuid; "" for one that does not run."""
        return str(self._post(f"meetings/{zoom_meeting_id}/end", at=at.isoformat()).get("uuid", ""))

    def join(self, zoom_meeting_id: str, *, name: str, at: datetime, customer_key: str = "") -> None:
        """Let somebody come in."""
        self._post(f"meetings/{zoom_meeting_id}/join", name=name, customer_key=customer_key, at=at.isoformat())

    @contextmanager
    def on_the_day_of(self, moment: datetime, *, now: datetime) -> Iterator[None]:
        """Set Zoom's clock back to an earlier moment, as seen from `now`, until the block ends."""
        offset = self._state("0")["offset_s"]
        self._post("clock", offset_s=offset + (moment - now).total_seconds())
        try:
            yield
        finally:
            self._post("clock", offset_s=offset)

    def _state(self, zoom_meeting_id: str) -> Any:
        return self._http.get("/sim/state", params={"meeting": zoom_meeting_id}).raise_for_status().json()

    def _post(self, path: str, **body: object) -> Any:
        return self._http.post(f"/sim/{path}", json=body).raise_for_status().json()
