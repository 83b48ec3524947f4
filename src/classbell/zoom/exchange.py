"""One HTTP request and its answer, with what the network did to them told as ZoomErrors."""

import logging
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx

from classbell.tracing import span
from classbell.zoom.breaker import Breaker
from classbell.zoom.classify import TOKEN_PATH, TRACKING_HEADER
from classbell.zoom.config import ZoomConfig
from classbell.zoom.errors import ZoomBusy, ZoomUnavailable, safe_text

logger = logging.getLogger(__name__)

# With less time than this to the deadline a request is not begun: its answer would not be seen.
SHORTEST_REQUEST_SECONDS: Final = 0.25

# The request never left: nothing can have happened.
NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """Sends single requests for one account, when the breaker allows, and tells it how they went."""

    config: ZoomConfig
    http: httpx.Client
    breaker: Breaker

    def __call__(self, method: str, path: str, url: str, *, deadline: float | None, **arguments: Any) -> httpx.Response:
        """
        Send once and return whatever Zoom answered. `path` is what errors and logs may name, unlike `url`.

        Raises ZoomCircuitOpen, ZoomBusy when the deadline is too near, ZoomUnavailable when no answer came.
        """
        timeout = self._timeout(method, path, deadline)
        self.breaker.allow()
        started_at = time.monotonic()
        try:
            with span(f"zoom {method} {path}") as set_value:
                response = self.http.request(method, url, timeout=timeout, follow_redirects=False, **arguments)
                set_value("status", response.status_code)
        except httpx.PoolTimeout:
            raise ZoomBusy("all connections are in use", method=method, path=path) from None
        except httpx.RequestError as error:
            self.breaker.record_failure()
            sent = not isinstance(error, NEVER_SENT)
            # Without the cause: its traceback's frames hold the request with its token.
            raise ZoomUnavailable(
                _what_failed(error), method=method, path=path, may_have_happened=sent and changes(method, path)
            ) from None
        if response.is_server_error:
            self.breaker.record_failure()
        else:
            self.breaker.record_success()
        self._tell(method, path, response, seconds=time.monotonic() - started_at)
        return response

    def _tell(self, method: str, path: str, response: httpx.Response, *, seconds: float) -> None:
        """Log a call: what was only read well at level DEBUG, the rest at INFO. The path is the template, without ids."""
        unremarkable = response.is_success and (method == "GET" or path == TOKEN_PATH)
        said = {
            "method": method,
            "path": path,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
            "tracking_id": response.headers.get(TRACKING_HEADER),
        }
        logger.log(logging.DEBUG if unremarkable else logging.INFO, "zoom_call", extra=said)

    def _timeout(self, method: str, path: str, deadline: float | None) -> httpx.Timeout:
        budget = self.config.timeout_seconds
        if deadline is not None:
            budget = min(budget, deadline - time.monotonic())
        if budget < SHORTEST_REQUEST_SECONDS:
            raise ZoomBusy("the caller's deadline is too near", method=method, path=path)
        return httpx.Timeout(budget, connect=min(budget, self.config.connect_seconds))


def changes(method: str, path: str) -> bool:
    """Whether a request of this kind that got lost may have changed something at Zoom."""
    return method != "GET" and path != TOKEN_PATH


def json_of(response: httpx.Response, method: str, path: str) -> Any:
    """Return the JSON of a success answer, None when it has no body. Raises ZoomUnavailable when it is none."""
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise ZoomUnavailable(
            "its answer is no JSON",
            method=method,
            path=path,
            status=response.status_code,
            may_have_happened=changes(method, path),
        ) from None


def _what_failed(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, NEVER_SENT):
        return f"no connection, {safe_text(str(error))}"
    return "the connection was lost before the answer came"
