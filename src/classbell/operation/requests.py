"""
How many requests there were, of what, how they ended, and how long they took: counted by each process for all of them.

A process counts in memory and adds what it counted to the database every few seconds, in one transaction: a request pays for
none of it. What a killed process had not added is lost. Operations are named by their method and the pattern of their
address, so that there are as many as there are pages and operations of the API.
"""

import re
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.db import Error, close_old_connections, connection, transaction

log = structlog.get_logger(__name__)

# What has no address of ours.
UNKNOWN: Final = "unknown"
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STEPS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))
SECONDS_BETWEEN_WRITES: Final = 5.0
_PLACE: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_ADD: Final = (
    "INSERT INTO operation_requestcount AS kept (operation, status, count, seconds) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (operation, status) DO UPDATE SET count = kept.count + excluded.count, "
    "seconds = kept.seconds + excluded.seconds"
)
_ADD_DURATION: Final = (
    "INSERT INTO operation_requestduration AS kept (kind, up_to, count, seconds) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (kind, up_to) DO UPDATE SET count = kept.count + excluded.count, "
    "seconds = kept.seconds + excluded.seconds"
)


def operation_of(method: str, route: str | None) -> str:
    """
    Return what a request is counted as: its method and the pattern of its address, `unknown` without one.

    `route` is as Django has it, such as `meetings/<uuid:meeting_id>/`.
    """
    if route is None or route.startswith("^"):
        return UNKNOWN
    known = "GET" if method == "HEAD" else method if method in METHODS else "OTHER"
    pattern = _PLACE.sub(r"{\1}", route)
    return f"{known} /{pattern}"[:100]


def kind_of(path: str) -> str:
    """Return what a request is measured as: `webhook` (Zoom's), `api` or `page`."""
    if path == "/api/zoom/webhook" or path.startswith("/api/zoom/webhook/"):
        return "webhook"
    return "api" if path.startswith("/api/") else "page"


@dataclass
class RequestTally:
    """What one process has counted and not written yet. Threads share it."""

    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _seconds: Counter[tuple[str, str]] = field(default_factory=Counter)
    _durations: Counter[tuple[str, float]] = field(default_factory=Counter)
    _seconds_of: Counter[tuple[str, float]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, operation: str, *, kind: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        key, step = (operation, f"{status // 100}xx"), (kind, STEPS[bisect_left(STEPS, seconds)])
        with self._lock:
            self._counts[key] += 1
            self._seconds[key] += seconds  # type: ignore[assignment]  # a Counter of floats
            self._durations[step] += 1
            self._seconds_of[step] += seconds  # type: ignore[assignment]

    def write(self) -> None:
        """Add what was counted to the database; while that is away, keep it for the next time."""
        with self._lock:
            counts, seconds, durations, seconds_of = self._counts, self._seconds, self._durations, self._seconds_of
            self._counts, self._seconds, self._durations, self._seconds_of = Counter(), Counter(), Counter(), Counter()
        if not counts:
            return
        # In one order in every process, or two would wait for each other.
        rows = [(*key, count, seconds[key]) for key, count in sorted(counts.items())]
        steps = [(*key, count, seconds_of[key]) for key, count in sorted(durations.items())]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(_ADD, rows)
                cursor.executemany(_ADD_DURATION, steps)
        except Error as error:
            log.debug("requests_not_counted_yet", error=type(error).__name__)
            with self._lock:
                self._counts += counts
                self._seconds += seconds
                self._durations += durations
                self._seconds_of += seconds_of

    def keep_writing(self) -> Callable[[], None]:
        """Write every few seconds from now on, in a thread; return what writes once more and ends that."""
        stop = threading.Event()

        def write_and_wait() -> None:
            while not stop.wait(SECONDS_BETWEEN_WRITES):
                self._write_on_its_own()
            self._write_on_its_own()

        thread = threading.Thread(target=write_and_wait, name="requests-counted", daemon=True)
        thread.start()

        def finish() -> None:
            stop.set()
            thread.join(SECONDS_BETWEEN_WRITES)

        return finish

    def _write_on_its_own(self) -> None:
        close_old_connections()
        try:
            self.write()
        except Exception:
            log.exception("requests_not_counted")
        finally:
            close_old_connections()


REQUESTS: Final = RequestTally()
