"""Programs that tests start: each ends with the tests, however these end."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# The kernel ends the program when the process that started it is gone, killed ones too. Linux only: elsewhere a run of tests
# that is killed leaves its programs behind.
SETPRIV = shutil.which("setpriv")
ENDS_WITH_US = [SETPRIV, "--pdeathsig", "TERM"] if SETPRIV else []


def start(command: Sequence[str | Path], **options: Any) -> subprocess.Popen[Any]:
    """
    Start a program that gets SIGTERM when this process ends; the options are those of `subprocess.Popen`.

    Call it in the thread that lasts as long as the program is needed: the kernel watches the thread, not the process.
    """
    return subprocess.Popen([*ENDS_WITH_US, *command], **options)


@contextmanager
def running(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a program as `start` does and kill it when the block ends, also by an error."""
    with start(command, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def run(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run a program to its end; it gets SIGTERM when this process ends before it. Options as those of `subprocess.run`."""
    return subprocess.run([*ENDS_WITH_US, *command], **options)  # noqa: PLW1510 -- `check` is among the options
