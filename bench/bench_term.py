"""
The real term: people, classes and claims into the database; then 399 recurring meetings on Zoom under a plan's limits.

The limit: 399 creates cannot take less than 399 / (creates a second the plan allows), after the first second's worth.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator, wait_until
from tests.system import System, difference, fresh_system

TERM = Path(__file__).resolve().parents[1] / "src" / "classbell" / "demo" / "term"
SECTIONS = 399
PLANS = {"pro": 30, "business": 80}


def main() -> None:
    """Print import time, provisioning time against the plan's limit, answers of 429, hosts used, and a second run."""
    for plan, rate in PLANS.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            Simulator(plan=plan, hosts=25) as simulator,
            fresh_system(simulator, Path(folder), ZOOM_PLAN=plan) as system,
        ):
            _measure(system, simulator, plan, rate)


def _measure(system: System, simulator: Simulator, plan: str, rate: int) -> None:
    monday = datetime.now(UTC).date() + timedelta(days=7 - datetime.now(UTC).weekday())
    command = ["import-term", str(TERM), "--from", monday.isoformat(), "--weeks", "14", "--timezone", "Europe/Lisbon"]
    importing = _seconds(lambda: system.command(*command))
    startup = _seconds(lambda: system.command("plan-hosts"))
    print(f"{plan}: import {importing:.1f} s as a command (of which starting Python and Django about {startup:.1f} s)")

    system.start_worker(concurrency=24)
    wait_until(lambda: _on_zoom(system) > 0, seconds=60, what="the first meeting")
    first, started = _on_zoom(system), time.monotonic()
    wait_until(lambda: system.unfinished() == 0, seconds=300, what="every meeting on Zoom")
    took = time.monotonic() - started
    limit = (SECTIONS - first) / rate
    counters = simulator.state()["counters"]
    print(f"{plan}: {SECTIONS - first} meetings in {took:.1f} s; the limit of {rate}/s allows {limit:.1f} s", end="; ")
    print(f"ratio {took / limit:.2f}; answers of 429: {counters['throttled']}")

    (claims,) = system.query("SELECT kind, count(*) FROM meetings_claim WHERE kind = 'seat' GROUP BY 1")
    hosts = system.query(
        "SELECT count(DISTINCT s.host_id) FROM meetings_meeting m JOIN meetings_hostseat s ON s.id = m.seat_id"
    )
    before = _writes(simulator)
    again = _seconds(lambda: system.command(*command))
    wait_until(lambda: system.unfinished() == 0, seconds=60, what="nothing left")
    left = difference(system, simulator)
    print(f"{plan}: hosts used {hosts[0][0]}; seats claimed for {claims[1]} sessions; difference {left or 'none'}")
    print(f"{plan}: second import {again:.1f} s, {_writes(simulator) - before} writes sent to Zoom")


def _seconds(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _on_zoom(system: System) -> int:
    return int(system.query("SELECT count(*) FROM meetings_meeting WHERE sync_status = 'synced'")[0][0])


def _writes(simulator: Simulator) -> int:
    by_endpoint = simulator.state()["counters"]["by_endpoint"]
    return sum(count for name, count in by_endpoint.items() if not name.startswith("GET") and "oauth" not in name)
