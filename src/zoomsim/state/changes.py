"""Announcements of what just changed, for pages that show it live."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

BACKLOG = 1000
"""Announcements kept for a listener that does not read; older ones are lost to it."""


class Changes:
    """Everything that changes is announced here; a listener gets what happens while it listens."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def announce(self, kind: str, **about: Any) -> None:
        """Tell every listener: `kind` is `user`, `meeting`, `room`, `delivery`, `faults`, `clock` or `reset`."""
        for queue in self._listeners:
            if queue.full():
                with suppress(asyncio.QueueEmpty):
                    queue.get_nowait()
            queue.put_nowait({"kind": kind, **about})

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[dict[str, Any]]]:
        """Give a queue that fills with announcements until the block ends."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
