"""
A school's day under faults: `python -m tests.chaos [--seed N] [--faults K]`.

Prints the seed, each burst, and a table at the end; exits with 1 when something was not as it must be, after printing the
command that plays the same again.
"""

import argparse
import os
import random
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.chaos.plan import keep, plan
from tests.chaos.run import Report, play
from tests.chaos.stage import set_up


def main() -> int:
    """Play a day and say what came of it."""
    parser = argparse.ArgumentParser("python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--steps", default="", help="only these steps of the day, by their numbers: 3,17,20-25")
    parser.add_argument(
        "--only", action="append", default=[], metavar="KIND", help="only faults of this kind; repeat it"
    )
    parser.add_argument("--go-on", action="store_true", help="go on after a violation")
    options = parser.parse_args()
    bursts = plan(seed=options.seed, faults=options.faults, only=options.only)
    if options.steps:
        bursts = keep(bursts, _numbers(options.steps))
    print(f"seed {options.seed}, {sum(len(burst.faults) for burst in bursts)} faults", flush=True)
    began = time.monotonic()
    with set_up() as stage:
        print(f"the school is open after {time.monotonic() - began:.0f} s", flush=True)
        report = play(stage, bursts, name=str(options.seed), say=_say, stop_at_once=not options.go_on)
    _print(report)
    if report.violations:
        print(*report.violations, sep="\n")
        print(f"Again: python -m tests.chaos --seed {options.seed} --faults {options.faults}")
    return int(bool(report.violations))


def _say(line: str) -> None:
    print(line, flush=True)


def _numbers(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _print(report: Report) -> None:
    print("\nfaults:", *(f"{count:5} {kind}" for kind, count in sorted(report.faults.items())), sep="\n")
    print("\ndeeds:", *(f"{count:5} {kind}" for kind, count in sorted(report.deeds.items())), sep="\n")
    print("\nanswers:", dict(sorted(report.answers.items())))
    print(f"answering after {_spread(report.answering)} s, at rest after {_spread(report.resting)} s")
    print(f"{sum(report.checks.values())} looks, {len(report.violations)} violations")


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f} (most {ordered[-1]:.1f})" if ordered else "?"


if __name__ == "__main__":
    sys.exit(main())
