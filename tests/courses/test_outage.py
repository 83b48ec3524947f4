"""A batch while Zoom is down: everything is saved and waits, and is on Zoom soon after it is back."""

from pathlib import Path

import httpx
import pytest

from tests.bookings.school import fill
from tests.courses.teaching import lessons
from tests.simulator import Simulator, wait_until
from tests.system import System, difference, fresh_system

SESSIONS = 24


@pytest.mark.chaos
def test_batch_made_during_an_outage_is_on_zoom_afterwards(tmp_path: Path) -> None:
    with Simulator(plan="pro", hosts=2) as simulator, fresh_system(simulator, tmp_path, ZOOM_PLAN="pro") as system:
        teacher = _teacher(system)
        system.start_worker()
        simulator.fault(path="/.*", kind="refuse")
        course = teacher.post("/courses", json={"title": "Recitation"}).raise_for_status().json()["course"]
        path = f"/courses/{course['id']}/sessions"

        made = teacher.post(f"{path}/batch", json={"sessions": lessons(SESSIONS)})
        during = teacher.get(path).json()["progress"]
        simulator.clear_faults()
        wait_until(lambda: system.unfinished() == 0, seconds=90, what="every session to be on Zoom")
        after = teacher.get(path).json()

        assert made.status_code == 201
        assert {session["zoom_status"] for session in made.json()["sessions"]} == {"pending"}
        assert during == {"synced": 0, "pending": SESSIONS, "failed": 0, "not_configured": 0}
        assert after["progress"] == {"synced": SESSIONS, "pending": 0, "failed": 0, "not_configured": 0}
        assert all(session["join_url"] and session["password"] for session in after["sessions"])
        assert difference(system, simulator) == []
        assert simulator.counters()["throttled"] == 0


def _teacher(system: System) -> httpx.Client:
    """Start the web process and return a client of its API, signed in."""
    school = fill(system, students=1)
    system.start_web()
    system.wait_for_web()
    return system.client(school.teacher_token)
