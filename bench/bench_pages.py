"""
Every page of the product, as each role sees it: the demo's school with a real university's term, and BENCH_TIMES (10) of it.

The term is seven weeks on, held and attended. For each page: what it weighs (its style sheets and scripts, compressed), how
many statements it asks the database, and what it takes of the processor, of Python and database together: the least of nine
requests, which is what the server takes on a machine with nothing else to do. Then, of both, what runs by the clock.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.browser.weight import MOST_BYTES
from tests.simulator import Simulator
from tests.system import System, fresh_system

from bench.growth import grow, live_through, sizes

TERM = Path(__file__).resolve().parents[1] / "src" / "classbell" / "demo" / "term"
TIMES = int(os.environ.get("BENCH_TIMES", "10"))
WEEKS_BEHIND = 6
MOST_STATEMENTS = 12
MOST_MILLISECONDS = 150
# Of a page that is as large as before; one that says more is named with how much more.
MOST_SLOWER = 1.3
AS_LARGE = 1.1
# A third more of next to nothing is noise.
FELT_MILLISECONDS = 30

Row = Mapping[str, Any]


def main() -> None:
    """Fill an installation, measure it, let it grow, measure it again, and print both side by side."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=25) as simulator,
        fresh_system(
            simulator, Path(folder), CLASSBELL_LOG_LEVEL="ERROR", ZOOM_WEBHOOK_SECRET=Simulator.webhook_secret
        ) as system,
    ):
        _fill(system)
        small, small_size = _measured(system, Path(folder)), sizes(system.database_url)
        small_clock = _by_the_clock(system, Path(folder))
        begun = time.monotonic()
        grow(system.database_url, times=TIMES)
        print(f"{TIMES} times the school made in {time.monotonic() - begun:.0f} s", flush=True)
        large, large_size = _measured(system, Path(folder)), sizes(system.database_url)
        large_clock = _by_the_clock(system, Path(folder))
    for name, count in small_size.items():
        print(f"{name:20} {count:10,} {large_size[name]:10,}")
    for who in dict.fromkeys(row["who"] for row in small):
        _print(who, [pair for pair in zip(small, large, strict=True) if pair[0]["who"] == who])
    print(f"\nby the clock, processor's time\n       1x      {TIMES}x")
    for name, took in sorted(large_clock.items(), key=lambda row: -row[1]):
        print(f"{small_clock[name]:6.0f} ms {took:6.0f} ms  {name}")


def _fill(system: System) -> None:
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_BEHIND)
    weeks = ["--from", monday.isoformat(), "--weeks", "14", "--timezone", "Europe/Lisbon"]
    system.command("seed-demo")
    system.command("import-term", str(TERM), *weeks)
    live_through(system.database_url)


def _measured(system: System, folder: Path) -> list[Row]:
    # In a process of its own: this one's settings name the server, not the database just filled.
    file = folder / "pages.json"
    subprocess.run([sys.executable, "-m", "bench.pages", str(file)], env=system.environment, check=True)
    return list(json.loads(file.read_text()))


def _by_the_clock(system: System, folder: Path) -> dict[str, float]:
    file = folder / "clock.json"
    subprocess.run([sys.executable, "-m", "bench.clock", str(file)], env=system.environment, check=True)
    return dict(json.loads(file.read_text()))


def _print(who: str, pairs: Sequence[tuple[Row, Row]]) -> None:
    """Print a line per page, the slowest first, with the limits it is over."""
    print(f"\n{who}: {len(pairs)} pages\n       1x      {TIMES}x  ratio  statements  weight    page")
    for small, large in sorted(pairs, key=lambda pair: -pair[1]["milliseconds"]):
        ratio = large["milliseconds"] / small["milliseconds"]
        larger = large["size"] / small["size"]
        statements = max(small["statements"], large["statements"])
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
            f"{small['milliseconds']:6.1f} ms {large['milliseconds']:6.1f} ms {ratio:5.1f} {statements:7}"
            f" {large['weight'] / 1000:9.1f} KB {large['size'] / 1000:6.1f} KB  {large['page']}  {' '.join(over)}"
        )
