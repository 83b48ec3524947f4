"""
Lose every kind of link of an installation on several machines while people work, and print what that did.

    python -m tests.networks                    all of them
    python -m tests.networks leader Zoom        those whose names have one of these words
    python -m tests.networks --plain            with one database that nobody stands in for, and without Patroni
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import settings as _settings  # noqa: F401 -- the environment of tests
from tests.networks.campus import campus, tracebacks
from tests.networks.losses import SECONDS, Lost, lose, losses
from tests.networks.machines import why_not
from tests.patroni import MISSING, WHY_NOT


def main(words: list[str]) -> int:
    """Print the table; return how many promises were broken."""
    is_plain = "--plain" in words
    words = [word for word in words if word != "--plain"]
    if reason := why_not() or (WHY_NOT if MISSING and not is_plain else ""):
        print(f"left out: {reason}")
        return 0
    with (
        TemporaryDirectory() as folder,
        campus(Path(folder), is_plain=is_plain) as built,
        built.network["desk"].inside(),
    ):
        print(f"each link is lost for {SECONDS:g} s; all figures but the counts are seconds\n")
        print(
            "| lost | no booking | no event | app1 back after | app2 | at Zoom after | understood after | failed | slowest |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
        with built.people.at_work() as journal:
            for name in losses(is_plain=is_plain):
                if not words or any(word in name for word in words):
                    print(_row(lose(built, journal, name)), flush=True)
        problems = built.problems()
        kept = f"{len(journal.booked)} bookings, {len(journal.confirmed)} confirmed, {len(journal.events)} events"
        print(f"\nacknowledged: {kept}; refused: {len(journal.refused)}")
        for reason, times in Counter(journal.refused).most_common(5):
            print(f"  {times} times {reason}")
        print(f"gone, twice or different at Zoom: {len(problems)} {problems[:10] or ''}")
        for name, app in built.apps.items():
            found = tracebacks(app.log.read_text())
            print("\n".join([f"{name}: {len(found)} tracebacks in its log", *found]))
    return len(problems)


def _row(lost: Lost) -> str:
    kinds = ("booking", "confirmation", "event", "page")
    slowest = max((one.answered - one.sent for one in lost.asked), default=0.0)
    cells = [
        lost.name,
        f"{lost.without_bookings:.1f}",
        f"{lost.without_events:.1f}",
        *(f"{seconds:.1f}" for seconds in lost.writes_again.values()),
        _after(lost.at_zoom),
        _after(lost.understood),
        f"{len(lost.failed(*kinds))} of {len(lost.asked)}",
        f"{slowest:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _after(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds > 0 else "before"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
