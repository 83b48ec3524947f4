"""
What something costs the processor, whoever else is running: seconds of it that a tree of processes took, the dead included.

On a machine with nothing else to do, cores / (seconds a request) is the rate that a load on all cores comes to; beside other
work the rate falls and this stays, but for what is lost to shared caches.
"""

import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Self

from django.db import connection

TICK = os.sysconf("SC_CLK_TCK")
# After the name, which may hold spaces: the parent, then user, system, and both of children that have ended.
PARENT, TIMES = 1, slice(11, 15)


def seconds_of(*roots: int) -> float:
    """Return the processor's seconds that these processes and all below them have taken so far."""
    stats = _stats()
    found = (pid for root in roots for pid in below(root, stats))
    return sum(int(ticks) for pid in set(found) for ticks in stats[pid][TIMES]) / TICK


def below(root: int, stats: dict[int, list[str]] | None = None) -> list[int]:
    """Return a process that runs and all below it."""
    stats = _stats() if stats is None else stats
    children = defaultdict(list)
    for pid, stat in stats.items():
        children[int(stat[PARENT])].append(pid)
    found = [root] if root in stats else []
    for pid in found:  # It grows meanwhile.
        found += children[pid]
    return found


def _stats() -> dict[int, list[str]]:
    stats = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # It has ended.
            continue
    return stats


def parent_of(pid: int) -> int:
    """Return the parent of a process: of a session of PostgreSQL, the server."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[PARENT])


def exact_seconds_of(pid: int) -> float:
    """
    Return the processor's seconds that one process has taken so far, by its own clock, which knows more than steps of 10 ms.

    The number of that clock is what clock_getcpuclockid(3) returns on Linux, which Python has for threads only.
    """
    return time.clock_gettime(~pid << 3 | 2)


class Spent:
    """What is spent in a `with` on the processor, by this process and its session of Django’s database, in `milliseconds`."""

    milliseconds = 0.0

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (session,) = cursor.fetchone()
        self._pids = (os.getpid(), session)
        self._before = self._seconds()
        return self

    def __exit__(self, *_error: object) -> None:
        self.milliseconds = (self._seconds() - self._before) * 1000

    def _seconds(self) -> float:
        return sum(map(exact_seconds_of, self._pids))
