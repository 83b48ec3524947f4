"""
Every page of the product, as each role sees it: the demo's school with a real university's term, and BENCH_TIMES of it.

BENCH_TIMES is 10, or "10 100" to go on from there. The term is seven weeks on, held and attended. For each page: what it
weighs (its style sheets and scripts, compressed), how many statements it asks the database, and what it takes of the
processor, of Python and database together: the least of nine requests, which is what the server takes on a machine with
nothing else to do. Then what runs by the clock.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.browser.weight import MOST_BYTES
from tests.simulator import Simulator
from tests.system import System, fresh_system

from bench.growth import grow, live_through, sizes

TERM = Path(__file__).resolve().parents[1] / "src" / "classbell" / "demo" / "term"
# Each a multiple of the one before: it grows from one to the next.
TIMES = tuple(int(times) for times in os.environ.get("BENCH_TIMES", "10").split())
WEEKS_BEHIND = 6
MOST_STATEMENTS = 12
MOST_MILLISECONDS = 150
# Of a page that is as large as before; one that says more is named with how much more.
MOST_SLOWER = 1.3
AS_LARGE = 1.1
# A third more of next to nothing is noise.
FELT_MILLISECONDS = 30

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """What was measured of a school so many times as large: rows of tables, a row per page, milliseconds of each job."""

    times: int
    rows: Mapping[str, int]
    pages: Sequence[Row]
    jobs: Mapping[str, float]


def main() -> None:
    """Fill an installation, measure it, let it grow, measure it again, and print all side by side."""
    measured = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=25) as simulator,
        fresh_system(
            simulator, Path(folder), CLASSBELL_LOG_LEVEL="ERROR", ZOOM_WEBHOOK_SECRET=Simulator.webhook_secret
        ) as system,
    ):
        _fill(system)
        for before, times in itertools.pairwise((1, 1, *TIMES)):
            begun = time.monotonic()
            if times > 1:
                grow(system.database_url, times=times // before, before=before)
                print(f"{times} times the school made in {time.monotonic() - begun:.0f} s", flush=True)
            pages = _asked("bench.pages", system, Path(folder) / "pages.json")
            jobs = _asked("bench.clock", system, Path(folder) / f"clock-{times}.json")
            measured.append(Size(times=times, rows=sizes(system.database_url), pages=pages, jobs=jobs))
            print(f"{times} times measured", flush=True)
    _print_all(measured)


def _print_all(measured: Sequence[Size]) -> None:
    for name in measured[0].rows:
        print(f"{name:20}", *(f"{size.rows[name]:10,}" for size in measured))
    heads = "".join(f"{size.times:6}x    " for size in measured)
    for who in dict.fromkeys(row["who"] for row in measured[0].pages):
        print(f"\n{who}\n{heads} ratios  statements  weight    page")
        pages = zip(*([row for row in size.pages if row["who"] == who] for size in measured), strict=True)
        for rows in sorted(pages, key=lambda rows: -rows[-1]["milliseconds"]):
            _print(rows)
    print(f"\nby the clock\n{heads}")
    for name, _took in sorted(measured[-1].jobs.items(), key=lambda job: -job[1]):
        print(*(f"{size.jobs[name]:7.0f} ms" for size in measured), f" {name}")


def _fill(system: System) -> None:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_BEHIND)
    weeks = ["--from", monday.isoformat(), "--weeks", "14", "--timezone", "Europe/Lisbon"]
    system.command("seed-demo")
    system.command("import-term", str(TERM), *weeks)
    live_through(system.database_url)


def _asked(module: str, system: System, file: Path) -> Any:
    # In a process of its own: this one's settings name the server, not the database just filled.
    subprocess.run([sys.executable, "-m", module, str(file)], env=system.environment, check=True)
    return json.loads(file.read_text())


def _print(rows: Sequence[Row]) -> None:
    """Print a line of a page at each size, with the limits that it is over at the last one."""
    small, large = rows[0], rows[-1]
    ratio, larger = (large[name] / small[name] for name in ("milliseconds", "size"))
    statements = max(row["statements"] for row in rows)
    over = [
        name
        for name, is_over in (
            ("SLOW", large["milliseconds"] > MOST_MILLISECONDS),
            ("GROWS", ratio > MOST_SLOWER and larger < AS_LARGE and large["milliseconds"] > FELT_MILLISECONDS),
            (f"LARGER {larger:.1f}", larger >= AS_LARGE),
            ("STATEMENTS", statements > MOST_STATEMENTS),
            ("HEAVY", large["weight"] > MOST_BYTES),
        )
        if is_over
    ]
    print(
        "".join(f"{row['milliseconds']:7.1f} ms " for row in rows),
        "".join(f"{row['milliseconds'] / small['milliseconds']:5.1f}" for row in rows[1:]),
        f"{statements:7} {large['weight'] / 1000:9.1f} KB {large['size'] / 1000:6.1f} KB  {large['page']}  {' '.join(over)}",
    )
