"""
Waiting for Zoom takes a share of a process's threads, never all of them: the others go on answering (a bulkhead).

Each account has so many places and no more, and all of them together a few more than that: one account that hangs leaves
places to the others.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from classbell.zoom.errors import ZoomBusy

# How long a place is waited for while Zoom answers. Once somebody has waited longer than this for Zoom, nobody queues.
PATIENCE_SECONDS: Final = 1.0
# Whoever found no place may ask again after this.
RETRY_AFTER_SECONDS: Final = 5.0
SHARE_OF_ONE_ACCOUNT: Final = 0.5
SHARE_OF_ALL: Final = 0.75


class Bulkhead:
    """So many threads of this process at a time. A thread that has a place keeps it in whatever it calls."""

    def __init__(self, places: int, *, in_all: int | None = None) -> None:
        self._places = places
        self._in_all = places if in_all is None else in_all
        self._entered: dict[int, tuple[str, float]] = {}
        self._freed = threading.Condition()

    def share(self, threads: int) -> None:
        """Let at most a share of a process's `threads` wait for one account at a time, and a larger one for all of them."""
        self._places = max(1, int(threads * SHARE_OF_ONE_ACCOUNT))
        self._in_all = max(1, int(threads * SHARE_OF_ALL))

    @contextmanager
    def place(self, account_id: str = "") -> Iterator[None]:
        """Hold a place for as long as an account at Zoom is asked. Raises ZoomBusy."""
        thread = threading.get_ident()
        if thread in self._entered:
            yield
            return
        self._enter(thread, account_id)
        try:
            yield
        finally:
            with self._freed:
                del self._entered[thread]
                # Whom it helps depends on the account, which only the waiting know.
                self._freed.notify_all()

    def _enter(self, thread: int, account_id: str) -> None:
        came_at = time.monotonic()
        with self._freed:
            while in_the_way := self._in_the_way(account_id):
                left = min(came_at, *in_the_way) + PATIENCE_SECONDS - time.monotonic()
                if left <= 0:
                    raise ZoomBusy(retry_after=RETRY_AFTER_SECONDS)
                self._freed.wait(left)
            self._entered[thread] = (account_id, time.monotonic())

    def _in_the_way(self, account_id: str) -> list[float]:
        """Return since when those have waited who leave no place to this account; none where there is one."""
        of_account = [since for holder, since in self._entered.values() if holder == account_id]
        if len(of_account) >= self._places:
            return of_account
        return [since for _holder, since in self._entered.values()] if len(self._entered) >= self._in_all else []


# Those of the eight threads that a process has unless told otherwise.
BULKHEAD: Final = Bulkhead(4, in_all=6)
