"""A whole installation at work, for tests of many people at once and of Zoom going away."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.bookings.school import School, fill
from tests.simulator import Simulator, free_port
from tests.system import System, fresh_system

CROWD = 200


@dataclass(frozen=True, kw_only=True)
class Town:
    """Two server processes, a worker, a simulated Zoom, and the people who use them."""

    system: System
    simulator: Simulator
    urls: list[str]
    school: School

    def token(self, who: str) -> str:
        """Return the access token of the teacher or of the first student."""
        return self.school.teacher_token if who == "teacher" else self.school.student_tokens[0]

    def client(self, who: str) -> httpx.Client:
        """Return a client of the first server, signed in."""
        return httpx.Client(base_url=self.urls[0], headers={"Authorization": f"Bearer {self.token(who)}"}, timeout=30)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all tests, which meet on days of their own and leave no faults behind."""
    folder = tmp_path_factory.mktemp("town")
    with (
        Simulator(plan="unlimited", hosts=4) as simulator,
        # A host's hundred changes a day would be used up by a long run.
        fresh_system(simulator, folder, ZOOM_PLAN="unlimited") as system,
    ):
        school = fill(system, students=CROWD)
        second = free_port()
        system.start_web()
        system.begin("second web", "serve", "--port", str(second), "--threads", "4")
        system.start_worker()
        urls = [system.url, f"http://127.0.0.1:{second}"]
        system.wait_for_web(*urls)
        yield Town(system=system, simulator=simulator, urls=urls, school=school)
