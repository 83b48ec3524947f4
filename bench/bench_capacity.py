"""
What things cost in processor time, memory and connections: what one core and one database do before there must be more.

Processor time hardly depends on what else the machine does, so it is told instead of rates: of the web process or the worker,
and of PostgreSQL's processes, for each request of a kind.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings.school import School, fill
from tests.simulator import STUCK_SECONDS, Simulator, wait_until
from tests.system import System, fresh_system

from classbell.zoom.webhooks import sign

TIMES: Final = int(os.environ.get("BENCH_TIMES", "100"))
TICKS: Final = os.sysconf("SC_CLK_TCK")
Ask = Callable[[int], httpx.Response]


def main() -> None:
    """Print the costs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="unlimited", hosts=4) as simulator,
        fresh_system(simulator, Path(folder)) as system,
    ):
        school = fill(system, students=1)
        system.start_web()
        system.wait_for_web()
        with httpx.Client(base_url=system.url, timeout=60) as visitor:
            costs = dict(_kinds(system, school, visitor))
            print(f"{'':34} {'program':>9} {'PostgreSQL':>11}   a core does, of both together")
            for kind, ask in costs.items():
                _print(kind, *_measured(system, "web", ask))
        waiting = system.query("SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL")[0][0]
        with _spent(system, "worker") as spent:
            system.start_worker()
            left = "SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL"
            wait_until(lambda: system.query(left) == [(0,)], seconds=STUCK_SECONDS)
        program, database = spent
        print(f"a worker starts and understands {waiting} events: {program:.1f} s and {database:.1f} s")
        _print_memory(system)


def _kinds(system: System, school: School, visitor: httpx.Client) -> Iterator[tuple[str, Ask]]:
    student, teacher = system.client(school.student_tokens[0]), system.client(school.teacher_token)
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    day = f"{first:%Y-%m-%d}"
    made: list[str] = []

    def book(number: int) -> httpx.Response:
        start = first + timedelta(hours=number)
        answer = student.post(
            "/bookings/bookings", json={"teacher_id": school.teacher_id, "start_time": start.isoformat()}
        )
        made.append(answer.json()["id"])
        teacher.post(f"/bookings/bookings/{made[-1]}/decline").raise_for_status()
        return answer

    yield "a page, signed out", lambda _number: visitor.get("/teachers/")
    yield "an answer of the API, by token", lambda _number: student.get("/bookings/bookings/my")
    yield (
        "free times of a day",
        lambda _number: visitor.get(f"/api/bookings/slots/available/?teacher_id={school.teacher_id}&date={day}"),
    )
    yield "a lesson asked for and declined", book
    yield "an event of Zoom's", lambda number: _told(visitor, number)


def _told(visitor: httpx.Client, number: int) -> httpx.Response:
    about = {"account_id": Simulator.account_id, "object": {"id": str(number), "uuid": f"{number}=="}}
    raw = json.dumps({"event": "meeting.started", "event_ts": int(time.time() * 1000), "payload": about}).encode()
    moment = str(int(time.time()))
    signature = sign(Simulator.webhook_secret, moment, raw)
    given = {"x-zm-request-timestamp": moment, "x-zm-signature": signature}
    return visitor.post("/api/zoom/webhook", content=raw, headers=given)


def _measured(system: System, name: str, ask: Ask) -> tuple[float, float]:
    """Return the seconds that one such request takes of the program's and of PostgreSQL's processors."""
    for number in range(-10, 0):
        ask(number).raise_for_status()
    with _spent(system, name) as spent:
        for number in range(TIMES):
            ask(number).raise_for_status()
    program, database = spent
    return program / TIMES, database / TIMES


@contextmanager
def _spent(system: System, name: str) -> Iterator[list[float]]:
    """Yield a list that holds afterwards what processor time the program and its sessions at the server took."""
    spent: list[float] = []
    before = _seconds(_family(system.processes[name].pid)) if name in system.processes else 0.0
    database = _seconds(_sessions(system))
    yield spent
    spent += [_seconds(_family(system.processes[name].pid)) - before, _seconds(_sessions(system)) - database]


def _print(kind: str, program: float, database: float) -> None:
    rate = 1 / (program + database)
    print(f"{kind:34} {program * 1000:6.1f} ms {database * 1000:8.1f} ms   {rate:6.0f} a second")


def _print_memory(system: System) -> None:
    sessions = _sessions(system)
    print(f"memory: web {_megabytes(_family(system.processes['web'].pid)):.0f} MB", end=", ")
    print(f"worker {_megabytes(_family(system.processes['worker'].pid)):.0f} MB", end=", ")
    print(f"a session at the server {_megabytes(sessions) / len(sessions):.1f} MB of its own; {len(sessions)} sessions")


def _sessions(system: System) -> list[int]:
    rows = system.query(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return [int(row[0]) for row in rows]


def _family(pid: int) -> list[int]:
    """Return a process and all that came of it. Linux only."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def _seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def _megabytes(pids: list[int]) -> float:
    """Return what these processes have in memory, shared parts shared among those who have them."""
    kilobytes = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024
