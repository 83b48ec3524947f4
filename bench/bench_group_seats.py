"""
A hundred students and a hundred guests at one moment after one group lesson of ten seats, through two server processes:
exactly ten get one, the others are told what is nearest, nobody is told of an error. Prints the answers counted, the slowest,
and how long the same crowd waits for an answer that costs nothing: what the machine gives at that moment.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings.school import fill
from tests.simulator import Simulator, free_port
from tests.system import fresh_system

STUDENTS = 100
GUESTS = 100
SEATS = 10

OPEN = """
WITH kind AS (
    INSERT INTO bookings_lessonkind (id, address, name, description, minutes, currency, trial, seats, open_to, questions,
                                     meeting_settings, colour, chosen_by, is_active, place, created_at, updated_at)
    VALUES (gen_random_uuid(), 'group', 'Group', '', '{60}', '', false, %(seats)s, 'everybody', '[]', '{}', '',
            'least_booked', true, 0, now(), now())
    RETURNING id
), shown AS (
    INSERT INTO door_publicteacher (teacher_id, english, arabic, picture, indexable, is_public, address, languages)
    VALUES (%(teacher)s, '', '', '', false, true, 'tutor', '{}')
), school AS (
    INSERT INTO door_publicschool (id, english, arabic, picture, indexable, is_open, name, confirms_guests_by, shows_ratings,
                                   allowed_origins)
    VALUES (1, '', '', '', false, true, '', 'link', false, '{}')
)
INSERT INTO bookings_kindteacher (id, kind_id, teacher_id, priority)
SELECT gen_random_uuid(), id, %(teacher)s, 0 FROM kind RETURNING kind_id
"""

Asked = tuple[str, dict[str, str], dict[str, Any]]


def main() -> None:
    """Print what the crowd was answered, how long that took, and what is in the database; fail where that is wrong."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="unlimited", hosts=4) as simulator,
        # Guests come from a network each, as a proxy says: one network may not ask so often.
        fresh_system(simulator, Path(folder), ZOOM_PLAN="unlimited", CLASSBELL_TRUSTED_PROXIES="1") as system,
    ):
        school = fill(system, students=STUDENTS)
        with psycopg.connect(system.database_url, autocommit=True) as connection:
            about = {"seats": SEATS, "teacher": school.teacher_id}
            kind = str(connection.execute(OPEN, about).fetchall()[0][0])
        second = free_port()
        system.start_web()
        system.begin("second web", "serve", "--port", str(second), "--threads", "4")
        urls = [system.url, f"http://127.0.0.1:{second}"]
        system.wait_for_web(*urls)
        start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)

        asked = _asked(urls, kind, start, school.student_tokens)
        refused: list[Asked] = [
            (url, {"X-Forwarded-For": headers["X-Forwarded-For"]}, {}) for url, headers, _body in asked
        ]
        bare = max(seconds for _status, _answer, seconds in asyncio.run(_all_at_once(refused)))
        answers = asyncio.run(_all_at_once(asked))

        counted = Counter((status, answer.get("code")) for status, answer, _seconds in answers)
        slowest = max(seconds for _status, _answer, seconds in answers)
        booked = system.query("SELECT count(*), count(DISTINCT group_lesson_id) FROM bookings_booking")[0]
        print(
            f"{STUDENTS} students and {GUESTS} guests at once for {SEATS} seats: {dict(counted)}; slowest {slowest:.1f} s "
            f"({bare:.1f} s where each is refused at once); seats, lessons: {booked}"
        )
        taken = (400, "slot_unavailable")
        if counted != {(201, None): SEATS, taken: STUDENTS + GUESTS - SEATS} or tuple(booked) != (SEATS, 1):
            sys.exit("That is wrong.")


def _asked(urls: list[str], kind: str, start: datetime, tokens: list[str]) -> list[Asked]:
    """Return what each of the crowd asks, students and guests in turn, half of each of one server."""
    body: dict[str, Any] = {"kind": kind, "start_time": start.isoformat()}
    asked: list[Asked] = []
    for number in range(max(STUDENTS, GUESTS)):
        url = urls[number % len(urls)]
        network = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
        if number < STUDENTS:
            signed_in = network | {"Authorization": f"Bearer {tokens[number]}"}
            asked.append((f"{url}/api/bookings/bookings/", signed_in, body))
        if number < GUESTS:
            guest = {"name": f"Guest {number}", "email": f"guest-{number}@family.example", "timezone": "UTC"}
            asked.append((f"{url}/api/public/bookings", network, body | guest))
    return asked


async def _all_at_once(asked: list[Asked]) -> list[tuple[int, dict[str, Any], float]]:
    """POST everything together and return (status, answer, seconds) of each, in order."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(60)) as client:

        async def post(url: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, dict[str, Any], float]:
            started = time.perf_counter()
            async with client.post(url, json=body, headers=headers) as answer:
                said = await answer.json()
            return answer.status, said, time.perf_counter() - started

        return await asyncio.gather(*(post(*one) for one in asked))


if __name__ == "__main__":
    main()
