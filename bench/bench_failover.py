"""
How long nobody can book while the leader of the database dies: three PostgreSQL under Patroni on this machine, each commit
kept by two of them, a web server of two processes, a worker, students who book, a teacher who says yes, events from Zoom.

Whatever was acknowledged is journaled outside and looked for at the end. Needs `patroni[etcd3]` and `etcd` on the PATH.
"""

import os
import statistics
import tempfile
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- the environment of tests
from tests.failover import Asked, Failover, kill_the_leader, lost, stage
from tests.patroni import MISSING, PACE, WHY_NOT
from tests.system import difference

TIMES = int(os.environ.get("BENCH_FAILOVERS", "3"))


def main() -> None:
    """Print a table of the failovers, and what was lost."""
    if MISSING:
        print(f"left out: {WHY_NOT}")
        return
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as installed:
        with installed.people.at_work() as journal:
            failovers = [kill_the_leader(installed, journal) for _ in range(TIMES)]
        gone = lost(installed)
        _print(failovers)
        kept = f"{len(journal.booked)} bookings, {len(journal.confirmed)} confirmed, {len(journal.events)} events"
        print(f"acknowledged: {kept}; lost: {len(gone)} {gone[:5] or ''}")
        print(f"meetings at Zoom that differ: {difference(installed.system, installed.simulator) or 'none'}")


def _print(failovers: list[Failover]) -> None:
    print(f"Patroni: {PACE}; the leader's Patroni and PostgreSQL get SIGKILL")
    print("                              seconds until                      failed of asked, slowest answer")
    print("leader -> successor    booked  event in  job done     bookings            events              pages")
    for one in failovers:
        counts = "  ".join(_count(one.asked[kind]) for kind in ("booking", "event", "page"))
        seconds = f"{one.until['booking']:6.1f}    {one.until['event']:6.1f}    {one.until['job']:6.1f}"
        print(f"{one.leader} -> {one.successor}       {seconds}     {counts}")
    middle = statistics.median(one.until["booking"] for one in failovers)
    print(f"median until somebody can book again: {middle:.1f} s")


def _count(asked: list[Asked]) -> str:
    failed = sum(not one.is_done for one in asked)
    slowest = max((one.answered - one.sent for one in asked), default=0.0)
    return f"{failed:3} of {len(asked):3}, {slowest:4.1f} s"
