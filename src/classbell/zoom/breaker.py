"""Leaving Zoom alone while it fails, and finding out when it is back with a single request."""

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from classbell.zoom.errors import ZoomCircuitOpen

FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 30.0


class Breaker(Protocol):
    """
    Knows whether Zoom is worth asking. Called from many threads at once.

    A failure is an answer that did not come, or Zoom's own trouble (ZoomUnavailable); refusals are successes here.
    """

    def check(self) -> None:
        """Raise ZoomCircuitOpen when asking is pointless now; leaves the probe to `allow`."""

    def allow(self) -> None:
        """Return when a request may be sent now. Raises ZoomCircuitOpen with `retry_after`."""

    def record_success(self) -> None:
        """Zoom answered a request that was allowed."""

    def record_failure(self) -> None:
        """Zoom failed a request that was allowed."""


class LocalBreaker:
    """
    A breaker for one process, in memory.

    Closed: everything passes. After `failures` in a row, open: nothing passes for `open_seconds`. Then half open: one
    request passes as a probe. Its success closes the circuit, its failure opens it anew; a probe that never reports is
    replaced after `open_seconds`.
    """

    def __init__(
        self,
        failures: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_to_open = failures
        self._open_seconds = open_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None

    def check(self) -> None:
        """Raise ZoomCircuitOpen when open and it is too early for a probe."""
        with self._lock:
            if self._open_until is not None and (left := self._open_until - self._monotonic()) > 0:
                raise ZoomCircuitOpen(retry_after=left)

    def allow(self) -> None:
        """Return when closed, or when this request is the probe. Raises ZoomCircuitOpen."""
        with self._lock:
            if self._open_until is None:
                return
            now = self._monotonic()
            if now < self._open_until:
                raise ZoomCircuitOpen(retry_after=self._open_until - now)
            self._open_until = now + self._open_seconds

    def record_success(self) -> None:
        """Close the circuit and forget all failures."""
        with self._lock:
            self._failures = 0
            self._open_until = None

    def record_failure(self) -> None:
        """Count a failure; open the circuit when it is one too many."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._failures_to_open:
                self._open_until = self._monotonic() + self._open_seconds
