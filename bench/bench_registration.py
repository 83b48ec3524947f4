"""
Registering 500 students of a class at Zoom under the Pro plan's limits: in batches (a single meeting), one by one (a series),
and, against the same simulator, as a plain loop does it: ten at once, then a tenth of a second's pause, no limiter.
"""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

STUDENTS = 500
LIGHT_A_SECOND = 30
HEAVY_A_SECOND = 10
BATCH = 30

SCHOOL = """
from datetime import UTC, datetime, timedelta
from classbell.accounts.models import Role
from classbell.accounts.services import PersonInput, ensure_people
from classbell.accounts.models import User
from classbell.groups.models import GroupKind
from classbell.groups.services import create_group, enrol_students
from classbell.meetings.services import MeetingSpec, want_meeting
teacher = User.objects.create_user("teacher@school.example", role=Role.TEACHER)
ensure_people([
    PersonInput(email=f"student-{n}@school.example", first_name="Student", last_name=str(n), role=Role.STUDENT)
    for n in range(%(students)s)
])
group = create_group(kind=GroupKind.CLASS, name="Algebra", teachers=[teacher])
enrol_students(group_id=group.pk, students=list(User.objects.filter(role=Role.STUDENT)))
want_meeting(
    MeetingSpec(teacher=teacher, group=group, title="Algebra", starts_at=datetime.now(UTC) + timedelta(days=2),
                duration_minutes=60, timezone="UTC", rule="%(rule)s", registration=True),
    now=datetime.now(UTC),
)
"""


def main() -> None:
    """Print the time of each way next to the least that the limits allow, and the answers of 429."""
    for name, rule, calls, rate in (
        ("batches, single meeting", "", -(-STUDENTS // BATCH), HEAVY_A_SECOND),
        ("one by one, series", "FREQ=WEEKLY;COUNT=10", STUDENTS, LIGHT_A_SECOND),
    ):
        with (
            tempfile.TemporaryDirectory() as folder,
            Simulator(plan="pro", hosts=2) as simulator,
            fresh_system(simulator, Path(folder), ZOOM_PLAN="pro") as system,
        ):
            _measure(system, simulator, name, rule, calls / rate)
    with Simulator(plan="pro", hosts=2) as simulator:
        _plain_loop(simulator)


def _measure(system: System, simulator: Simulator, name: str, rule: str, limit: float) -> None:
    system.command("manage", "shell", "-c", SCHOOL % {"students": STUDENTS, "rule": rule})
    system.start_worker(concurrency=8)
    wait_until(lambda: _adds(simulator) > 0, seconds=60, what="the first registration")
    started = time.monotonic()
    wait_until(lambda: _registered(system) == STUDENTS, seconds=300, what="everybody registered")
    took = time.monotonic() - started
    throttled = simulator.state()["counters"]["throttled"]
    print(f"{name}: {STUDENTS} in {took:.1f} s; limit {limit:.1f} s; ratio {took / limit:.2f}; 429s {throttled}")


def _registered(system: System) -> int:
    return int(system.query("SELECT count(*) FROM meetings_registrant WHERE status = 'approved'")[0][0])


def _adds(simulator: Simulator) -> int:
    by_endpoint = simulator.state()["counters"]["by_endpoint"]
    return sum(
        by_endpoint.get(f"POST /meetings/{{meetingId}}/{end}", 0) for end in ("registrants", "batch_registrants")
    )


def _plain_loop(simulator: Simulator) -> None:
    with httpx.Client(base_url=simulator.api_url, timeout=30) as http:
        http.headers["Authorization"] = f"Bearer {simulator.access_token()}"
        body = {"topic": "Algebra", "type": 2, "start_time": "2030-01-01T09:00:00Z", "settings": {"approval_type": 0}}
        meeting = http.post("/users/me/meetings", json=body).json()["id"]

        def add(number: int) -> int:
            person = {"email": f"student-{number}@school.example", "first_name": "Student"}
            return http.post(f"/meetings/{meeting}/registrants", json=person).status_code

        started, refused = time.monotonic(), 0
        with ThreadPoolExecutor(10) as pool:
            for first in range(0, STUDENTS, 10):
                refused += sum(status == 429 for status in pool.map(add, range(first, first + 10)))
                time.sleep(0.1)
        took = time.monotonic() - started
    print(f"ten, then 100 ms: {STUDENTS - refused} of {STUDENTS} in {took:.1f} s; {refused} lost to 429")
