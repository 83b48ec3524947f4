"""
How long one statement may take, by what it is read for: a page, an answer of the API, a report, an export.

The server says so once (`config/front_door.py`); workers and commands are not bounded. What a thread reads for is known
where the request is, and its connection is told with the first statement that needs another bound than the one before, so
that nobody pays who reads on for the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Read(StrEnum):
    """What is read for. Whatever changes something has the bound that its connection was made with."""

    PAGE = "page"
    API = "api"
    REPORT = "report"
    EXPORT = "export"


_bounds: dict[Read, timedelta] = {}
_read: Final[ContextVar[Read | None]] = ContextVar("read", default=None)


def bound_reads(bounds: Mapping[Read, timedelta]) -> None:
    """Let statements in this process end after so long, by what they are read for; without any, none is told."""
    _bounds.clear()
    _bounds.update(bounds)


@contextmanager
def reading(read: Read | None) -> Iterator[None]:
    """Let what this thread asks of the database meanwhile be read for that."""
    token = _read.set(read)
    try:
        yield
    finally:
        _read.reset(token)


def is_bounded() -> bool:
    """Whether anything is bounded in this process."""
    return bool(_bounds)


def bound_now() -> timedelta | None:
    """Return how long the next statement of this thread may take, None for as long as its connection was told."""
    read = _read.get()
    return _bounds.get(read) if read is not None else None
