"""The number of a request: the proxy's, or one of ours; in every line of the log about it, and in its answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

import structlog

HEADER: Final = "X-Request-ID"
ENVIRON: Final = "HTTP_X_REQUEST_ID"
# What proxies and tracing make. Anything else is left alone: it would stand in every line.
SANE: Final = re.compile(r"[A-Za-z0-9][\w.-]{7,63}", re.ASCII)


def request_id_of(given: str | None) -> str:
    """Return the number that came with a request, if it is one, else a new one."""
    return given if given and SANE.fullmatch(given) else uuid4().hex


@contextmanager
def logged_under(request_id: str) -> Iterator[None]:
    """Let every line that this thread logs meanwhile carry the number."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield
