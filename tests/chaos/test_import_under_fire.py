"""
A term is imported while Zoom misbehaves and our processes are killed; afterwards Zoom and the database agree exactly.

The run in the suite is short. The long one, by hand:

    CHAOS_KILLS=50 CHAOS_SECTIONS=399 .venv/bin/pytest tests/chaos -s
"""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.conftest import SECTIONS
from tests.simulator import Simulator, wait_until
from tests.system import System, difference, fresh_system

KILLS = int(os.environ.get("CHAOS_KILLS", "4"))
SEED = int(os.environ.get("CHAOS_SEED", str(random.randrange(10**6))))
# A dead worker's jobs are taken up after half a minute; no kill waits that long for more to happen.
PATIENCE_SECONDS = 8.0

# Each call of the product may meet any of these; together about one in five goes wrong.
FAULTS = (
    {"kind": "drop_response", "probability": 0.07},
    {"kind": "refuse", "probability": 0.05},
    {"kind": "status", "status": 502, "probability": 0.05},
    {"kind": "timeout", "probability": 0.02},
    {"kind": "latency", "ms": 300, "probability": 0.1},
)


def import_options() -> list[str]:
    """Return the options of an import of eight weeks from this one on."""
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday())
    return ["--from", monday.isoformat(), "--weeks", "8", "--timezone", "Europe/Lisbon"]


@pytest.mark.chaos
def test_zoom_and_database_agree_after_kills_and_faults(tmp_path: Path, part_of_the_term: Path) -> None:
    chance = random.Random(SEED)
    with (
        Simulator(plan="unlimited", hosts=25) as simulator,
        fresh_system(simulator, tmp_path, ZOOM_PLAN="business", ZOOM_REQUEST_TIMEOUT="2") as system,
    ):
        for fault in FAULTS:
            simulator.fault(path="/v2/.*", **fault)

        kills = _import_and_kill(system, simulator, part_of_the_term, chance)
        counters = simulator.counters()
        simulator.clear_faults()
        system.kill_all()
        system.start_worker()
        wait_until(lambda: system.unfinished() == 0, seconds=300, what="every meeting synced")
        system.command("sweep")
        wait_until(lambda: _jobs_left(system) == 0, seconds=300, what="the sweep to end")

        left = difference(system, simulator)
        print(f"\nseed {SEED}: {kills} kills, {counters.get('faults', '?')} faults, difference {left or 'none'}")
        assert left == []
        assert kills == KILLS
        assert system.query("SELECT count(*) FROM courses_section") == [(SECTIONS,)]


def _import_and_kill(system: System, simulator: Simulator, folder: Path, chance: random.Random) -> int:
    """
    Keep worker, web and import running and kill one of them each time Zoom has been asked a few more times.

    Everything starts at once; what is killed is started again at once. Returns the kills.
    """
    options = import_options()
    start: dict[str, Callable[[], object]] = {
        "worker": system.start_worker,
        "web": system.start_web,
        "import": lambda: system.begin("import", "import-term", str(folder), *options),
    }
    for begin in start.values():
        begin()
    for _kill in range(KILLS):
        enough = _zoom_calls(simulator) + chance.randint(1, max(2, 2 * SECTIONS // KILLS))
        wait_until(
            partial(_was_asked, simulator, enough),
            seconds=chance.uniform(1, PATIENCE_SECONDS),
            what="Zoom to be asked",
            must=False,
        )
        victim = chance.choice(["worker", "worker", "worker", "web", "import"])
        system.kill(victim)
        start[victim]()
    if system.processes["import"].wait() != 0:
        system.command("import-term", str(folder), *options)
    return KILLS


def _zoom_calls(simulator: Simulator) -> int:
    return int(simulator.counters()["requests"])


def _was_asked(simulator: Simulator, times: int) -> bool:
    return _zoom_calls(simulator) >= times


def _jobs_left(system: System) -> int:
    return int(system.query("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")[0][0])
