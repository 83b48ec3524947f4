"""
Free slots over HTTP, against what the machine allows: 1 / (1/b + 1/h), with b the bare prepared statement a second and h the
server's own hello-world a second, all three in one run on the same cores.

Twenty teachers with a thousand bookings each; then one teacher with a thousand against one with a hundred thousand.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

from bench.load import Load, get, run_load
from bench.processor import parent_of, seconds_of
from bench.serving import CONNECTIONS, CORES, hello_server, listens
from classbell.bookings.slots import TEACHERS_OWN
from classbell.bookings.statements import SLOTS_STATEMENT
from classbell.database import numbered
from classbell.postgres.address import EVERY_SESSION

TEACHERS = 20
BOOKINGS = 1_000
MANY_BOOKINGS = 100_000
A_DAY = 6
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = 3

FILL = """
WITH teachers AS (
    INSERT INTO accounts_user (id, email, first_name, last_name, role, timezone, locale, avatar, zoom_user, password,
                               is_active, is_staff, is_superuser, created_at)
    SELECT gen_random_uuid(), 'tutor-' || %(label)s || n || '@school.example', 'Tutor', n::text, 'teacher',
           'Europe/Lisbon', 'en', '', '', '!', true, false, false, now()
    FROM generate_series(1, %(teachers)s) AS n RETURNING id
), hours AS (
    INSERT INTO bookings_availability (id, teacher_id, day_of_week, start_minute, end_minute, created_at)
    SELECT gen_random_uuid(), id, weekday, 480, 1200, now() FROM teachers, generate_series(0, 6) AS weekday
), taken AS (
    INSERT INTO meetings_claim (id, kind, resource_id, during, shared, held_by)
    SELECT gen_random_uuid(), 'teacher', id,
           tstzrange(start, start + interval '1 hour'), false, gen_random_uuid()
    FROM teachers, generate_series(0, %(bookings)s - 1) AS n
    CROSS JOIN LATERAL (
        SELECT date_trunc('day', now()) + interval '9 hours' + make_interval(
            days => (n / %(a_day)s - %(bookings)s / %(a_day)s + 100)::int, mins => (n %% %(a_day)s * 105)::int) AS start
    ) AS lesson
)
SELECT array_agg(id::text) FROM teachers
"""


def main() -> None:
    """Print rates, their limit and their ratio for a day and for 31 days; then how the rate falls with the data."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=1) as simulator,
        fresh_system(simulator, Path(folder)) as system,
    ):
        teachers = fill(system, "a", TEACHERS, BOOKINGS)
        one, many = fill(system, "b", 1, BOOKINGS), fill(system, "c", 1, MANY_BOOKINGS)
        system.query("SELECT count(*) FROM meetings_claim")
        system.execute("VACUUM ANALYZE")
        system.begin("web", "serve", "--port", str(system.port), "--processes", str(CORES), "--threads", "4")
        wait_until(lambda: listens(system.port), seconds=60, what="the server")
        with hello_server() as hello_port:
            ask_served(system.port, teachers, 1)  # Each thread makes its connection and its plan.
            for days in (1, 31):
                _compare(system, teachers, days, hello_port)
        few_rate, many_rate = ask_served(system.port, one, 1).per_second, ask_served(system.port, many, 1).per_second
        print(
            f"one teacher: {BOOKINGS:,} bookings {few_rate:,.0f}/s, {MANY_BOOKINGS:,} bookings {many_rate:,.0f}/s; "
            f"factor {few_rate / many_rate:.2f}"
        )


def fill(system: System, label: str, teachers: int, bookings: int) -> list[str]:
    parameters = {"label": label, "teachers": teachers, "bookings": bookings, "a_day": A_DAY}
    with psycopg.connect(system.database_url, autocommit=True) as connection:
        return list(connection.execute(FILL, parameters).fetchall()[0][0])


