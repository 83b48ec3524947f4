"""
Every page of the product, as each role sees it, over the demo's school and a real university's term.

For each: what it weighs (its style sheets and scripts, compressed), how many statements it asks the database, and how
long the server takes, without network, browser and parallel requests. Limits: 100 KB and 12 statements.
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.simulator import Simulator
from tests.system import System, fresh_system

TERM = Path(__file__).resolve().parents[1] / "src" / "classbell" / "demo" / "term"


def main() -> None:
    """Fill an installation and print what `bench.pages` measures of it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(hosts=25) as simulator,
        fresh_system(simulator, Path(folder), CLASSBELL_LOG_LEVEL="ERROR") as system,
    ):
        _fill(system)
        # In a process of its own: this one's settings name the server, not the database just filled.
        subprocess.run([sys.executable, "-m", "bench.pages"], env=system.environment, check=True)


def _fill(system: System) -> None:
    monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday())
    weeks = ["--from", monday.isoformat(), "--weeks", "14", "--timezone", "Europe/Lisbon"]
    system.command("seed-demo")
    system.command("import-term", str(TERM), *weeks)
    system.execute("ANALYZE")
