"""One command brings up a whole school, twice without doubling anything, and stops without leaving anything behind."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    port, sim_port = free_port(), free_port()
    output = folder / "output.txt"
    command = ["demo", "--data", str(folder / "data"), "--port", str(port), "--sim-port", str(sim_port), "--no-browser"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "classbell.config.settings"}
    with output.open("w") as file:
        demo = processes.start([sys.executable, "-m", "classbell", *command], stdout=file, stderr=file, env=environment)
    try:
        wait_while_moving(
            lambda: _is_ready(output) or demo.poll() is not None,
            sign=lambda: (output.read_text(), _written(folder)),
            what="the demo to be ready",
        )
        assert demo.poll() is None, output.read_text()
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sim_port}"
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=STUCK_SECONDS)
    assert not any(_answers(f"http://127.0.0.1:{used}") for used in (port, sim_port))


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


def _who_is(url: str, name: str) -> dict[str, object]:
    """Sign in as one of the three and return what the API says of them."""
    credentials = {"email": f"{name}@classbell.example", "password": PASSWORD}
    token = httpx.post(f"{url}/api/auth/token", json=credentials, timeout=10).raise_for_status().json()["access_token"]
    answer = httpx.get(f"{url}/api/auth/me", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    return dict(answer.raise_for_status().json())


@pytest.mark.slow
def test_demo_comes_up_with_people_classes_and_a_live_meeting_and_keeps_them(tmp_path):
    with running_demo(tmp_path) as (url, sim):
        assert [_who_is(url, name)["role"] for name in ROLES] == list(ROLES)
        ids = [_who_is(url, name)["id"] for name in ROLES]
        # Four classes, and a lesson of its own to run now unless one of them does.
        wait_while_moving(
            lambda: len(_meetings(sim)) >= 4, sign=lambda: len(_meetings(sim)), what="the classes to be on Zoom"
        )
        (live,) = [meeting for meeting in _meetings(sim) if meeting["status"] == "started"]
        assert len(live["participants"]) >= 4
        before = {meeting["id"] for meeting in _meetings(sim)}

    with running_demo(tmp_path) as (url, sim):
        assert [_who_is(url, name)["id"] for name in ROLES] == ids
        assert {meeting["id"] for meeting in _meetings(sim)} >= before


def _meetings(sim: str) -> list[dict[str, Any]]:
    state = httpx.get(f"{sim}/sim/state", timeout=10).raise_for_status().json()
    return [meeting for meeting in state["meetings"] if not meeting["deleted"]]
