"""
Run tests as if today were another date: `python -m tests.at_dates [DATE ... | random] [-- PYTEST ARGUMENTS]`.

    python -m tests.at_dates                                       the quick tests at the dates of `usual_dates`
    python -m tests.at_dates random                                what counts days and hours most, at three random dates
    python -m tests.at_dates 2028-02-29 -- tests/bookings          one folder on a leap day
    python -m tests.at_dates 2026-12-31T23:59:30 -- -n 2 tests/web some tests into a new year

A date without a time means noon; times are UTC. Each date is a run of its own with a database server of its own. The clock
starts there and runs on; programs that tests start see the same time. Needs Linux and `faketime` (Debian: package faketime).
"""

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from tests import processes
from tests.dates import DAY, clock_changes

ROOT = Path(__file__).resolve().parents[2]
FAKETIME = shutil.which("faketime") or ""
MINUTE = timedelta(minutes=1)
# Browsers check certificates and cookies by clocks of their own, and the others take long. PostgreSQL's timeouts never come
# under a moved clock: its alarm and its clock disagree about how long it has waited.
QUICK = "not (browser or chaos or slow or database_timers)"
# What counts days and hours most, in about a minute.
TELLING = [
    *(f"tests/bookings/test_{name}.py" for name in ("missed_lessons", "moving_slots", "overlaps", "policies", "slots")),
    *(f"tests/halakat/test_{name}.py" for name in ("halakat", "long_circles", "preview", "schedule_changes")),
    *(f"tests/meetings/test_{name}.py" for name in ("planner", "recurrence", "running_sessions")),
    *(f"tests/notices/test_{name}.py" for name in ("calendar", "occurrences", "reminders")),
    *(f"tests/web/test_{name}.py" for name in ("calendar_page", "week_page", "weeks")),
    "tests/test_zones.py",
]
PARALLEL = ["-n", "2", "--dist", "loadgroup"]


def usual_dates(now: datetime) -> list[datetime]:
    """
    Return the moments at which dates go wrong, in order, from now to two years ahead.

    Every weekday, spread over a year and over the hours; the last days of months; a 29 February; just before the clocks of
    Lisbon and New York change, and three days before; the last minute of a year; two years ahead.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = [midnight + n * (53 * DAY + timedelta(hours=3, minutes=50)) + 10 * MINUTE for n in range(7)]
    found += [_at(_next_day(now.date(), day=day), hour=12) for day in (28, 29, 30, 31)]
    found += [_at(_next_day(now.date(), month=2, day=29), hour=12)]
    for zone, changes_at in (("Europe/Lisbon", 1), ("America/New_York", 6)):
        for day in islice(clock_changes(zone, after=now.date() + 3 * DAY), 2):
            found += [_at(day, hour=changes_at) - MINUTE, _at(day - 3 * DAY, hour=12)]
    found += [_at(date(now.year, 12, 31), hour=23, minute=59, second=30), midnight + 731 * DAY + timedelta(hours=18)]
    return sorted(found)


def random_dates(now: datetime) -> list[datetime]:
    """Return an awkward moment and two others of the next two years."""
    others = [now + timedelta(minutes=random.randrange(2 * 365 * 24 * 60)) for _ in range(2)]
    return [random.choice(usual_dates(now)), *(moment.replace(second=0, microsecond=0) for moment in others)]


def _at(day: date, **time_of_day: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(**time_of_day)  # type: ignore[arg-type]


def _next_day(after: date, *, day: int, month: int | None = None) -> date:
    return next(it for it in _days(after) if it.day == day and month in {None, it.month})


def _days(after: date) -> Iterator[date]:
    while True:
        after += DAY
        yield after


def run_at(moment: datetime, arguments: list[str]) -> tuple[int, list[str]]:
    """Run pytest with its clock started at a moment; return its exit status and the lines that tell what failed."""
    with tempfile.TemporaryDirectory(prefix="at-dates-", dir=ROOT / ".cache") as data:
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", QUICK, *arguments]
        process = processes.start(
            # Counted from now: a program that is started later is to see a later time.
            [FAKETIME, "-m", "--exclude-monotonic", "-f", f"{moment.timestamp() - time.time():+.0f}s", *pytest],
            cwd=ROOT,
            env=os.environ
            | {
                "CLASSBELL_TEST_DATA": data,
                "PYTHONPATH": str(Path(__file__).parent / "clock"),
                "NO_FAKE_STAT": "1",  # Python knows by the times of files what it need not compile again
                "TZ": "UTC",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        lines = []
        for line in process.stdout:
            print("   ", line, end="", flush=True)
            lines.append(line.strip())
        status = process.wait()
    failures = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return status, failures or ([lines[-1]] if status and lines else [])


def main(arguments: list[str]) -> int:
    """Run the tests at each date, say at the end what failed when, and return the exit status."""
    if not FAKETIME:
        sys.exit("Install faketime first (Debian and Ubuntu: apt install faketime).")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no folder is left behind
    dates, _, pytest_arguments = _split(arguments)
    if dates == ["random"]:
        moments = random_dates(datetime.now(UTC))
        pytest_arguments = pytest_arguments or [*PARALLEL, *TELLING]
        again = [*(f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in moments), "--", *pytest_arguments]
        print("At three random dates. The same again: python -m tests.at_dates", shlex.join(again), flush=True)
    else:
        moments = [_moment(text) for text in dates] or usual_dates(datetime.now(UTC))
    (ROOT / ".cache").mkdir(exist_ok=True)
    results = {}
    for moment in moments:
        print(f"{moment:%A %Y-%m-%dT%H:%M:%S}", flush=True)
        results[moment] = run_at(moment, pytest_arguments or [*PARALLEL, "tests"])
    print()
    for moment, (status, failures) in results.items():
        print(f"{moment:%a %Y-%m-%dT%H:%M:%S}  {'failed' if status else 'passed'}")
        for failure in failures:
            print(f"    {failure}")
    return int(any(status for status, _failures in results.values()))


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    if "--" not in arguments:
        return arguments, "", []
    at = arguments.index("--")
    return arguments[:at], "--", arguments[at + 1 :]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        sys.exit(f"{text} is no date. Write it like 2028-02-29 or 2026-12-31T23:59:30; pytest's arguments follow a --.")
    if len(text) == len("2028-02-29"):
        moment = moment.replace(hour=12)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
