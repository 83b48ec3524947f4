"""
Sending webhooks as Zoom does: signed, one attempt and up to three more, and badly when asked to.

Events of one meeting are first sent in the order in which they happened; Zoom promises no order, and `shuffle` takes it
away. When a retry is due goes by the simulator's clock, so moving the clock brings it about.
"""

import asyncio
import hashlib
import hmac
import random
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from zoomsim.clock import Clock, milliseconds
from zoomsim.options import Options
from zoomsim.protocol.wire import Json, compact
from zoomsim.state import ids
from zoomsim.state.changes import Changes
from zoomsim.state.journal import Journal
from zoomsim.webhooks.deliveries import Attempt, Delivery, DeliveryStatus, Misbehaviour

ANSWER_WITHIN = aiohttp.ClientTimeout(total=3)
KEPT_DELIVERIES = 2000
SHUFFLED_BY_AT_MOST_S = 1.0
STARTUP_CHALLENGES = 5
STARTUP_CHALLENGE_EVERY_S = 3.0


class EndpointRefused(Exception):
    """The endpoint did not prove that it knows the secret; the text says what it answered."""


class Webhooks:
    """The endpoint, what was sent to it, and what is still to be sent."""

    def __init__(self, options: Options, clock: Clock, changes: Changes, journal: Journal) -> None:
        self.options = options
        self.clock = clock
        self.changes = changes
        self.journal = journal
        self.url = options.webhook_url
        self.secret = options.webhook_secret
        self.validated = False
        self.misbehaviour = Misbehaviour()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)
        self._waiting: list[Delivery] = []
        self._last_of: dict[str, asyncio.Task[None]] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._always: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None

    def load(self) -> None:
        """Take up the endpoint that was set before a restart, unless the command line names one."""
        kept = self.journal.note("webhook")
        if isinstance(kept, dict) and not self.options.webhook_url:
            self.url, self.secret, self.validated = kept["url"], kept["secret"], True

    def forget(self) -> None:
        """Forget what was sent and is waiting or under way, the misbehaviour, and an endpoint set while running."""
        for task in self._sending:
            task.cancel()
        self._last_of.clear()
        self.deliveries.clear()
        self._waiting.clear()
        self.misbehaviour = Misbehaviour()
        first = self.options.webhook_url, self.options.webhook_secret
        if (self.url, self.secret) != first:
            (self.url, self.secret), self.validated = first, False
            self._challenge_if_new()

    async def start(self) -> None:
        """Begin to send."""
        self._http = aiohttp.ClientSession(timeout=ANSWER_WITHIN, connector=aiohttp.TCPConnector(limit=200))
        self._always.add(asyncio.create_task(self._send_what_is_due()))
        self._challenge_if_new()

    async def stop(self) -> None:
        """Give up what is under way."""
        tasks = self._sending | self._always
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def clock_moved(self) -> None:
        """Look at once for retries that have become due."""
        self._look.set()

    def emit(self, event: str, payload: Json, *, at: datetime, about: str, **beside: str) -> None:
        """
        Send an event that happened at a time. `about` is the meeting, within which order is kept; `beside` is what stands
        beside the payload.
        """
        if not self.url:
            return
        body = {
            "event": event,
            "event_ts": milliseconds(at),
            "payload": {"account_id": self.options.account_id, **payload},
            **beside,
        }
        copies = 2 if _chance(self.misbehaviour.duplicate) else 1
        for _copy in range(copies):
            delivery = Delivery(event=event, meeting_id=about, body=compact(body), created_at=self.clock.now())
            self.deliveries.append(delivery)
            if _chance(self.misbehaviour.drop):
                self._settle(delivery, DeliveryStatus.DROPPED)
            else:
                self._schedule(delivery)

    async def set_endpoint(self, url: str, secret: str) -> None:
        """
        Send events there from now on, once it has proved that it knows the secret; an empty URL stops sending.

        Raises EndpointRefused and keeps the former endpoint when it has not.
        """
        if url:
            await self._challenge(url, secret)
        self.url, self.secret, self.validated = url, secret, bool(url)
        self.journal.write_note("webhook", {"url": url, "secret": secret})
        self.changes.announce("delivery")

    def describe(self) -> Json:
        """Return where webhooks go and how badly, without the secret."""
        return {"url": self.url, "validated": self.validated, **self.misbehaviour.describe()}

    def _schedule(self, delivery: Delivery) -> None:
        """Queue the first attempt behind the one before it of the same meeting."""
        shuffled = _chance(self.misbehaviour.shuffle)
        delay = self.misbehaviour.delay_ms / 1000
        if shuffled:
            delay += random.uniform(0, SHUFFLED_BY_AT_MOST_S)  # noqa: S311 -- dice, not secrets
        before = None if shuffled else self._last_of.get(delivery.meeting_id)
        task = self._send(self._first_attempt(delivery, before, delay))
        if not shuffled:
            self._last_of[delivery.meeting_id] = task

    async def _first_attempt(self, delivery: Delivery, before: asyncio.Task[None] | None, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        if before is not None:
            await asyncio.wait([before])
        await self._attempt(delivery)
        if self._last_of.get(delivery.meeting_id) is asyncio.current_task():
            del self._last_of[delivery.meeting_id]

    async def _attempt(self, delivery: Delivery) -> None:
        """Send once, and decide by the answer whether and when to try again."""
        if not self.url:
            self._settle(delivery, DeliveryStatus.LOST)
            return
        timestamp = str(int(time.time()))
        if delivery.attempts and self.misbehaviour.keep_timestamp:
            timestamp = delivery.attempts[0].timestamp
        started = time.monotonic()
        status, error = 0, ""
        try:
            status = (await self._post(self.url, self.secret, delivery.body, timestamp))[0]
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            error = type(problem).__name__
        took_ms = round((time.monotonic() - started) * 1000)
        delivery.attempts.append(Attempt(self.clock.now(), timestamp, status, error, took_ms))
        self._decide(delivery, status)

    def _decide(self, delivery: Delivery, status: int) -> None:
        if status in {200, 204}:
            self._settle(delivery, DeliveryStatus.DELIVERED)
        elif 0 < status < 500 or len(delivery.attempts) > len(self.options.retry_after_s):
            self._settle(delivery, DeliveryStatus.LOST)
        else:
            wait = timedelta(seconds=self.options.retry_after_s[len(delivery.attempts) - 1])
            delivery.next_attempt_at = self.clock.now() + wait
            self._waiting.append(delivery)
            self._settle(delivery, DeliveryStatus.WAITING)
            self._look.set()

    def _settle(self, delivery: Delivery, status: DeliveryStatus) -> None:
        delivery.status = status
        if status is not DeliveryStatus.WAITING:
            delivery.next_attempt_at = None
        self.changes.announce("delivery", event=delivery.event, meeting_id=delivery.meeting_id, status=status)

    async def _send_what_is_due(self) -> None:
        while True:
            now = self.clock.now()
            due = [
                delivery for delivery in self._waiting if delivery.next_attempt_at and delivery.next_attempt_at <= now
            ]
            for delivery in due:
                self._waiting.remove(delivery)
                delivery.next_attempt_at = None
                self._send(self._attempt(delivery))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self._seconds_to_next(now))
            self._look.clear()

    def _seconds_to_next(self, now: datetime) -> float | None:
        if not self._waiting:
            return None
        earliest = min(delivery.next_attempt_at for delivery in self._waiting if delivery.next_attempt_at)
        return max(0.0, (earliest - now).total_seconds())

    def _challenge_if_new(self) -> None:
        if self.url and not self.validated:
            self._always.add(asyncio.get_running_loop().create_task(self._challenge_at_start()))

    async def _challenge_at_start(self) -> None:
        """Ask the endpoint of the command line, which may still be starting, to prove itself."""
        for _try in range(STARTUP_CHALLENGES):
            try:
                await self._challenge(self.url, self.secret)
            except EndpointRefused:
                await asyncio.sleep(STARTUP_CHALLENGE_EVERY_S)
            else:
                self.validated = True
                return

    async def _challenge(self, url: str, secret: str) -> None:
        plain = ids.letters(22)
        body = compact(
            {
                "payload": {"plainToken": plain},
                "event_ts": milliseconds(self.clock.now()),
                "event": "endpoint.url_validation",
            }
        )
        try:
            status, answer = await self._post(url, secret, body, str(int(time.time())))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
            raise EndpointRefused(f"The endpoint cannot be reached: {type(problem).__name__}.") from problem
        expected = {"plainToken": plain, "encryptedToken": hash_token(secret, plain)}
        if status != 200 or not isinstance(answer, dict) or {name: answer.get(name) for name in expected} != expected:
            raise EndpointRefused(f"The endpoint answered its challenge wrongly, with status {status}.")

    async def _post(self, url: str, secret: str, body: str, timestamp: str) -> tuple[int, Any]:
        """Return the status and, where it is one, the JSON of the answer."""
        assert self._http is not None, "start() comes first"  # noqa: S101 -- a mistake in this program only
        raw = body.encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "Zoom Marketplace/1.0a",
            "clientid": self.options.client_id,
            "x-zm-request-timestamp": timestamp,
            "x-zm-signature": sign(secret, timestamp, raw),
            "x-zm-request-id": ids.participant_uuid().lower(),
            "x-zm-trackingid": ids.tracking_id("WEBHOOK"),
        }
        async with self._http.post(url, data=raw, headers=headers, allow_redirects=False) as response:
            text = await response.text(errors="replace")
            try:
                return response.status, await response.json(content_type=None)
            except ValueError:
                return response.status, text

    def _send(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return task


def _chance(probability: float) -> bool:
    return random.random() < probability  # noqa: S311 -- dice, not secrets


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of `x-zm-signature`."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def hash_token(secret: str, plain: str) -> str:
    """Return the `encryptedToken` that proves knowledge of the secret."""
    return hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
