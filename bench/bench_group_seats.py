"""
Two hundred students at one moment after one group lesson of ten seats, through two server processes: exactly ten get one, the
others are told what is nearest, nobody is told of an error. Prints the answers counted, and the slowest.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.bookings.school import fill
from tests.bookings.test_races import _all_at_once
from tests.simulator import Simulator, free_port
from tests.system import fresh_system

CROWD = 200
SEATS = 10


def main() -> None:
    """Print what the crowd was answered, how long that took, and what is in the database; fail where that is wrong."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="unlimited", hosts=4) as simulator,
        fresh_system(simulator, Path(folder), ZOOM_PLAN="unlimited") as system,
    ):
        school = fill(system, students=CROWD)
        kind = str(
            system.query(
                """
                WITH kind AS (
                    INSERT INTO bookings_lessonkind (id, address, name, description, minutes, currency, trial, seats, open_to,
                                                     questions, meeting_settings, colour, chosen_by, is_active, place,
                                                     created_at, updated_at)
                    VALUES (gen_random_uuid(), 'group', 'Group', '', '{60}', '', false, %s, 'signed_in', '[]', '{}', '',
                            'least_booked', true, 0, now(), now())
                    RETURNING id
                )
                INSERT INTO bookings_kindteacher (id, kind_id, teacher_id, priority)
                SELECT gen_random_uuid(), id, %s, 0 FROM kind RETURNING kind_id
                """,
                SEATS,
                school.teacher_id,
            )[0][0]
        )
        second = free_port()
        system.start_web()
        system.begin("second web", "serve", "--port", str(second), "--threads", "4")
        urls = [system.url, f"http://127.0.0.1:{second}"]
        system.wait_for_web(*urls)
        start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
        body = {"kind": kind, "start_time": start.isoformat()}
        servers = cycle(urls)
        path = "/api/bookings/bookings/"

        answers = asyncio.run(_all_at_once([(next(servers) + path, t, body) for t in school.student_tokens]))

        counted = Counter((status, answer.get("code")) for status, answer, _seconds in answers)
        slowest = max(seconds for _status, _answer, seconds in answers)
        booked = system.query("SELECT count(*), count(DISTINCT group_lesson_id) FROM bookings_booking")[0]
        print(f"{CROWD} at once for {SEATS} seats: {dict(counted)}; slowest {slowest:.1f} s; seats, lessons: {booked}")
        if counted != {(201, None): SEATS, (400, "slot_unavailable"): CROWD - SEATS} or tuple(booked) != (SEATS, 1):
            sys.exit("That is wrong.")


if __name__ == "__main__":
    main()
