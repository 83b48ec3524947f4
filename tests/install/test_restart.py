"""The last step of the guide: everything is restarted, one process after the other, and nobody notices."""

import re
import threading
from types import TracebackType
from typing import Self

import httpx
import pytest

from tests.install.installation import LAST_STEP, PAGE, Installation
from tests.install.machine import missing_here
from tests.install.page import blocks_of
from tests.install.visitor import Visitor
from tests.simulator import STUCK_SECONDS, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_here()), reason=missing_here()),
    pytest.mark.xdist_group("installation"),
]

READERS, WRITERS = 2, 2
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Load:
    """People who read pages and send forms without a pause, and what they were answered instead of what they wanted."""

    def __init__(self, installation: Installation, admin: Visitor) -> None:
        self._installation, self._admin = installation, admin
        self._token = TOKEN.findall(admin.pages.get("/").text)[0]
        self._over = threading.Event()
        self._people = [
            threading.Thread(target=self._ask, args=(number < READERS,)) for number in range(READERS + WRITERS)
        ]
        self.answered = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for person in self._people:
            person.start()
        self.wait_for_more()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for person in self._people:
            person.join()

    def wait_for_more(self) -> None:
        """Wait until some have been answered since."""
        before = self.answered
        wait_until(lambda: self.answered > before + 20, seconds=STUCK_SECONDS, what="answers")

    def _ask(self, reads: bool) -> None:
        with self._installation.visitor() as visitor:
            visitor.pages.cookies = self._admin.pages.cookies
            visitor.pages.follow_redirects = False
            form = {"csrfmiddlewaretoken": self._token, "theme": "dark", "next": "/"}
            while not self._over.is_set():
                try:
                    if reads:
                        answer = visitor.pages.get("/")
                    else:
                        answer = visitor.pages.post("/preferences/theme", data=form, headers={"Origin": visitor.url})
                except httpx.HTTPError as error:
                    self.failures.append(f"{'GET' if reads else 'POST'} {error!r}")
                    continue
                if answer.status_code == (200 if reads else 302):
                    self.answered += 1
                else:
                    self.failures.append(f"{'GET' if reads else 'POST'} {answer.status_code}")


def test_nobody_notices_that_everything_is_restarted_one_after_the_other(
    installation: Installation, admin: Visitor
) -> None:
    (restart,) = (block for block in blocks_of(PAGE) if block.step == LAST_STEP)
    with Load(installation, admin) as load:
        installation.play(restart)
        load.wait_for_more()

    logs = [
        installation.machine.folder / f"classbell-web@{installation.machine.ports[port]}.log"
        for port in ("8001", "8002")
    ]
    assert load.failures == []
    assert all("server_stopping" in log.read_text() for log in logs)
