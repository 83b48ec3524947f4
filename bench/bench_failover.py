"""
How long nobody can book while the database gets another leader: three PostgreSQL under Patroni on this machine, each commit
kept by two of them, a web server of two processes, a worker, students who book, a teacher who says yes, events from Zoom.

The leader is killed, or stopped in the middle of what it does for longer than its lease and let go on, or hands over as
planned. Whatever was acknowledged is journaled outside and looked for at the end. Needs `patroni[etcd3]` and `etcd` on the
PATH.
"""

import os
import statistics
import tempfile
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- the environment of tests
from tests.at_work import Asked
from tests.failover import LOSSES, Failover, Loss, lose_the_leader, lost, stage
from tests.patroni import MISSING, PACE, WHY_NOT
from tests.system import difference

TIMES = int(os.environ.get("BENCH_FAILOVERS", "3"))


def main() -> None:
    """Print a table of the failovers, and what was lost."""
    if MISSING:
        print(f"left out: {WHY_NOT}")
        return
    print(f"Patroni: {PACE}")
    for name, loss in LOSSES.items():
        _measure(name, loss)


def _measure(name: str, loss: Loss) -> None:
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as installed:
        with installed.people.at_work() as journal:
            failovers = [lose_the_leader(installed, journal, loss) for _ in range(TIMES)]
            installed.cluster.wait_until_whole()
        gone = lost(installed)
        print(f"\nleader {name}")
        _print(failovers)
        kept = f"{len(journal.booked)} bookings, {len(journal.confirmed)} confirmed, {len(journal.events)} events"
        print(f"acknowledged: {kept}; lost: {len(gone)} {gone[:5] or ''}")
        print(
            f"meetings at Zoom that differ: {difference(installed.system, installed.simulator) or 'none'}", flush=True
        )


def _print(failovers: list[Failover]) -> None:
    print("                              seconds until      without writes        failed of asked, slowest answer")
    print(
        "leader -> successor    booked  event in  job done                bookings            events              pages"
    )
    for one in failovers:
        counts = "  ".join(_count(one.asked[kind]) for kind in ("booking", "event", "page"))
        figures = (one.until["booking"], one.until["event"], one.until["job"], one.without_writes)
        seconds = "    ".join(f"{figure:6.1f}" for figure in figures)
        print(f"{one.leader} -> {one.successor}       {seconds}     {counts}")
    middle = statistics.median(one.without_writes for one in failovers)
    print(f"median without writes: {middle:.1f} s")


def _count(asked: list[Asked]) -> str:
    failed = sum(not one.is_done for one in asked)
    slowest = max((one.answered - one.sent for one in asked), default=0.0)
    return f"{failed:3} of {len(asked):3}, {slowest:4.1f} s"
