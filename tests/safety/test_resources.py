"""What runs out: connections to the database, room on its disk, leave to write. Said at once, and gone on with afterwards."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system
from tests.zoom_events import as_bytes, event, headers

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("resources")]

# Whoever is not answered by then was kept waiting: an error of the test.
QUICKLY = 5.0
# Of the disk that fills up. An empty database, its tables and its write-ahead log are a third of it.
MEGABYTES = 400
MOUNT, UMOUNT = shutil.which("mount"), shutil.which("umount")


def get(system: System, path: str) -> httpx.Response:
    return httpx.get(f"{system.url}{path}", timeout=QUICKLY)


def send(system: System, number: int, text: str = "") -> httpx.Response:
    """Send a message as Zoom does."""
    raw = as_bytes(event("meeting.alert", datetime.now(UTC), id=str(number), text=text))
    signed = headers(raw, secret=Simulator.webhook_secret)
    return httpx.post(f"{system.url}/api/zoom/webhook", content=raw, headers=signed, timeout=QUICKLY)


@pytest.fixture
def limited(simulator: Simulator, tmp_path: Path) -> Iterator[tuple[System, Callable[[int], None]]]:
    """An installation whose user of the database may have so many connections, and a function to say how many."""
    role = f"few_{secrets.token_hex(4)}"
    server = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    owner = server.info.user

    def allow(connections: int) -> None:
        """From now on let there be so many, -1 for any number; those that stand are ended."""
        server.execute(f"ALTER ROLE {role} CONNECTION LIMIT {connections}")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])

    server.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}' IN ROLE {owner}")
    try:
        with fresh_system(simulator, tmp_path) as system:
            address = urlsplit(system.database_url)
            person = address._replace(netloc=f"{role}:{role}@{address.netloc.rpartition('@')[2]}")
            system.environment["DATABASE_URL"] = person.geturl()
            yield system, allow
    finally:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])
        server.execute(f"DROP ROLE {role}")
        server.close()


def test_every_request_is_told_quickly_that_no_connection_is_left_and_all_is_well_once_there_are(
    limited: tuple[System, Callable[[int], None]],
) -> None:
    system, allow = limited
    system.start_web()
    system.wait_for_web()
    token = {"Cookie": "sessionid=somebodys"}

    allow(0)
    page = httpx.get(f"{system.url}/week/", headers=token, timeout=QUICKLY)
    answer = httpx.get(f"{system.url}/api/zoom/classes", headers=token, timeout=QUICKLY)
    hook = send(system, 1)

    assert [one.status_code for one in (page, answer, hook)] == [503, 503, 503]
    assert [int(one.headers["Retry-After"]) > 0 for one in (page, answer, hook)] == [True, True, True]
    assert answer.json()["code"] == hook.json()["code"] == "database_busy"
    assert get(system, "/healthz/live").status_code == 200
    assert get(system, "/healthz").status_code == 503

    allow(-1)
    wait_until(lambda: get(system, "/healthz").status_code == 200, what="its return")
    assert send(system, 1).status_code == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own in memory, where that may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if MOUNT is None or UMOUNT is None or os.geteuid() != 0:
        pytest.skip("Only root mounts a disk that can fill up.")
    done = subprocess.run([MOUNT, "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)], check=False)
    if done.returncode:
        pytest.skip("No disk can be mounted here.")
    try:
        yield disk
    finally:
        subprocess.run([UMOUNT, "--lazy", str(disk)], check=True)


@pytest.fixture
def embedded(small_disk: Path, simulator: Simulator, tmp_path: Path) -> Iterator[System]:
    """An installation whose embedded database lies on the small disk."""
    tmp_path.chmod(0o755)
    system = System("", simulator, small_disk / "data")
    system.log = tmp_path / "system.log"
    del system.environment["DATABASE_URL"]
    try:
        yield system
    finally:
        system.kill_all()


def fill(disk: Path) -> Path:
    """Leave no room on a disk; return the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 65_536)
        except OSError:
            return ballast


def stop(system: System, name: str) -> None:
    """Let a process end as one that is told to, and its database with it."""
    process = system.processes.pop(name)
    process.terminate()
    process.wait(60)


def test_a_full_disk_lets_people_read_and_takes_everything_again_once_there_is_room(
    embedded: System, small_disk: Path
) -> None:
    embedded.command("migrate")
    embedded.start_web()
    embedded.wait_for_web()
    assert send(embedded, 1).status_code == 200

    ballast = fill(small_disk)
    refused = next(
        (answer for number in range(2, 40) if (answer := send(embedded, number, noise())).status_code != 200), None
    )

    assert refused is not None
    assert (refused.status_code, refused.json()["code"]) == (503, "database_full")
    assert int(refused.headers["Retry-After"]) > 0
    assert get(embedded, "/accounts/login/").status_code == 200

    ballast.unlink()
    assert send(embedded, 50, noise()).status_code == 200

    stop(embedded, "web")
    ballast = fill(small_disk)
    in_vain(embedded)
    ballast.unlink()
    for leave, may_write in (("ro", False), ("rw", True)):
        subprocess.run([str(MOUNT), "-o", f"remount,{leave}", str(small_disk)], check=True)
        if not may_write:
            in_vain(embedded)
    embedded.command("migrate")


def noise() -> str:
    """Return text that a database cannot pack."""
    return secrets.token_hex(400_000)


def in_vain(system: System) -> None:
    """Start it, and be told in a sentence why it does not."""
    done = system.command("migrate", check=False)

    assert done.returncode == 2, done.stderr
    assert "cannot be started" in done.stderr
    assert "CLASSBELL_DATA" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["/proc/classbell", "{file}/data"], ids=["read-only", "inside a file"])
def test_a_data_folder_that_cannot_be_written_is_named_with_what_to_do(
    folder: str, simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    system = System("", simulator, tmp_path)
    del system.environment["DATABASE_URL"]
    system.environment["CLASSBELL_DATA"] = folder.format(file=tmp_path / "file")

    in_vain(system)
