"""
How a call gets to Zoom and what becomes of it: token → breaker → limiter → send → error, and again where that is safe.
"""

import logging
import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from classbell.zoom.classify import TOKEN_PATH, error_from_answer, error_from_token_answer
from classbell.zoom.config import API_URL, ZoomConfig
from classbell.zoom.downloads import fetch_part, is_of_zoom
from classbell.zoom.endpoints import Endpoint, Target
from classbell.zoom.errors import ZoomDailyLimit, ZoomError, ZoomThrottled, ZoomUnauthorized, ZoomUnavailable
from classbell.zoom.exchange import SHORTEST_REQUEST_SECONDS, Exchange, json_of
from classbell.zoom.limits import Call, Limiter, Priority
from classbell.zoom.models import Model, read, read_list
from classbell.zoom.oauth import Token, TokenStore, token_from_answer

logger = logging.getLogger(__name__)

# Zoom's code for a token it does not (any longer) accept.
TOKEN_REFUSED: Final = 124
# A longer pause before a repetition is left to the caller.
LONGEST_PAUSE_SECONDS: Final = 10.0
# The most that Zoom gives per page of the lists used here.
PAGE_SIZE: Final = 300


class BearerAuth(httpx.Auth):
    """Signs a request with a token, which is in no variable that a traceback could show."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token.access_token}"
        yield request


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """
    A call with its arguments.

    `host_id` is the host whose daily creates and updates it counts against. `before_sending` is called each time its turn
    has come.
    """

    target: Target
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = field(repr=False)
    host_id: str | None
    before_sending: Callable[[], None] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """
    Makes calls for one account. Holds no state of its own, so copies and threads share everything.

    `refresh_token` gives what the next token of a user's consent is asked for with; None for an account's own app.
    `deadline` is a `time.monotonic()`: queueing, answers and repetitions end there. `on_failure` hears of every call that
    failed for good, whatever it was about.
    """

    config: ZoomConfig
    exchange: Exchange
    tokens: TokenStore
    limiter: Limiter
    clock: Callable[[], datetime]
    priority: Priority = Priority.INTERACTIVE
    deadline: float | None = None
    on_failure: Callable[[ZoomError], None] | None = None
    refresh_token: Callable[[], str] | None = None

    def request(
        self,
        target: Target,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        host_id: str | None = None,
        before_sending: Callable[[], None] | None = None,
    ) -> Any:
        """
        Make a call and return the JSON of its answer, None for an empty one.

        What is safe to repeat is repeated a few times. Raises ZoomError.
        """
        request = Request(target=target, query=query or {}, body=body, host_id=host_id, before_sending=before_sending)
        attempt = 1
        while True:
            try:
                return self._attempt(request)
            except ZoomError as error:
                pause = self._pause_before_repeating(target.endpoint, error, attempt)
                if pause is None:
                    if self.on_failure is not None:
                        self.on_failure(error)
                    raise
                logger.info("Asking again in %.2f s after attempt %d: %s", pause, attempt, error)
            time.sleep(pause)
            attempt += 1

    def read(self, model: type[Model], target: Target, **arguments: Any) -> Model:
        """Make a call and read its answer. Arguments and errors as `request`."""
        return read(model, self.request(target, **arguments), target.endpoint)

    def read_list(self, model: type[Model], target: Target, key: str, **arguments: Any) -> list[Model]:
        """Make a call whose answer is a list without pages, under `key`. Arguments and errors as `request`."""
        items, _ = read_list(model, self.request(target, **arguments), key, target.endpoint)
        return items

    def pages(self, model: type[Model], target: Target, key: str, *, query: Mapping[str, str]) -> Iterator[Model]:
        """Yield the items of all pages, each fetched when it is reached. A page token lives 15 minutes."""
        page = {**query, "page_size": str(PAGE_SIZE)}
        while True:
            answer = self.request(target, query=page)
            items, next_page_token = read_list(model, answer, key, target.endpoint)
            yield from items
            if not next_page_token:
                return
            page["next_page_token"] = next_page_token

    def fetch_part(self, url: str, *, first: int, last: int) -> tuple[bytes, int]:
        """Return a part of a recorded file and its whole length. Raises as `ZoomClient.fetch_recording`."""
        token = self.token()
        if not is_of_zoom(url, self._api_url(token)):
            raise ValueError("this address is not Zoom's")
        self.exchange.breaker.check()
        budget = self.config.timeout_seconds if self.deadline is None else self.deadline - time.monotonic()
        return fetch_part(self.exchange.http, url, token.access_token, first=first, last=last, seconds=budget)

    def token(self, *, refused: Token | None = None) -> Token:
        """
        Return a token to use, asking Zoom for one when the kept one is `refused` or near its end.

        While Zoom cannot issue a new one, the kept one serves until its end. Raises ZoomError.
        """
        kept = self.tokens.current(self.config.account_id)
        usable = kept if kept != refused else None
        if usable is not None and usable.is_fresh(self.clock()):
            return usable
        try:
            return self.tokens.renew(self.config.account_id, kept, self._fetch_token, deadline=self.deadline)
        except ZoomError as error:
            if usable is not None and error.retryable and self.clock() < usable.expires_at:
                return usable
            raise

    def _attempt(self, request: Request) -> Any:
        token = self.token()
        try:
            return self._ask(request, token)
        except ZoomUnauthorized as error:
            if error.code != TOKEN_REFUSED:
                raise
        # Revoked, or issued before the app was changed: one new token, once.
        return self._ask(request, self.token(refused=token))

    def _ask(self, request: Request, token: Token) -> Any:
        endpoint = request.target.endpoint
        call = self._call(request)
        # First, so that what an open circuit stops spends no turn and no daily budget.
        self.exchange.breaker.check()
        self.limiter.acquire(call)
        if request.before_sending is not None:
            request.before_sending()
        try:
            response = self.exchange(
                endpoint.method,
                endpoint.path,
                self._api_url(token) + request.target.url_path,
                deadline=self.deadline,
                params=dict(request.query),
                json=request.body,
                auth=BearerAuth(token),
            )
        except ZoomError as failure:
            # While Zoom is down many find out here; it must not cost their hosts the day.
            if call.host_id is not None and not failure.may_have_happened:
                self.limiter.give_back(call)
            raise
        if response.is_success:
            return json_of(response, endpoint.method, endpoint.path)
        error = error_from_answer(
            method=endpoint.method,
            path=endpoint.path,
            status=response.status_code,
            headers=response.headers,
            body=response.content,
            now=self.clock(),
        )
        if isinstance(error, ZoomThrottled | ZoomDailyLimit):
            self.limiter.throttled(call, error)
        if isinstance(error, ZoomUnauthorized) and call.host_id is not None:
            # Turned away at the door; asked again with a new token it would count twice.
            self.limiter.give_back(call)
        raise error

    def _call(self, request: Request) -> Call:
        return Call(
            account_id=self.config.account_id,
            label=request.target.endpoint.label,
            method=request.target.endpoint.method,
            path_template=request.target.endpoint.path,
            host_id=request.host_id,
            priority=self.priority,
            deadline=self.deadline,
        )

    def _api_url(self, token: Token) -> str:
        if self.config.api_url is not None:
            return self.config.api_url.rstrip("/")
        return token.api_url.rstrip("/") + "/v2" if token.api_url else API_URL

    def _fetch_token(self) -> Token:
        asked_at = self.clock()
        form, deadline = {"grant_type": "account_credentials", "account_id": self.config.account_id}, self.deadline
        if self.refresh_token is not None:
            # Whoever is in a hurry waits all the same: the answer has the only refresh token that is good from now on.
            form, deadline = {"grant_type": "refresh_token", "refresh_token": self.refresh_token()}, None
        response = self.exchange(
            "POST",
            TOKEN_PATH,
            self.config.oauth_url,
            deadline=deadline,
            data=form,
            auth=httpx.BasicAuth(self.config.client_id, self.config.client_secret),
        )
        if response.is_success:
            return token_from_answer(json_of(response, "POST", TOKEN_PATH), asked_at=asked_at)
        raise error_from_token_answer(
            status=response.status_code, headers=response.headers, body=response.content, now=self.clock()
        )

    def _pause_before_repeating(self, endpoint: Endpoint, error: ZoomError, attempt: int) -> float | None:
        """Return the seconds to wait before another attempt, None when there shall be none."""
        # A throttled request did nothing, so even a POST may be made again.
        repeatable = isinstance(error, ZoomThrottled) or (
            isinstance(error, ZoomUnavailable) and endpoint.safe_to_repeat
        )
        if not repeatable or attempt >= self.config.attempts:
            return None
        jitter = random.uniform(0, self.config.backoff_seconds * 2 ** (attempt - 1))  # noqa: S311 -- spreads callers
        pause = (error.retry_after or 0.0) + jitter
        if pause > LONGEST_PAUSE_SECONDS:
            return None
        if self.deadline is not None and time.monotonic() + pause + SHORTEST_REQUEST_SECONDS > self.deadline:
            return None
        return pause
