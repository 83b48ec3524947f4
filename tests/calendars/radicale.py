"""Radicale, a real CalDAV server, in a process of its own on the loopback interface."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.simulator import free_port, wait_until

NAME: Final = "amina"
PASSWORD: Final = "made-for-one-app"
CONFIG: Final = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = error
"""


@dataclass(frozen=True, kw_only=True)
class Radicale:
    """The server, and what its owner does there by another program."""

    port: int

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://localhost:{self.port}/"

    def collection(self, name: str) -> str:
        """Where a calendar is."""
        return f"{self.url}{NAME}/{name}/"

    def make(self, name: str, *, title: str = "Private", kinds: str = "VEVENT") -> str:
        """Make a calendar and return where it is."""
        body = (
            '<mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>'
            f"<resourcetype><collection/><c:calendar/></resourcetype><displayname>{title}</displayname>"
            f'<c:supported-calendar-component-set><c:comp name="{kinds}"/></c:supported-calendar-component-set>'
            "</prop></set></mkcol>"
        )
        self.ask("MKCOL", f"{NAME}/{name}/", body)
        return self.collection(name)

    def put(self, path: str, content: bytes) -> None:
        """Write an entry."""
        self.ask("PUT", path, content)

    def entries(self, name: str) -> list[str]:
        """Return the names of the entries in a calendar."""
        answer = self.ask("PROPFIND", f"{NAME}/{name}/", "", depth="1")
        return sorted(part.split("</")[0].rpartition("/")[2] for part in answer.text.split("<href>") if ".ics<" in part)

    def content(self, name: str, entry: str) -> str:
        """Return what an entry says."""
        return self.ask("GET", f"{NAME}/{name}/{entry}", "").text.replace("\r\n ", "")

    def ask(self, method: str, path: str, content: str | bytes, **headers: str) -> httpx.Response:
        """Ask as its owner."""
        where = f"{self.url}{path}"
        answer = httpx.request(method, where, content=content, headers=headers, auth=(NAME, PASSWORD), timeout=30)
        return answer.raise_for_status()


@contextmanager
def running(folder: Path) -> Iterator[Radicale]:
    """Run the server, with one person in it."""
    server = Radicale(port=free_port())
    (folder / "users").write_text(f"{NAME}:{PASSWORD}\n")
    (folder / "config").write_text(CONFIG.format(port=server.port, folder=folder))
    process = subprocess.Popen([sys.executable, "-m", "radicale", "--config", str(folder / "config")])
    try:
        wait_until(lambda: _answers(server), seconds=60, what="Radicale")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(server: Radicale) -> bool:
    try:
        return httpx.get(f"{server.url}.web/", timeout=5).status_code < 500
    except httpx.TransportError:
        return False
