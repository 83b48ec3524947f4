"""A thousand notices by mail while the worker is killed twenty times: does each arrive, and how many twice."""

import tempfile
import time
from pathlib import Path

from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.notices.many import deliver

NOTICES, KILLS = 1_000, 20


def main() -> None:
    """Print the figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        delivered = deliver(Path(folder), notices=NOTICES, kills=KILLS)
    missing = len(delivered.wanted - set(delivered.times))
    repeated = sum(times - 1 for times in delivered.times.values())
    print(
        f"{NOTICES} notices, {KILLS} kills, {time.monotonic() - began:.0f} s: {missing} missing, {repeated} sent again under "
        f"their Message-ID, {delivered.sent} out in the ledger"
    )
