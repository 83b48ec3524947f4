"""
The memory that imports take, by how much they bring: people by lists of 5,000 rows, and a term at once.

BENCH_TIMES names the times of the real term that are brought in at once ("1 3"; ten times of it just fits into a file).
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator
from tests.system import System, fresh_system

TERM = Path(__file__).resolve().parents[1] / "src" / "classbell" / "demo" / "term"
PEOPLE = (1_300, 13_000, 130_000)
TIMES = [int(times) for times in os.environ.get("BENCH_TIMES", "1 3").split()]
NAMED = {"timetable.csv": ("section", "teacher"), "enrolments.csv": ("student", "section")}


def main() -> None:
    """Print a line for each import: how much, how long, and the most memory that its process had."""
    with tempfile.TemporaryDirectory() as folder:
        with Simulator(hosts=1) as simulator, fresh_system(simulator, Path(folder)) as system:
            for count in PEOPLE:
                _people(system, count)
        for times in TIMES:
            with Simulator(hosts=25 * times) as simulator, fresh_system(simulator, Path(folder)) as system:
                _term(system, times, Path(folder))


def _people(system: System, count: int) -> None:
    command = [sys.executable, "-m", "bench.lists", str(count)]
    done = subprocess.run(command, env=system.environment, check=True, capture_output=True, text=True)
    lists, seconds, before, most = done.stdout.split()
    print(f"{count:,} people, {lists} lists: {seconds} s, {most} MB at most, of which {before} before", flush=True)


def _term(system: System, times: int, folder: Path) -> None:
    for name, columns in NAMED.items():
        _copy(TERM / name, folder / name, columns, times)
    monday = datetime.now(UTC).date() + timedelta(days=7 - datetime.now(UTC).weekday())
    weeks = ["--from", monday.isoformat(), "--weeks", "14", "--timezone", "Europe/Lisbon"]
    begun = time.monotonic()
    process = system.begin("import", "import-term", str(folder), *weeks)
    _pid, status, used = os.wait4(process.pid, 0)
    took, size = time.monotonic() - begun, (folder / "enrolments.csv").stat().st_size / 1e6
    print(f"{times}x the term, enrolments of {size:.1f} MB: {took:.0f} s, {used.ru_maxrss // 1024} MB at most", end="")
    print(f", processor {used.ru_utime + used.ru_stime:.0f} s, {'done' if status == 0 else 'FAILED'}", flush=True)
    process.returncode = os.waitstatus_to_exitcode(status)


def _copy(source: Path, target: Path, columns: tuple[str, ...], times: int) -> None:
    """Write a file of the term so many times into one, each with people and sections of its own."""
    with source.open(newline="") as read, target.open("w", newline="") as written:
        rows = list(csv.DictReader(read))
        writer = csv.DictWriter(written, rows[0].keys())
        writer.writeheader()
        for number in range(times):
            for row in rows:
                writer.writerow(row | {name: f"c{number}{row[name]}" for name in columns} if number else row)


if __name__ == "__main__":
    main()
