"""Waiting for Zoom takes a share of a process's threads, never all of them: the others go on answering (a bulkhead)."""

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
SHARE_OF_THREADS: Final = 0.5


class Bulkhead:
    """So many threads of this process at a time. A thread that has a place keeps it in whatever it calls."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._entered_at: dict[int, float] = {}
        self._freed = threading.Condition()

    def share(self, threads: int) -> None:
        """Let at most a share of a process's `threads` wait for Zoom at a time."""
        self._places = max(1, int(threads * SHARE_OF_THREADS))

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for as long as Zoom is asked. Raises ZoomBusy."""
        thread = threading.get_ident()
        if thread in self._entered_at:
            yield
            return
        self._enter(thread)
        try:
            yield
        finally:
            with self._freed:
                del self._entered_at[thread]
                self._freed.notify()

    def _enter(self, thread: int) -> None:
        came_at = time.monotonic()
        with self._freed:
            while len(self._entered_at) >= self._places:
                left = min(came_at, *self._entered_at.values()) + PATIENCE_SECONDS - time.monotonic()
                if left <= 0:
                    raise ZoomBusy(retry_after=RETRY_AFTER_SECONDS)
                self._freed.wait(left)
            self._entered_at[thread] = time.monotonic()


# Half of the eight threads that a process has unless told otherwise.
BULKHEAD: Final = Bulkhead(4)
