"""
A thousand sessions of a course in one call over HTTP: planned without saving, then saved, then planned again when half of the
times are taken, then listed; with Zoom down, which must not matter.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system

SESSIONS = 1_000
A_DAY = 4
HOSTS = 10
MOST_SECONDS = 2.0
PASSWORD = "a-long-enough-password"

SCHOOL = f"""
from classbell.accounts.models import Role
from classbell.accounts.services import PersonInput, create_person
create_person(
    PersonInput(email="teacher@school.example", first_name="T", last_name="One", role=Role.TEACHER), password="{PASSWORD}"
)
"""


def main() -> None:
    """Print how long a batch of a thousand takes as a dry run and for good, and how long a page of it takes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(plan="business", hosts=HOSTS) as simulator,
        fresh_system(simulator, Path(folder), ZOOM_PLAN="business") as system,
    ):
        system.command("manage", "shell", "-c", SCHOOL)
        simulator.fault(path="/.*", kind="refuse")
        system.start_web()
        wait_until(lambda: _answers(system.url), seconds=60, what="the server")
        with httpx.Client(base_url=system.url, timeout=60) as client:
            _measure(client, system)


def _measure(client: httpx.Client, system: System) -> None:
    tokens = _timed(client, "POST", "/api/auth/token", {"email": "teacher@school.example", "password": PASSWORD})[1]
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    course = _timed(client, "POST", "/api/courses", {"title": "Recitation"})[1]["course"]
    path, body = f"/api/courses/{course['id']}/sessions", {"sessions": _sessions()}

    planned = [_timed(client, "POST", f"{path}/batch?dry_run=true", body)[0] for _ in range(3)]
    saved, answer = _timed(client, "POST", f"{path}/batch", body)
    clashing = {"sessions": _sessions(first=SESSIONS // 2)}
    half, plan = _timed(client, "POST", f"{path}/batch?dry_run=true", clashing)
    page, listed = _timed(client, "GET", f"{path}?limit=200")

    statuses = {session["zoom_status"] for session in answer["sessions"]}
    hosts = system.query(
        "SELECT count(DISTINCT seat.host_id) FROM meetings_meeting m JOIN meetings_hostseat seat ON seat.id = m.seat_id"
    )[0][0]
    print(f"{len(answer['sessions']):,} sessions, {statuses} while Zoom is down, on {hosts} of {HOSTS} hosts")
    print(
        f"dry run {', '.join(f'{seconds:.2f}' for seconds in planned)} s; saved in {saved:.2f} s; at most {MOST_SECONDS} s"
    )
    print(f"dry run with {len(plan['clashes'])} clashes {half:.2f} s")
    print(f"a page of {len(listed['sessions'])} with progress {listed['progress']} in {page:.2f} s")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=1).is_success
    except httpx.TransportError:
        return False


def _sessions(first: int = 0) -> list[dict[str, Any]]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    return [
        {
            "title": f"Lesson {number + 1}",
            "start_time": (midnight + timedelta(days=number // A_DAY, hours=8 + 2 * (number % A_DAY))).isoformat(),
            "duration": 60,
        }
        for number in range(first, first + SESSIONS)
    ]


def _timed(client: httpx.Client, method: str, path: str, body: Any = None) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    answer = client.request(method, path, json=body)
    took = time.perf_counter() - started
    return took, dict(answer.raise_for_status().json())
