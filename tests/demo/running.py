"""
The demo as tests run it. It comes up out of nothing once for all of them, which takes longest; whoever needs a running one
goes on from a copy of what that left.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import processes
from tests.simulator import STUCK_SECONDS, free_port, wait_while_moving

PASSWORD = "demo-classbell"
ROLES = ("admin", "teacher", "student")


@contextmanager
def running_demo(folder: Path) -> Iterator[tuple[str, str]]:
    """Run the demo until the block ends; yield the addresses of Classbell and of the simulator."""
    port, sim_port, own_sim_port, bank_port = free_port(), free_port(), free_port(), free_port()
    output = folder / "output.txt"
    command = ["demo", "--data", str(folder / "data"), "--port", str(port), "--no-browser"]
    command += ["--sim-port", str(sim_port), "--own-sim-port", str(own_sim_port), "--bank-port", str(bank_port)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "classbell.config.settings"}
    with output.open("w") as file:
        demo = processes.start([sys.executable, "-m", "classbell", *command], stdout=file, stderr=file, env=environment)
    try:
        wait_while_moving(
            lambda: _is_ready(output) or demo.poll() is not None,
            sign=lambda: (output.read_text(), _written(folder)),
            what="the demo to be ready",
        )
        assert demo.poll() is None, (
            f"The demo ended with {demo.returncode} (less than 0: a signal). {output.read_text()}"
        )
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sim_port}"
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=STUCK_SECONDS)
    assert not any(_answers(f"http://127.0.0.1:{used}") for used in (port, sim_port, own_sim_port, bank_port))


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstRun:
    """A demo that came up out of nothing and was stopped: what it showed, by its API and at Zoom, and the folder it left."""

    folder: Path
    people: list[dict[str, Any]]
    meetings: list[dict[str, Any]]

    def copy_to(self, folder: Path) -> Path:
        """Copy what it left, for another run to go on from; return the folder."""
        subprocess.run(["cp", "-a", str(self.folder / "data"), str(folder)], check=True)  # noqa: S607
        return folder


@pytest.fixture(scope="session")
def first_demo(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """The demo's first run, one for all processes of a run of tests: the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "first-demo"
    folder.mkdir(exist_ok=True)
    showed = folder / "showed.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not showed.exists():
            with running_demo(folder) as (url, sim):
                # Four classes, and a lesson of its own to run now unless one of them does.
                wait_while_moving(
                    lambda: len(meetings_of(sim)) >= 4,
                    sign=lambda: len(meetings_of(sim)),
                    what="the classes to be on Zoom",
                )
                told = {"people": people_of(url), "meetings": meetings_of(sim)}
            showed.write_text(json.dumps(told))
    return FirstRun(folder=folder, **json.loads(showed.read_text()))


def people_of(url: str) -> list[dict[str, Any]]:
    """Sign in as each of the three whose sign-in is printed, and return what the API says of them."""
    told = []
    for name in ROLES:
        with api_of(url, name) as client:
            told.append(client.get("/api/auth/me").raise_for_status().json())
    return told


def api_of(url: str, name: str) -> httpx.Client:
    """Return a client of the API that acts for somebody: `name` is the part of their e-mail before the @."""
    credentials = {"email": f"{name}@classbell.example", "password": PASSWORD}
    answer = httpx.post(f"{url}/api/auth/token", json=credentials, timeout=30).raise_for_status().json()
    return httpx.Client(base_url=url, timeout=30, headers={"Authorization": f"Bearer {answer['access_token']}"})


def meetings_of(sim: str) -> list[dict[str, Any]]:
    """Return the meetings that are on the simulated Zoom."""
    state = httpx.get(f"{sim}/sim/state", timeout=30).raise_for_status().json()
    return [meeting for meeting in state["meetings"] if not meeting["deleted"]]


def _is_ready(output: Path) -> bool:
    return any(line.startswith("ready http") for line in output.read_text().splitlines())


def _written(folder: Path) -> float:
    """Return when anything was last written: a log, what the simulator keeps, the database's own files."""
    latest = 0.0
    for place in (
        folder / "data",
        folder / "data/logs",
        folder / "data/postgres/pg_wal",
        folder / "data/postgres/base",
    ):
        for path in place.glob("*"):
            with suppress(FileNotFoundError):  # the database drops files of its own
                latest = max(latest, path.stat().st_mtime)
    return latest


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=1)
    except httpx.HTTPError:
        return False
    return True
