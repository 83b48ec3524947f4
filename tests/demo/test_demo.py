"""One command brings up a whole school, twice without doubling anything, and stops without leaving anything behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.simulator import free_port, wait_until

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
        demo = subprocess.Popen(
            [sys.executable, "-m", "classbell", *command], stdout=file, stderr=file, env=environment
        )
    try:
        wait_until(lambda: _is_ready(output) or demo.poll() is not None, seconds=120, what="the demo")
        assert demo.poll() is None, output.read_text()
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sim_port}"
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=60)
    assert not any(_answers(f"http://127.0.0.1:{used}") for used in (port, sim_port))


def _is_ready(output: Path) -> bool:
    return any(line.startswith("ready http") for line in output.read_text().splitlines())


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


def test_demo_comes_up_with_people_classes_and_a_live_meeting_and_keeps_them(tmp_path):
    with running_demo(tmp_path) as (url, sim):
        assert [_who_is(url, name)["role"] for name in ROLES] == list(ROLES)
        ids = [_who_is(url, name)["id"] for name in ROLES]
        # Four classes, and a lesson of its own to run now unless one of them does.
        wait_until(lambda: len(_meetings(sim)) >= 4, seconds=60, what="the classes to be on Zoom")
        (live,) = [meeting for meeting in _meetings(sim) if meeting["status"] == "started"]
        assert len(live["participants"]) >= 4
        before = {meeting["id"] for meeting in _meetings(sim)}

    with running_demo(tmp_path) as (url, sim):
        assert [_who_is(url, name)["id"] for name in ROLES] == ids
        assert {meeting["id"] for meeting in _meetings(sim)} >= before


def _meetings(sim: str) -> list[dict[str, object]]:
    state = httpx.get(f"{sim}/sim/state", timeout=10).raise_for_status().json()
    return [meeting for meeting in state["meetings"] if not meeting["deleted"]]