def _compare(system: System, teachers: Sequence[str], days: int, hello_port: int) -> None:
    """
    Measure the three in turn, several times, and print the best of each: whoever shares the machine takes from all. Then what
    one of each costs the processor, all sides together, which says the same of a machine with nothing else to do.
    """
    hello = [get("/api/hello", hello_port)]
    everybody = (os.getpid(), database_server(system))
    bare, greeted, served = Best(everybody), Best(everybody), Best(everybody)
    for _round in range(ROUNDS):
        bare.take(lambda: ask_bare(system.database_url, teachers, days))
        greeted.take(lambda: run_load(hello_port, hello, connections=CONNECTIONS, seconds=SECONDS))
        served.take(lambda: ask_served(system.port, teachers, days))
    limit, cost = 1 / (1 / bare.rate + 1 / greeted.rate), bare.cost + greeted.cost
    print(
        f"{days} day(s): statement {bare.rate:,.0f}/s, hello {greeted.rate:,.0f}/s, limit {limit:,.0f}/s; slots "
        f"{served.rate:,.0f}/s, p99 {served.slowest:.1f} ms, {served.failures} failures; ratio {served.rate / limit:.2f}; "
        f"by processor time {bare.cost:.2f} + {greeted.cost:.2f} of {served.cost:.2f} ms: {cost / served.cost:.2f}"
    )


@dataclass(slots=True)
class Best:
    """The best of several loads: answers a second, milliseconds that 99 in 100 stayed under, and of the processor each."""

    everybody: tuple[int, ...]
    rate: float = 0
    slowest: float = float("inf")
    cost: float = float("inf")
    failures: int = 0

    def take(self, measure: Callable[[], Load]) -> None:
        """Measure once more."""
        before = seconds_of(*self.everybody)
        load = measure()
        self.cost = min(self.cost, (seconds_of(*self.everybody) - before) / len(load.times) * 1000)
        self.rate = max(self.rate, load.per_second)
        self.slowest = min(self.slowest, load.percentile(99))
        self.failures += load.failures


def database_server(system: System) -> int:
    """Return the process of the database server."""
    with psycopg.connect(system.database_url) as connection:
        return parent_of(connection.info.backend_pid)


def ask_served(port: int, teachers: Sequence[str], days: int) -> Load:
    span = "" if days == 1 else f"&days={days}"
    requests = [
        get(f"/api/bookings/slots/available/?teacher_id={teacher}&date={day}&duration=60{span}", port)
        for teacher in teachers
        for day in days_ahead()
    ]
    random.shuffle(requests)
    return run_load(port, requests, connections=CONNECTIONS, seconds=SECONDS)


def ask_bare(database_url: str, teachers: Sequence[str], days: int) -> Load:
    """Ask the statement alone, by a process and a connection a core."""
    with ProcessPoolExecutor(CORES) as pool:
        asking = [pool.submit(_ask_database, database_url, teachers, days) for _core in range(CORES)]
        return Load(seconds=SECONDS, times=[one for times in asking for one in times.result()])


def _ask_database(database_url: str, teachers: Sequence[str], days: int) -> list[float]:
    dates, times, now = days_ahead(), list[float](), datetime.now(UTC)
    statement, names = numbered(SLOTS_STATEMENT)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for setting, value in EVERY_SESSION.items():
            connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        cursor = psycopg.RawCursor(connection)
        started = time.perf_counter()
        while (asked := time.perf_counter()) < started + SECONDS:
            parameters: dict[str, Any] = {
                "teacher_id": teachers[len(times) % len(teachers)],
                "timezone": None,
                "first": dates[len(times) % len(dates)],
                "days": days,
                "minutes": 60,
                "now": now,
                "own_claims": [],
                "school_zone": "UTC",
                **TEACHERS_OWN,
            }
            cursor.execute(statement, [parameters[name] for name in names], prepare=True, binary=True).fetchall()
            times.append(time.perf_counter() - asked)
    return times


def days_ahead() -> list[date]:
    first = datetime.now(UTC).date() + timedelta(days=2)
    return [first + timedelta(days=number) for number in range(40)]
