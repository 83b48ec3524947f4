"""`classbell zoom-check`: the school's own Zoom is asked, with the school's own credentials."""

import os
import sys
from pathlib import Path

from tests import processes
from tests.simulator import Simulator

COMMAND = [sys.executable, "-m", "classbell", "zoom-check"]
NO_ZOOM = {"ZOOM_ACCOUNT_ID": "", "ZOOM_CLIENT_ID": "", "ZOOM_CLIENT_SECRET": ""}


def run(folder: Path, *more: str, **environment: str) -> tuple[int, str]:
    environment = os.environ | {"CLASSBELL_DATA": str(folder)} | environment
    done = processes.run([*COMMAND, *more], capture_output=True, text=True, check=False, env=environment, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def test_schools_zoom_is_asked_under_the_host_that_is_named(tmp_path: Path) -> None:
    with Simulator(hosts=2) as zoom:
        status, said = run(
            tmp_path,
            "--host",
            "host02@zoomsim.example",
            ZOOM_API_URL=zoom.api_url,
            ZOOM_OAUTH_URL=zoom.oauth_url,
            ZOOM_ACCOUNT_ID=zoom.account_id,
            ZOOM_CLIENT_ID=zoom.client_id,
            ZOOM_CLIENT_SECRET=zoom.client_secret,
        )
        state = zoom.state()

    assert (status, "0 different" in said) == (0, True), said
    assert {meeting["host_email"] for meeting in state["meetings"]} == {"host02@zoomsim.example"}
    assert all(meeting["deleted"] for meeting in state["meetings"])


def test_without_credentials_nothing_is_asked(tmp_path: Path) -> None:
    status, said = run(tmp_path, **NO_ZOOM)

    assert (status, "ZOOM_ACCOUNT_ID" in said) == (2, True), said
    assert run(tmp_path, "--list", **NO_ZOOM)[0] == 0
