"""A program that a test starts ends when the tests do, also when these are killed."""

import signal
import subprocess
import sys

import pytest

from tests import processes
from tests.simulator import STUCK_SECONDS

STARTS_ONE = """
import sys
from tests import processes
processes.start([sys.executable, "-c", "import time; print('runs', flush=True); time.sleep(86400)"])
input()
"""


@pytest.mark.skipif(not processes.ENDS_WITH_US, reason="There is no setpriv here to tie programs to the tests.")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["asked to end", "killed"])
def test_tests_that_are_killed_leave_no_program_behind(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout
        assert tests.stdout.readline() == "runs\n"

        tests.send_signal(how)

        tests.communicate(timeout=STUCK_SECONDS)  # until nobody holds the other end, neither they nor what they started
