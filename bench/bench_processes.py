"""
Several processes: what 1, 2 and 4 web processes, with as many workers, answer a second, what memory each takes, and how many
connections they hold. `BENCH_PROCESSES` names other numbers; `BENCH_MINUTES` is how long each is kept busy; whether memory
grows meanwhile is told by what it was on the way.
"""

import itertools
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings import school
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

from bench.bench_slots import ask_served, fill
from bench.bench_webhooks import SECRET, send
from bench.load import get, run_load
from bench.processor import below
from bench.serving import CONNECTIONS, CORES, listens

SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "3"))
MINUTES: Final = float(os.environ.get("BENCH_MINUTES", "1"))
NUMBERS: Final = tuple(int(number) for number in os.environ.get("BENCH_PROCESSES", "1 2 4").split())
MOMENTS: Final = 5
THREADS: Final = 4
STUDENTS: Final = 40
MOST_MEGABYTES: Final = 200


def main() -> None:
    """Print a line for each number of processes."""
    print(f"{CORES} cores; {THREADS} threads a web process; busy for {MINUTES:g} minutes each")
    for number in NUMBERS:
        with (
            tempfile.TemporaryDirectory() as folder,
            Simulator(hosts=20, plan="unlimited") as simulator,
            fresh_system(simulator, Path(folder), ZOOM_WEBHOOK_SECRET=SECRET) as system,
        ):
            _measure(system, number)


def _measure(system: System, number: int) -> None:
    people, teachers = school.fill(system, students=STUDENTS), fill(system, "many", 5, 1_000)
    command = ["--port", str(system.port), "--processes", str(number), "--threads", str(THREADS)]
    web = system.begin("web", "serve", *command)
    wait_until(lambda: listens(system.port), seconds=60, what="the server")
    for worker in range(number):
        system.start_worker(f"worker-{worker}")
    hours, numbers = itertools.count(), itertools.count()
    page, rates = [get("/accounts/login/", system.port)], dict[str, float]()
    workers = [system.processes[f"worker-{one}"].pid for one in range(number)]
    next_at, began = 0.0, time.monotonic()
    print(
        f"{number} web, {number} workers; MB of each (limit {MOST_MEGABYTES}; the first web process starts the others)"
    )
    while not rates or time.monotonic() < began + MINUTES * 60:
        again = {
            "slots": ask_served(system.port, teachers, 1).per_second,
            "pages": run_load(system.port, page, connections=CONNECTIONS, seconds=SECONDS).per_second,
            "webhooks": send(system.port, list(itertools.islice(numbers, int(SECONDS * 3_000)))).per_second,
            "bookings": _book(system, people, hours),
        }
        rates = {name: max(rate, rates.get(name, 0)) for name, rate in again.items()}
        minutes = (time.monotonic() - began) / 60
        if minutes >= next_at:
            # Looked for each time: when the first listens, the last may not be there yet.
            print(
                f"  after {minutes:.1f} minutes: web {_megabytes(below(web.pid))}, worker {_megabytes(workers)}",
                flush=True,
            )
            next_at = minutes + MINUTES / MOMENTS
    connections = system.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )[0][0]
    said = ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rates.items())
    print(f"  {said}; {connections} connections", flush=True)


def _book(system: System, people: school.School, hours: Iterator[int]) -> float:
    """Let students book an hour each, and return how many were booked in a second."""
    first = a_day_ahead(days=3, hour=0)

    def book(token: str) -> bool:
        starts_at = first + timedelta(hours=next(hours))
        body = {"teacher_id": people.teacher_id, "start_time": starts_at.isoformat()}
        with httpx.Client(timeout=60, headers={"Authorization": f"Bearer {token}"}) as http:
            return http.post(f"{system.url}/api/bookings/bookings", json=body).is_success

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        booked = sum(pool.map(book, people.student_tokens))
    return booked / (time.perf_counter() - started)


def _megabytes(pids: Sequence[int]) -> list[int]:
    """Return the memory of each process, what it shares with others divided among them."""
    each = [Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() for pid in pids]
    return [next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024 for lines in each]
