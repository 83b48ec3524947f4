"""
Free times of a kind of lesson with any of fifty teachers, on 31 days: what the public operation answers in a second, beside
the bare statement and an empty answer of the same server.
"""

import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator
from tests.system import System, fresh_system

from bench.bench_slots import SECONDS, fill
from bench.load import get, run_load
from bench.serving import CONNECTIONS, CORES
from classbell.bookings.statements import ANY_TEACHER_STATEMENT

TEACHERS = 50
BOOKINGS = 100
DAYS = 31

OPEN = """
WITH kind AS (
    INSERT INTO bookings_lessonkind (id, address, name, description, minutes, currency, trial, seats, open_to, questions,
                                     meeting_settings, colour, chosen_by, is_active, place, created_at, updated_at)
    VALUES (gen_random_uuid(), 'trial', 'Trial', '', '{60}', '', false, 1, 'everybody', '[]', '{}', '', 'least_booked', true,
            0, now(), now())
    RETURNING id
), shown AS (
    INSERT INTO door_publicteacher (teacher_id, english, arabic, picture, indexable, is_public, address, languages)
    SELECT id, '', '', '', false, true, 'teacher-' || number, '{}'
    FROM unnest(%(teachers)s::uuid[]) WITH ORDINALITY AS teacher (id, number)
), school AS (
    INSERT INTO door_publicschool (id, english, arabic, picture, indexable, is_open, name, confirms_guests_by, shows_ratings,
                                   allowed_origins)
    VALUES (1, '', '', '', false, true, '', 'link', false, '{}')
)
INSERT INTO bookings_kindteacher (id, kind_id, teacher_id, priority)
SELECT gen_random_uuid(), kind.id, teacher.id, 0 FROM kind, unnest(%(teachers)s::uuid[]) AS teacher (id) RETURNING kind_id
"""


def main() -> None:
    """Print the rates and their ratio."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=1) as simulator,
        fresh_system(simulator, Path(folder)) as system,
    ):
        teachers = fill(system, "a", TEACHERS, BOOKINGS * TEACHERS)
        with psycopg.connect(system.database_url, autocommit=True) as connection:
            kind = str(connection.execute(OPEN, {"teachers": teachers}).fetchall()[0][0])
        system.execute("VACUUM ANALYZE")
        bare = _bare(system.database_url, kind, teachers)
        system.begin("web", "serve", "--port", str(system.port), "--processes", str(CORES), "--threads", "4")
        system.wait_for_web(system.url)
        served = _served(system)
        print(
            f"{TEACHERS} teachers, {DAYS} days: statement {1000 * bare:.1f} ms alone; "
            f"operation {served.per_second:,.1f}/s, p50 {served.percentile(50):.1f} ms, {served.failures} failures; "
            f"{CORES} cores of bare statements would be {CORES / bare:,.1f}/s, ratio {served.per_second * bare / CORES:.2f}"
        )


def _bare(database_url: str, kind: str, teachers: Sequence[str]) -> float:
    """Return how many seconds the statement takes alone, prepared, on one connection."""
    now = datetime.now(UTC)
    parameters: dict[str, Any] = {
        "teacher_ids": teachers,
        "kind_id": kind,
        "seats": 1,
        "timezone": "UTC",
        "first": now.date() + timedelta(days=1),
        "days": DAYS,
        "minutes": 60,
        "now": now,
        "own_claims": [],
        "school_zone": "UTC",
        "buffer": None,
        "notice": None,
    }
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        cursor.execute(ANY_TEACHER_STATEMENT, parameters, prepare=True).fetchall()
        times, started = 0, time.perf_counter()
        while time.perf_counter() < started + SECONDS:
            cursor.execute(ANY_TEACHER_STATEMENT, parameters, prepare=True).fetchall()
            times += 1
        return (time.perf_counter() - started) / times


def _served(system: System) -> Any:
    first = datetime.now(UTC).date() + timedelta(days=1)
    days = [first + timedelta(days=number) for number in range(20)]
    requests = [
        get(f"/api/public/slots?kind=trial&date={day}&days={DAYS}&timezone=Europe/Berlin", system.port) for day in days
    ]
    random.shuffle(requests)
    run_load(system.port, requests, connections=CONNECTIONS, seconds=1)
    return run_load(system.port, requests, connections=CONNECTIONS, seconds=SECONDS)


if __name__ == "__main__":
    main()
