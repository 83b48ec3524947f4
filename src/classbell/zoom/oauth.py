"""
Access tokens, of a Server-to-Server OAuth app or of a user's consent: how threads and processes share one.

Source: https://developers.zoom.us/docs/internal-apps/s2s-oauth/
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from pydantic import BaseModel, ValidationError

from classbell.zoom.errors import ZoomBusy, ZoomUnavailable

# A token lives an hour; a new one is asked for this long before its end.
RENEW_AHEAD: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """
    An access token with its end (aware UTC) and the scopes it was issued for. Its repr hides the token itself.

    `refresh_token` is the next one of a user's consent, fresh from Zoom; "" for other tokens, and for one that was kept.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    api_url: str | None = None
    refresh_token: str = field(default="", repr=False, compare=False)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is worth using without asking for another."""
        return now < self.expires_at - RENEW_AHEAD


class TokenStore(Protocol):
    """Keeps the token of each account. Called from many threads, or processes, at once."""

    def current(self, account_id: str) -> Token | None:
        """Return the kept token, expired or not."""

    def renew(
        self, account_id: str, stale: Token | None, fetch: Callable[[], Token], *, deadline: float | None = None
    ) -> Token:
        """
        Return a token other than `stale`: the one another caller has stored meanwhile, or else what `fetch` brings.

        One caller fetches at a time; others wait for it until `deadline`, a `time.monotonic()`. Raises what `fetch` raises,
        and ZoomBusy to who waited in vain.
        """


class MemoryTokenStore:
    """Keeps tokens in this process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def current(self, account_id: str) -> Token | None:
        """Return the kept token, expired or not."""
        return self._tokens.get(account_id)

    def renew(
        self, account_id: str, stale: Token | None, fetch: Callable[[], Token], *, deadline: float | None = None
    ) -> Token:
        """Return what another thread has stored since `stale`, or fetch and store. Raises as the protocol says."""
        with self._guard:
            lock = self._locks[account_id]
        if not lock.acquire(timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic())):
            raise ZoomBusy("others wait for a token too")
        try:
            kept = self._tokens.get(account_id)
            if kept is None or kept == stale:
                kept = self._tokens[account_id] = fetch()
            return kept
        finally:
            lock.release()


class _TokenAnswer(BaseModel, hide_input_in_errors=True):
    access_token: str
    expires_in: float = 3600
    scope: str = ""
    api_url: str | None = None
    refresh_token: str = ""


def token_from_answer(answer: Any, *, asked_at: datetime) -> Token:
    """
    Return the token of a successful answer of the token endpoint. Its hour is counted from `asked_at`.

    Raises ZoomUnavailable when it is not one: something between us and Zoom answered.
    """
    try:
        read = _TokenAnswer.model_validate(answer)
    except ValidationError:
        raise ZoomUnavailable("the token endpoint gave an answer that is no token") from None
    return Token(
        access_token=read.access_token,
        expires_at=asked_at + timedelta(seconds=read.expires_in),
        scopes=frozenset(read.scope.split()),
        api_url=read.api_url,
        refresh_token=read.refresh_token,
    )
