"""People at work while their database gets another leader: what they were promised is journaled, and looked for later."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from classbell.zoom.webhooks import sign
from tests.bookings.school import School, fill
from tests.patroni import PACE, Cluster, Node, patroni_cluster
from tests.simulator import STUCK_SECONDS, Simulator, wait_until, wait_while_moving
from tests.system import System

STUDENTS: Final = 4
SECONDS_BETWEEN_BOOKINGS: Final = 0.5
SECONDS_BETWEEN_EVENTS: Final = 0.25
SECONDS_BETWEEN_PAGES: Final = 0.25
SECONDS_TO_GIVE_UP: Final = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request: what for, when it was sent and answered (seconds of this machine's clock) and how; 0: not at all."""

    kind: str
    sent: float
    answered: float
    status: int

    @property
    def is_done(self) -> bool:
        """Whether it was answered with what was asked for."""
        return 200 <= self.status < 300


@dataclass
class Journal:
    """What was asked, and what was acknowledged: the ids of bookings made and confirmed, and of Zoom's events taken in."""

    asked: list[Asked] = field(default_factory=list)
    booked: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def since(self, moment: float, kind: str) -> list[Asked]:
        """Return the requests of a kind that were sent after a moment."""
        return [one for one in list(self.asked) if one.kind == kind and one.sent > moment]


class People:
    """Students book, their teacher says yes, Zoom sends events, somebody reads: all the time, each in a thread."""

    def __init__(self, system: System, school: School) -> None:
        self.journal = Journal()
        self._system, self._school = system, school
        self._lessons, self._events = itertools.count(), itertools.count()
        self._over = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[Journal]:
        """Let them work meanwhile."""
        with ThreadPoolExecutor(STUDENTS + 2) as threads:
            jobs = [threads.submit(self._book, token) for token in self._school.student_tokens[:STUDENTS]]
            jobs += [threads.submit(self._tell), threads.submit(self._read)]
            try:
                yield self.journal
            finally:
                self._over.set()
                for job in jobs:
                    job.result()

    def _book(self, token: str) -> None:
        student = self._system.client(token, seconds=SECONDS_TO_GIVE_UP)
        teacher = self._system.client(self._school.teacher_token, seconds=SECONDS_TO_GIVE_UP)
        while not self._over.wait(SECONDS_BETWEEN_BOOKINGS):
            number = next(self._lessons)
            start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2, hours=number)
            body = {"teacher_id": self._school.teacher_id, "start_time": start.isoformat(), "despite_overlap": True}
            made = self._ask("booking", lambda body=body: student.post("/bookings/bookings", json=body))  # type: ignore[misc]
            if made is None:
                continue
            self.journal.booked.append(made["id"])
            path = f"/bookings/bookings/{made['id']}/confirm"
            if self._ask("booking", lambda path=path: teacher.post(path)) is not None:  # type: ignore[misc]
                self.journal.confirmed.append(made["id"])

    def _tell(self) -> None:
        zoom = httpx.Client(base_url=self._system.url, timeout=SECONDS_TO_GIVE_UP)
        while not self._over.wait(SECONDS_BETWEEN_EVENTS):
            name = f"event-{next(self._events)}"
            about = {"account_id": Simulator.account_id, "object": {"id": name}}
            told = {"event": "meeting.alert", "event_ts": int(time.time() * 1000), "payload": about}
            if self._ask("event", lambda told=told: send_event(zoom, told)) is not None:  # type: ignore[misc]
                self.journal.events.append(name)

    def _read(self) -> None:
        visitor = httpx.Client(base_url=self._system.url, timeout=SECONDS_TO_GIVE_UP)
        while not self._over.wait(SECONDS_BETWEEN_PAGES):
            self._ask("page", lambda: visitor.get("/api/bookings/teachers"))

    def _ask(self, kind: str, request: Callable[[], httpx.Response]) -> dict[str, Any] | None:
        """Return what was answered, None when it was not what was asked for."""
        sent = time.time()
        try:
            answer = request()
        except httpx.HTTPError:
            answer = httpx.Response(0)
        asked = Asked(kind=kind, sent=sent, answered=time.time(), status=answer.status_code)
        self.journal.asked.append(asked)
        return dict(answer.json()) if asked.is_done else None


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
            people = People(system, fill(system, students=STUDENTS))
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


def send_event(zoom: httpx.Client, told: dict[str, Any]) -> httpx.Response:
    """Send one event as Zoom does, signed."""
    raw, moment = json.dumps(told).encode(), str(int(time.time()))
    signature = sign(Simulator.webhook_secret, moment, raw)
    headers = {"x-zm-request-timestamp": moment, "x-zm-signature": signature}
    return zoom.post("/api/zoom/webhook", content=raw, headers=headers)


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
