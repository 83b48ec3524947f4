"""Answers: how many there are, and of which kind; and that nobody waited for each other."""

import secrets
import time
from collections.abc import Iterator

import httpx

from tests.chaos.invariants.seen import Seen
from tests.chaos.stage import VISITORS_REQUESTS


def limits_hold(seen: Seen) -> Iterator[str]:
    """Zoom never had to say that it was asked too often, and no visitor is answered more often than the school allows."""
    said = int(seen.stage.zoom.counters()["throttled"])
    if said > seen.stage.pretended_limits:
        yield f"Zoom said {said - seen.stage.pretended_limits} times that it was asked too often"
    begun, answered = time.monotonic(), 0
    address = {"X-Forwarded-For": f"198.18.{secrets.randbelow(250)}.{secrets.randbelow(250)}"}
    with httpx.Client(base_url=seen.stage.url(0), headers=address, timeout=20) as visitor:
        for _request in range(VISITORS_REQUESTS + 4):
            answered += visitor.get("/api/nothing").status_code != httpx.codes.TOO_MANY_REQUESTS
    filled = int((time.monotonic() - begun) * VISITORS_REQUESTS / 60)
    if not VISITORS_REQUESTS <= answered <= VISITORS_REQUESTS + filled:
        yield f"a visitor was answered {answered} times, and may ask {VISITORS_REQUESTS} times and {filled} more"


def nobody_is_answered_wrongly(seen: Seen) -> Iterator[str]:
    """No answer says that something broke, and none shows what its reader must not see."""
    yield from seen.journal.wrong
    seen.journal.wrong.clear()


def nobody_waits_for_each_other(seen: Seen) -> Iterator[str]:
    """The database never had to end one of two that waited for each other."""
    for said in seen.stage.server.deadlocks():
        yield f"a deadlock: {said}"
