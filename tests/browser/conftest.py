"""One demo and one Chromium for all browser tests: the real server, worker, database and simulator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, PASSWORD, find_chromium
from tests.browser.visit import Look, Visit
from tests.demo.running import FirstRun, running_demo

PICTURES = Path(__file__).resolve().parent.parent.parent / "screenshots"
WITHOUT_CHROMIUM = "No Chromium on this machine: install Debian's chromium, or name yours with CHROMIUM=/path/to/it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A running demo: the addresses of Classbell and of the simulated Zoom."""

    url: str
    sim: str

    def api(self, email: str) -> httpx.Client:
        """Return a client of the API that acts for somebody."""
        credentials = {"email": email, "password": PASSWORD}
        answer = httpx.post(f"{self.url}/api/auth/token", json=credentials, timeout=20).raise_for_status()
        token = answer.json()["access_token"]
        return httpx.Client(base_url=self.url, timeout=20, headers={"Authorization": f"Bearer {token}"})


# Not for the session: Playwright's loop would make Django refuse its database to whatever test comes next.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium, without windows."""
    path = find_chromium()
    if path is None:
        pytest.skip(WITHOUT_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(chromium: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of these tests' own; not started where there is no Chromium."""
    first: FirstRun = request.getfixturevalue("first_demo")
    with running_demo(first.copy_to(tmp_path_factory.mktemp("demo"))) as (url, sim):
        yield Demo(url=url, sim=sim)


@pytest.fixture
def zooms_clock(demo: Demo) -> Iterator[Callable[[datetime], None]]:
    """Return a function that sets the simulated Zoom's clock, so that a lesson takes no hour; set right again after."""
    with httpx.Client(base_url=demo.sim, timeout=10) as sim:

        def set_to(moment: datetime) -> None:
            offset = (moment - datetime.now(UTC)).total_seconds()
            sim.post("/sim/clock", json={"offset_s": offset}).raise_for_status()

        yield set_to
        sim.post("/sim/clock", json={"offset_s": 0}).raise_for_status()


@pytest.fixture
def visit(demo: Demo, chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """
    Return a function that opens a window for somebody of the demo, "" for a visitor.

    What the browser complained about in any of them fails the test at its end.
    """
    visits: list[Visit] = []

    def begin(email: str, look: Look) -> Visit:
        visits.append(Visit(chromium, demo.url, look, pictures=PICTURES / "tests"))
        if email:
            visits[-1].sign_in(email)
        return visits[-1]

    yield begin
    complaints = [complaint for visit in visits for complaint in visit.complaints]
    for one in visits:
        one.close()
    assert complaints == []
