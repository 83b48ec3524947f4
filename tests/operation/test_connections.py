"""How many connections processes keep is known beforehand, whatever is asked of them: docs/scaling.md reckons with it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.simulator import Simulator
from tests.system import fresh_system

THREADS: Final = 4
# 16 jobs at a time, 5 of its own, 1 for the inbox.
OF_A_WORKER: Final = 22
OURS: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@pytest.mark.slow
def test_a_crowd_makes_no_process_keep_more_connections_than_it_has_threads(tmp_path: Path) -> None:
    with Simulator(hosts=1) as simulator, fresh_system(simulator, tmp_path) as system:
        system.begin("web", "serve", "--port", str(system.port), "--threads", str(THREADS))
        system.begin("worker", "worker")
        system.wait_for_web()

        def ask(_number: int) -> int:
            return httpx.get(f"{system.url}/api/bookings/teachers", timeout=60).status_code

        with ThreadPoolExecutor(20) as crowd:
            answers = list(crowd.map(ask, range(100)))
        kept = system.query(OURS)[0][0]

    assert set(answers) == {200}
    assert THREADS <= kept <= THREADS + OF_A_WORKER
