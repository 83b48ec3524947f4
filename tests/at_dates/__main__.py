"""
Run tests as if today were another date: `python -m tests.at_dates {random | all | DATE ...} [-- PYTEST ARGUMENTS]`.

    python -m tests.at_dates random                                a few of what is not slow at each of three random dates
    python -m tests.at_dates all                                   the same at every awkward date, another part at each;
                                                                   goes on when it was broken off, or begins anew with
                                                                   --anew
    python -m tests.at_dates 2028-02-29 -- tests/bookings          one folder on a leap day
    python -m tests.at_dates 2026-12-31T23:59:30 -- -n 2 tests/web some tests into a new year

A date without a time means noon; times are UTC. Each date is a run of its own with a database server of its own. The clock
starts there and runs on; programs that tests start see the same time. What the runs say is in `.cache/at-dates`. Needs Linux
and `faketime` (Debian: package faketime).
"""

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from tests.at_dates.moments import random_dates, read, usual_dates, written
from tests.at_dates.outcomes import Kept, Outcome, line_of, table
from tests.at_dates.running import CACHE, FAKETIME, Run

# Each in one process, which costs less than sharing a date among several; while one waits for its server, another works.
AT_ONCE = 3
LOOK_SECONDS = 0.2


def run_all(left: Iterable[datetime], arguments: list[str], ended: Callable[[datetime, Outcome], None]) -> None:
    """Run the tests at each moment, some of them beside each other, and hand over what came of each as it ends."""
    waiting = list(left)[::-1]
    with contextlib.ExitStack() as stack:
        going_on: dict[datetime, Run] = {}
        while waiting or going_on:
            if waiting and len(going_on) < AT_ONCE:
                moment = waiting.pop()
                log = CACHE / f"{written(moment)}.txt"
                going_on[moment] = Run(moment, arguments, log=log)
                stack.callback(going_on[moment].end)
                continue
            time.sleep(LOOK_SECONDS)
            for moment, run in list(going_on.items()):
                if outcome := run.outcome():
                    going_on.pop(moment).end()
                    ended(moment, outcome)


def main(arguments: list[str]) -> int:
    """Run the tests at each date, say at the end what failed when, and return the exit status."""
    options, pytest_arguments = _understood(arguments)
    if not FAKETIME:
        sys.exit("Install faketime first (Debian and Ubuntu: apt install faketime).")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no folder is left behind
    CACHE.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    if options.dates == ["random"]:
        moments = random_dates(now)
        written_out = " ".join(map(written, moments))
        print(f"At {written_out}. What fails, once more: python -m tests.at_dates DATE -- PATH::TEST", flush=True)
    elif options.dates == ["all"]:
        moments = usual_dates(now)
    else:
        moments = [read(text) for text in options.dates]
    pytest_arguments = pytest_arguments or ["tests"]
    kept = Kept(
        CACHE / ("all.json" if options.dates == ["all"] else "last.json"),
        moments,
        pytest_arguments,
        anew=options.anew or options.dates != ["all"],
    )
    print(f"{len(kept.left)} of {len(kept.outcomes)} dates to go. What each says: {CACHE}", flush=True)

    def ended(moment: datetime, outcome: Outcome) -> None:
        kept.keep(moment, outcome)
        print(f"{line_of(moment)} {outcome.passed} passed, {outcome.failed} failed", flush=True)

    try:
        run_all(kept.left, pytest_arguments, ended)
    finally:
        print("", *table(kept.ended()), sep="\n", flush=True)
    return int(any(outcome.failed for outcome in kept.ended().values()))


def _understood(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options and what follows a `--`. Exits with a sentence when they cannot be understood."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser("python -m tests.at_dates", epilog="Arguments of pytest follow a --.")
    parser.add_argument("dates", nargs="+", metavar="random | all | DATE", help="2028-02-29, 2026-12-31T23:59:30")
    parser.add_argument("--anew", action="store_true", help="with all: from the first date, whatever was done before")
    options = parser.parse_args(arguments[:at])
    if options.dates not in (["random"], ["all"]):
        try:
            [read(text) for text in options.dates]
        except ValueError as error:
            parser.error(str(error))
    return options, arguments[at + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
