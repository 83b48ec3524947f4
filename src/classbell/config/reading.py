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
from psycopg.pq import TransactionStatus

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
        self._connections: list[Any] = []

    @contextmanager
    def by_this_thread(self) -> Iterator[None]:
        """Let what this thread asks of the database meanwhile be what is stopped."""
        with self._lock:
            # This thread's own; the replica's as well, which takes the place of the other for some reads.
            self._connections = [connections[alias] for alias in connections.settings]
        try:
            yield
        finally:
            with self._lock:
                self._connections = []

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
            await asyncio.to_thread(self.cancel)
            await asyncio.wait({answering}, timeout=SECONDS_BETWEEN)

    def cancel(self) -> None:
        """Stop the statement that runs for this request, if one does, at whichever database."""
        with self._lock:
            for one in self._connections:
                session = one.connection
                if session is not None and session.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    with suppress(psycopg.Error):
                        session.cancel_safe(timeout=SECONDS_TO_CANCEL)
