"""
Read by every Python that runs at another date, before anything else.

libfaketime 0.9.10, told to leave the monotonic clock alone, breaks the system call that `time.sleep` makes since Python 3.11
(its issue 426). Waiting for nothing by `select` takes as long.
"""

import select
import time


def _sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep  # type: ignore[assignment]
