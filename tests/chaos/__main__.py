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
from collections.abc import Callable, Sequence
from contextlib import ExitStack

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.chaos.cluster import LedServer
from tests.chaos.plan import FAULTS_PER_BURST, Burst, keep, plan
from tests.chaos.planted import BUGS, planted_in
from tests.chaos.postgres import OneServer
from tests.chaos.run import Report, play
from tests.chaos.shrink import read, shrink, written
from tests.chaos.stage import Stage, set_up


def main() -> int:
    """Play a day and say what came of it."""
    parser = argparse.ArgumentParser("python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=FAULTS_PER_BURST, help="so many in each burst of four seconds")
    parser.add_argument("--steps", default="", help="only these steps of the day, by their numbers: 3,17,20-25")
    parser.add_argument(
        "--only", action="append", default=[], metavar="KIND", help="only faults of this kind; repeat it"
    )
    parser.add_argument(
        "--shrink", type=int, default=0, metavar="TRIES", help="look for the fewest steps that go wrong"
    )
    parser.add_argument("--patroni", action="store_true", help="three database servers of which one leads")
    parser.add_argument("--plant", choices=BUGS, help="a bug to find, of those in tests/chaos/planted.py")
    parser.add_argument("--go-on", action="store_true", help="go on after a violation")
    options = parser.parse_args()
    bursts = plan(seed=options.seed, faults=options.faults, at_once=options.at_once, only=options.only)
    if options.steps:
        bursts = keep(bursts, read(options.steps))
    print(f"seed {options.seed}, {sum(len(burst.faults) for burst in bursts)} faults", flush=True)
    began = time.monotonic()
    with ExitStack() as stack:
        stage = stack.enter_context(set_up(make_server=LedServer if options.patroni else OneServer))
        print(f"the school is open after {time.monotonic() - began:.0f} s", flush=True)
        begin_anew: Callable[[], None] = stage.begin_anew
        if options.plant:
            begin_anew = stack.enter_context(planted_in(stage, BUGS[options.plant]))
            begin_anew()
        report = play(stage, bursts, name=str(options.seed), say=_say, stop_at_once=not options.go_on)
        _print(report)
        if report.violations and options.shrink:
            _shrink(stage, bursts, report, options, begin_anew)
    if report.violations:
        print(*report.violations, sep="\n")
        print(f"Again: {_command(options, options.steps)}")
    return int(bool(report.violations))


def _shrink(
    stage: Stage, bursts: list[Burst], report: Report, options: argparse.Namespace, begin_anew: Callable[[], None]
) -> None:
    """Find the fewest steps after which the same is not as it must be, and print the command that plays them."""
    broken, tried = _names(report), 0

    def fails(steps: Sequence[int]) -> bool:
        nonlocal tried
        tried += 1
        begin_anew()
        found = _names(play(stage, keep(bursts, steps), name=f"{options.seed}-{tried}", say=lambda _line: None))
        _say(f"{len(steps)} steps: {', '.join(found & broken) or 'all is well'}")
        return bool(found & broken)

    played = bursts[: len(report.resting)]
    steps = [step.number for burst in played for step in burst.steps]
    _say(f"looking for the fewest of {len(steps)} steps, {options.shrink} tries at most")
    left = shrink(steps, fails, most=options.shrink)
    for burst in keep(bursts, left):
        _say(" + ".join(f"{step.kind} ({step.number})" for step in burst.steps))
    _say(f"The fewest: {_command(options, written(left))}")


def _names(report: Report) -> set[str]:
    return {violation.split(": ")[1] for violation in report.violations}


def _command(options: argparse.Namespace, steps: str) -> str:
    only = "".join(f" --only '{kind}'" for kind in options.only)
    some = f" --steps {steps}" if steps else ""
    how = " --patroni" if options.patroni else ""
    how += f" --plant '{options.plant}'" if options.plant else ""
    if options.at_once != FAULTS_PER_BURST:
        how += f" --at-once {options.at_once}"
    return f"python -m tests.chaos --seed {options.seed} --faults {options.faults}{how}{only}{some}"


def _say(line: str) -> None:
    print(line, flush=True)


def _print(report: Report) -> None:
    print("\nfaults:", *(f"{count:5} {kind}" for kind, count in sorted(report.faults.items())), sep="\n")
    print("\nactions:", *(f"{count:5} {kind}" for kind, count in sorted(report.actions.items())), sep="\n")
    print("\nanswers:", dict(sorted(report.answers.items())))
    print(f"answering after {_spread(report.answering)} s, at rest after {_spread(report.resting)} s")
    hours = report.passed.total_seconds() / 3600
    print(f"{hours:.1f} hours of the day in {report.seconds / 60:.1f} minutes: {report.speed:.0f} times its speed")
    print(f"{sum(report.checks.values())} looks, {len(report.violations)} violations")


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f} (most {ordered[-1]:.1f})" if ordered else "?"


if __name__ == "__main__":
    sys.exit(main())
