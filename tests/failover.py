"""A cluster that gets another leader while people are at work, and what becomes of what they were promised."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.at_work import STUDENTS, Asked, Habits, Journal, People
from tests.bookings.school import fill
from tests.patroni import PACE, Cluster, Node, patroni_cluster
from tests.simulator import STUCK_SECONDS, Simulator, wait_until, wait_while_moving
from tests.system import System

HABITS: Final = Habits(bookings=0.5, events=0.25, pages=0.25, patience=httpx.Timeout(30.0), repeats=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failover:
    """
    One change of leaders: seconds from its begin until each kind of thing was done again, the longest time without a write
    that was acknowledged, and what was asked for meanwhile.
    """

    began_at: float
    leader: str
    successor: str
    until: dict[str, float]
    without_writes: float
    asked: dict[str, list[Asked]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """An installation on a cluster, and the people who use it."""

    cluster: Cluster
    system: System
    simulator: Simulator
    people: People


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Yield an installation of a web process and a worker on three nodes, with nobody at work yet."""
    with patroni_cluster() as cluster, Simulator(plan="unlimited", hosts=16) as simulator:
        # Which node leads is asked of one that may have stopped in the middle of an answer.
        system = System(f"{cluster.url()}?target_session_attrs=read-write&connect_timeout=3", simulator, folder)
        system.environment["DATABASE_URL"] = cluster.url()
        try:
            system.command("migrate")
            system.command("read-hosts")
            people = People({"web": system.url}, fill(system, students=STUDENTS), HABITS)
            system.begin("web", "serve", "--port", str(system.port), "--processes", "2", "--threads", "4")
            system.start_worker()
            system.wait_for_web()
            yield Stage(cluster=cluster, system=system, simulator=simulator, people=people)
        finally:
            system.kill_all()


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """How a leader stops leading, and comes back once another one has led for longer than its own lease lasted."""

    end: Callable[[Node], None]
    back: Callable[[Node], None]


LOSSES: Final = {
    "killed": Loss(end=Node.die, back=Node.start),
    "frozen": Loss(end=Node.freeze, back=Node.thaw),
    "handed over": Loss(end=Node.hand_over, back=lambda _node: None),
}


def lose_the_leader(stage: Stage, journal: Journal, loss: Loss) -> Failover:
    """Have a whole cluster change its leader, wait until everything goes on, and bring the old one back."""
    stage.cluster.wait_until_whole()
    before = len(journal.since(0, "booking"))
    wait_until(lambda: len(journal.since(0, "booking")) > before + 10, seconds=STUCK_SECONDS, what="some bookings")
    leader = stage.cluster.leader()
    assert leader is not None
    began_at = time.time()
    loss.end(leader)
    stage.system.disconnect()
    ended_at = time.time()
    wait_until(lambda: _done(journal, ended_at, "booking"), seconds=STUCK_SECONDS, what="a booking")
    wait_until(lambda: _done(journal, ended_at, "event"), seconds=STUCK_SECONDS, what="an event taken in")
    wait_until(lambda: _understood(stage.system, ended_at), seconds=STUCK_SECONDS, what="an event understood")
    understood_at = time.time()
    successor = stage.cluster.leader()
    asked = {kind: journal.since(began_at, kind) for kind in ("booking", "event", "page")}
    until = {
        kind: min(one.answered for one in asked[kind] if one.is_done and one.sent > ended_at) - began_at
        for kind in asked
    }
    gap = _longest_gap(journal, began_at, understood_at)
    wait_until(lambda: time.time() > began_at + PACE["ttl"] + PACE["loop_wait"], seconds=STUCK_SECONDS, what="the ttl")
    loss.back(leader)
    return Failover(
        began_at=began_at,
        leader=leader.name,
        successor=successor.name if successor else "",
        until=until | {"job": understood_at - began_at},
        without_writes=gap,
        asked=asked,
    )


def settle(system: System) -> None:
    """Wait until every meeting is at Zoom as it should be, all jobs are done and all events understood."""
    left = """
        SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR status = 'todo' AND scheduled_at IS NULL),
               (SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL)
    """
    wait_while_moving(
        lambda: system.unfinished() == 0 and system.query(left) == [(0, 0)],
        sign=lambda: (system.unfinished(), system.query(left)),
        what="the jobs to be done and the events to be understood",
    )


def lost(stage: Stage) -> list[str]:
    """Let what waits be done, and return what was acknowledged and is not there, or not done."""
    system, journal = stage.system, stage.people.journal
    settle(system)
    status = {str(key): state for key, state in system.query("SELECT id, status FROM bookings_booking")}
    processed = "SELECT body #>> '{payload,object,id}', processed_at FROM meetings_webhookevent"
    events = dict(system.query(processed))
    return [
        *(f"booking {key} is gone" for key in journal.booked if key not in status),
        *(f"booking {key} is {status[key]}" for key in journal.confirmed if status.get(key) != "CONFIRMED"),
        *(f"{key} is gone" for key in journal.events if key not in events),
        *(f"{key} was not understood" for key in journal.events if key in events and events[key] is None),
    ]


def _longest_gap(journal: Journal, began_at: float, ended_at: float) -> float:
    """Return the longest time between two writes that were acknowledged, of those that a moment lies in or after."""
    written = sorted(one.answered for one in list(journal.asked) if one.kind != "page" and one.is_done)
    gaps = [after - before for before, after in itertools.pairwise(written) if after > began_at and before < ended_at]
    return max(gaps, default=0.0)


def _done(journal: Journal, moment: float, kind: str) -> bool:
    return any(one.is_done for one in journal.since(moment, kind))


def _understood(system: System, moment: float) -> bool:
    """Whether a worker understood an event that came after a moment."""
    understood = (
        "SELECT 1 FROM meetings_webhookevent WHERE received_at > to_timestamp(%s) AND processed_at IS NOT NULL LIMIT 1"
    )
    return bool(system.query(understood, moment))
