"""
Requests that only read, and whose sender leaves before they are answered: what the database still does for them is stopped.

A thread that waits for the database cannot look up. The event loop sees the connection close and tells PostgreSQL, from
another thread, to cancel the statement; the waiting thread then ends with an error that nobody is told. Requests that change
something are finished: whoever has left wanted the change none the less.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final

import psycopg
import structlog
from django.db import connections

log = structlog.get_logger(__name__)

# Most requests are answered before anybody looks whether their sender is still there.
SECONDS_UNWATCHED: Final = 0.5
# Between two statements there is nothing to cancel: the next one is caught the next time.
SECONDS_BETWEEN: Final = 0.5
SECONDS_TO_CANCEL: Final = 2.0


class Reading:
    """One request while it is answered, and how it is stopped."""

    def __init__(self) -> None:
        self.is_left = False
        # Held while a statement is cancelled: the thread must not go on to another request meanwhile, whose it would be.
        self._lock = Lock()
        self._connection: Any = None

    @contextmanager
    def by_this_thread(self) -> Iterator[None]:
        """Let what this thread asks of the database meanwhile be what is stopped."""
        with self._lock:
            self._connection = connections["default"]  # this thread's own
        try:
            yield
        finally:
            with self._lock:
                self._connection = None

    async def stop_if_left(self, answering: "asyncio.Future[None]", protocol: Any) -> None:
        """Return when the request is answered, or when its sender has left and it has ended for that."""
        await asyncio.wait({answering}, timeout=SECONDS_UNWATCHED)
        if answering.done():
            return
        leaving = asyncio.ensure_future(protocol.client_disconnect())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        if answering.done():
            return
        self.is_left = True
        log.info("reader_left")
        while not answering.done():
            await asyncio.to_thread(self._cancel)
            await asyncio.wait({answering}, timeout=SECONDS_BETWEEN)

    def _cancel(self) -> None:
        with self._lock, suppress(psycopg.Error):
            if self._connection is not None and self._connection.connection is not None:
                self._connection.connection.cancel_safe(timeout=SECONDS_TO_CANCEL)
