"""
Who has asked how often, in the memory of this process: a bucket each that holds so many requests and fills up evenly.

Of a bucket one number is kept, the moment at which it will be full again (GCRA). So nothing has to be filled in the
background, and a full bucket is as good as none: it can be forgotten.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

SECOND: Final = 1_000_000_000
# A few megabytes. Beyond it, whoever began first is forgotten first.
MOST_BUCKETS: Final = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """`requests` in `seconds`: so many at once, and as many again in each such time after."""

    requests: int
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """
    What is left of a limit after a request. The bucket is full again in `full_in` seconds; a refused request may come again
    in `again_in`, which is 0 for one that was admitted.
    """

    limit: Limit
    left: int
    full_in: int
    again_in: int

    @property
    def is_refused(self) -> bool:
        """Whether the request is one too many."""
        return self.again_in > 0


class Buckets:
    """Buckets by who asks. Safe to use from several threads; `clock` tells nanoseconds and never goes back."""

    def __init__(self, *, clock: Callable[[], int] = time.monotonic_ns, most: int = MOST_BUCKETS) -> None:
        self._clock = clock
        self._most = most
        self._full_at: dict[str, int] = {}
        self._lock = Lock()

    def take(self, who: str, limit: Limit) -> Allowance:
        """Take one request out of somebody's bucket, or say when there will be one. What is refused costs nothing."""
        capacity = limit.seconds * SECOND
        each = capacity // limit.requests
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(who, now), now) + each
            too_much = full_at - now - capacity
            if too_much > 0:
                full_at -= each
            elif who in self._full_at:
                self._full_at[who] = full_at
            else:
                self._add(who, full_at, now)
        return Allowance(
            limit=limit,
            left=max(0, (capacity - (full_at - now)) // each),
            full_in=_seconds(full_at - now),
            again_in=_seconds(too_much) if too_much > 0 else 0,
        )

    def clear(self) -> None:
        """Forget who has asked."""
        with self._lock:
            self._full_at.clear()

    def __len__(self) -> int:
        return len(self._full_at)

    def _add(self, who: str, full_at: int, now: int) -> None:
        if len(self._full_at) >= self._most:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
            for one in list(self._full_at)[: len(self._full_at) - self._most * 3 // 4]:
                del self._full_at[one]
        self._full_at[who] = full_at


def _seconds(nanoseconds: int) -> int:
    """Return whole seconds, rounded up."""
    return -(-nanoseconds // SECOND)
