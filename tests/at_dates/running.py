"""One run of pytest whose clock starts at another date, on a database server of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests import processes
from tests.at_dates.outcomes import Outcome
from tests.databases import ROOT, migrated_name

FAKETIME = shutil.which("faketime") or ""
CACHE = ROOT / ".cache" / "at-dates"
# Browsers check certificates and cookies by clocks of their own, and the others take long. PostgreSQL's timeouts never come
# under a moved clock: its alarm and its clock disagree about how long it has waited.
NOT_SLOW = ("-m", "not (browser or chaos or slow or database_timers)", "--hypothesis-profile=few")
# A test that waits for what never comes under a moved clock is named, and ends its run, not the patience of whoever waits.
NOT_FOR_EVER = ("-o", "faulthandler_timeout=180", "-o", "faulthandler_exit_on_timeout=true")
MAKE_SERVER = (
    "import tests.settings; from tests import databases; databases.stop_taking_care(); databases.ensure_migrated()"
)


class Run:
    """A run that goes on beside others until it ends by itself or by `end`."""

    def __init__(self, moment: datetime, arguments: list[str], *, log: Path) -> None:
        self._log = log
        self._data = tempfile.TemporaryDirectory(prefix="data-", dir=CACHE)
        subprocess.run(["cp", "-a", "--reflink=auto", f"{_server_with_tables()}/.", self._data.name], check=True)  # noqa: S607
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *NOT_FOR_EVER, *NOT_SLOW, *arguments]
        with log.open("w") as file:
            self._process = processes.start(
                # Counted from now: a program that is started later is to see a later time.
                [FAKETIME, "-m", "--exclude-monotonic", "-f", f"{moment.timestamp() - time.time():+.0f}s", *command],
                cwd=ROOT,
                env=os.environ
                | {
                    "CLASSBELL_TEST_DATA": self._data.name,
                    "PYTHONPATH": str(Path(__file__).parent / "clock"),
                    "NO_FAKE_STAT": "1",  # Python knows by the times of files what it need not compile again
                    "TZ": "UTC",
                },
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self) -> None:
        """End the run if it still goes on, and forget its data."""
        if self._process.poll() is None:
            # To both faketime and what it started, which stops its server and which nobody else tells.
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()
        self._data.cleanup()

    def outcome(self) -> Outcome | None:
        """Return what came of it, None while it goes on."""
        status = self._process.poll()
        return None if status is None else Outcome.of(self._log.read_text(errors="replace"), status)


def _server_with_tables() -> Path:
    """Return the data folder of a server that does not run and has what test databases are copies of, made once."""
    folder = CACHE / migrated_name()
    if folder.exists():
        return folder
    for older in CACHE.glob("migrated_*"):
        shutil.rmtree(older)
    making = tempfile.mkdtemp(prefix="making-", dir=CACHE)
    try:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        processes.run(
            [sys.executable, "-c", MAKE_SERVER], cwd=ROOT, env=environment | {"CLASSBELL_TEST_DATA": making}, check=True
        )
        Path(making).rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder
