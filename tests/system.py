"""A whole Classbell as separate processes on a database of its own, for tests that kill parts of it."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests import processes
from tests.databases import copy_migrated, drop
from tests.simulator import STUCK_SECONDS, Simulator, free_port, wait_until


class System:
    """The processes of one installation: start them, kill them, ask the database."""

    host = "127.0.0.1"

    def __init__(self, database_url: str, simulator: Simulator, folder: Path, **settings: str) -> None:
        self.python = sys.executable  # an environment with Classbell in it
        self.database_url = database_url
        self.port = free_port()
        self.log = folder / "system.log"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self.environment = os.environ | {
            "DATABASE_URL": database_url,
            "CLASSBELL_SECRET_KEY": "for-tests-only",
            "CLASSBELL_DATA": str(folder),
            "CLASSBELL_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "classbell.config.settings",
            "ZOOM_ACCOUNT_ID": "sim-account",
            "ZOOM_CLIENT_ID": "sim-client",
            "ZOOM_CLIENT_SECRET": "sim-secret",
            "ZOOM_API_URL": simulator.api_url,
            "ZOOM_OAUTH_URL": simulator.oauth_url,
            "ZOOM_WEBHOOK_SECRET": simulator.webhook_secret,
            **settings,
        }

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://{self.host}:{self.port}"

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a classbell command to its end; one that fails is an error that shows what it said, unless `check` is false."""
        done = processes.run(
            [self.python, "-m", "classbell", *arguments],
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or not check, f"classbell {' '.join(arguments)}: {done.stderr}"
        return done

    def begin(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a classbell command under a name of its own and leave it running."""
        with self.log.open("ab") as log:
            process = processes.start(
                [self.python, "-m", "classbell", *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes[name] = process
        return process

    def start_worker(self, name: str = "worker", concurrency: int = 8) -> None:
        """Start a worker."""
        self.begin(name, "worker", "--concurrency", str(concurrency))

    def start_web(self, name: str = "web") -> None:
        """Start the web process."""
        self.begin(name, "serve", "--host", self.host, "--port", str(self.port), "--threads", "4")

    def wait_for_web(self, *urls: str) -> None:
        """Wait until the web process answers, or those at other addresses."""
        wait_until(
            lambda: self._has_failed() or all(_answers(url) for url in urls or [self.url]),
            seconds=STUCK_SECONDS,
            what="the server",
        )
        assert not self._has_failed(), self.log.read_text()

    def client(self, token: str, *, seconds: float = 30) -> httpx.Client:
        """Return a client of the API, signed in by an access token, who waits so long for an answer."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=f"{self.url}/api", headers=headers, timeout=seconds)

    def _has_failed(self) -> bool:
        """Whether any of the processes ended by itself with an error."""
        return any(process.poll() for process in self.processes.values())

    def kill(self, name: str) -> None:
        """Kill a process and its children with SIGKILL, as a crash or the kernel would."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_all(self) -> None:
        """Kill everything that still runs."""
        for name in list(self.processes):
            self.kill(name)
        self.disconnect()

    def disconnect(self) -> None:
        """Let the next question be asked on a new connection: another server may have taken over."""
        if self._connection is not None:
            self._connection.close()

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connected().execute(sql, parameters).fetchall()

    def execute(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        self._connected().execute(sql)

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Return a connection kept for all questions: a new one for each look takes longer than the question."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.database_url, autocommit=True)
        return self._connection

    def unfinished(self) -> int:
        """Return how many meetings are not yet what they should be on Zoom."""
        return int(
            self.query("SELECT count(*) FROM meetings_meeting WHERE sync_status NOT IN ('synced', 'removed')")[0][0]
        )


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def fresh_system(simulator: Simulator, folder: Path, **settings: str) -> Iterator[System]:
    """Yield an installation with migrated tables and the simulator's hosts, nothing running; kill and drop it after."""
    name = f"system_{random.randrange(16**8):08x}"
    system = System(copy_migrated(name), simulator, folder, **settings)
    try:
        system.command("read-hosts")
        try:
            yield system
        finally:
            system.kill_all()
    finally:
        drop(name)


def difference(system: System, simulator: Simulator) -> list[str]:
    """
    Return every way in which the simulator and the database disagree; empty when they agree exactly.

    Each wanted meeting must be there once, under the id we know, with its topic and its coming sessions; one that is over
    may be there still; nothing else of ours may be there.
    """
    rows = system.query(
        "SELECT m.id, m.title, m.wanted, m.zoom_meeting_id, h.zoom_user_id,"
        " array(SELECT o.starts_at FROM meetings_occurrence o WHERE o.meeting_id = m.id AND o.status <> 'cancelled'"
        "       AND o.starts_at > now() ORDER BY 1)"
        " FROM meetings_meeting m LEFT JOIN meetings_hostseat s ON s.id = m.seat_id"
        " LEFT JOIN meetings_zoomhost h ON h.id = s.host_id"
    )
    on_zoom: dict[str, list[dict[str, Any]]] = {}
    for meeting in simulator.state()["meetings"]:
        if not meeting["deleted"]:
            key = meeting.get("agenda", "")[len("[classbell:") :][:32]
            on_zoom.setdefault(key, []).append(meeting)
    problems = []
    for meeting_id, title, wanted, zoom_meeting_id, host, coming in rows:
        there = on_zoom.pop(meeting_id.hex, [])
        is_over = wanted and not coming
        expected = len(there[:1]) if is_over else int(wanted)
        if len(there) != expected:
            problems.append(f"{title}: {len(there)} on Zoom instead of {expected}")
            continue
        for meeting in there:
            starts = sorted(o["start_time"] for o in meeting.get("occurrences", []) if o["status"] == "available")
            planned = [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in coming]
            if str(meeting["id"]) != zoom_meeting_id:
                problems.append(f"{title}: Zoom has {meeting['id']}, we know {zoom_meeting_id}")
            if meeting["topic"] != title or meeting["host_id"] != host:
                problems.append(f"{title}: other topic or host on Zoom")
            if not is_over and starts and starts != planned:
                problems.append(f"{title}: other sessions on Zoom")
    problems += [
        f"{meeting['topic']}: on Zoom without a meeting of ours" for left in on_zoom.values() for meeting in left
    ]
    return problems


__all__ = ["System", "difference", "fresh_system", "wait_until"]
