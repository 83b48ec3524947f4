"""A clock that programs are told, and a disk that is full for them."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.clock import COMPILER, Clock

pytestmark = pytest.mark.skipif(COMPILER is None, reason="moving the clock of other programs takes a C compiler")
NOW = "import time; print(time.time())"
GROW = "import sys; file = open(sys.argv[1], 'r+b', 0); file.write(b'new'); print('over'); file.write(b'more and more')"
HOUR = timedelta(hours=1)


def _run(clock: Clock, name: str, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", program, *arguments]
    return subprocess.run(command, env=os.environ | clock.settings(name), check=False, capture_output=True, text=True)


def _ahead(clock: Clock, name: str) -> timedelta:
    """Return how much later it is for a program of that clock than for one that no library tells the time, at least."""
    told = float(_run(clock, name, NOW).stdout)
    untold = subprocess.run(
        [sys.executable, "-I", "-c", NOW],
        env=os.environ | {"LD_PRELOAD": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    return timedelta(seconds=told - float(untold.stdout))


def test_programs_see_the_clock_leap_and_one_may_be_wrong(tmp_path: Path) -> None:
    with Clock(tmp_path) as clock:
        clock.settings("web"), clock.settings("worker")
        clock.leap(HOUR)
        clock.skew("worker", 600)

        assert HOUR - timedelta(minutes=1) < _ahead(clock, "web") < HOUR + timedelta(minutes=1)
        assert _ahead(clock, "worker") > HOUR + timedelta(minutes=9)
        clock.agree()
        assert _ahead(clock, "worker") < HOUR + timedelta(minutes=1)


def test_no_file_grows_on_a_full_disk_and_what_is_there_can_be_written_over(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with Clock(tmp_path) as clock:
        clock.settings("postgres")
        clock.fill_disk("postgres", is_full=True)
        full = _run(clock, "postgres", GROW, str(file))
        written = file.read_bytes()
        clock.fill_disk("postgres", is_full=False)
        empty = _run(clock, "postgres", GROW, str(file))

    assert "No space left on device" in full.stderr
    assert written == b"new"
    assert (empty.returncode, file.read_bytes()) == (0, b"newmore and more")
