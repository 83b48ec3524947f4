"""The embedded database runs as long as somebody uses it, however they end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from classbell.config import embedded
from tests import processes

pytestmark = pytest.mark.slow

USE_IT = """
import os
from classbell.config.embedded import ensure_database
ensure_database()
print(os.environ["DATABASE_URL"], flush=True)
input()
"""


class User:
    """A process that uses the database of a folder."""

    def __init__(self, data: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.process = processes.start(
            [sys.executable, "-c", USE_IT],
            env=environment | {"CLASSBELL_DATA": str(data)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        assert self.url

    def end(self) -> None:
        """End in peace."""
        self.process.communicate("\n")

    def kill(self) -> None:
        """End at once, without a word to anybody."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def users(tmp_path: Path) -> Iterator[tuple[User, User]]:
    """Two processes that use one folder's database."""
    with using(tmp_path) as first, using(tmp_path) as second:
        yield first, second


@contextmanager
def using(data: Path) -> Iterator[User]:
    user = User(data)
    try:
        yield user
    finally:
        if user.process.poll() is None:
            user.end()


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_database_stays_until_the_last_of_its_users_ends(users: tuple[User, User]) -> None:
    first, second = users
    assert first.url == second.url

    first.end()
    assert answers(first.url)

    second.end()
    assert not answers(first.url)


def test_database_stops_with_the_last_user_though_another_was_killed(users: tuple[User, User]) -> None:
    first, second = users

    first.kill()
    assert answers(second.url)

    second.end()
    assert not answers(second.url)


def test_database_that_nobody_stopped_is_found_again_and_stopped(tmp_path: Path) -> None:
    with using(tmp_path) as killed:
        killed.kill()

    with using(tmp_path) as user:
        assert answers(user.url)
        user.end()

    assert not answers(user.url)


def test_users_of_a_database_wait_for_each_other_by_a_lock_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    (temporary / ".lockfile").mkdir(parents=True)  # Somebody else's, which cannot be opened.
    monkeypatch.setenv("TMPDIR", str(temporary))

    with using(tmp_path / "data") as user:
        assert answers(user.url)
        user.end()

    assert (tmp_path / "data/postgres.lock").is_file()


@pytest.mark.parametrize(
    ("status", "pid", "waited_for"),
    [
        ("ready   ", os.getpid(), False),
        ("stopping", os.getpid(), True),
        ("starting", os.getpid(), True),
        ("stopping", 0, False),
        (None, os.getpid(), False),
    ],
    ids=["ready", "stops", "starts", "killed over it", "no file"],
)
def test_server_that_stops_just_now_is_waited_for(
    status: str | None, pid: int, waited_for: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, looks = tmp_path / "postmaster.pid", []
    if status is not None:
        lines = [str(pid or 2**22 + 1), str(tmp_path), "0", "5432", "", "", "0", status]
        file.write_text("\n".join(lines))

    def changed(_seconds: float) -> None:
        looks.append(1)
        file.unlink()

    monkeypatch.setattr("classbell.config.embedded.time.sleep", changed)

    embedded.wait_for_change(file)

    assert looks == [1] * waited_for
