"""
Zoom is down for a while. People notice little, nobody asks Zoom in vain for long, and afterwards everything is true.

Ten minutes, by hand:

    CHAOS_OUTAGE_SECONDS=600 .venv/bin/pytest tests/chaos/test_outage.py -s
"""

import os
import time
from pathlib import Path

import httpx
import pytest

from tests.chaos.test_import_under_fire import import_options
from tests.simulator import Simulator, wait_until
from tests.system import System, difference, fresh_system

OUTAGE_SECONDS = float(os.environ.get("CHAOS_OUTAGE_SECONDS", "12"))
# A person whose page takes longer than this has given up.
LONGEST_ANSWER_SECONDS = 30.0


@pytest.mark.chaos
def test_outage_is_survived_without_a_person(tmp_path: Path, part_of_the_term: Path) -> None:
    with Simulator(plan="business", hosts=25) as simulator, fresh_system(simulator, tmp_path) as system:
        system.command("seed-demo")
        system.start_worker()
        system.start_web()
        wait_until(lambda: system.unfinished() == 0, seconds=90, what="the school to be on Zoom")
        people = _signed_in(system)

        simulator.fault(path="/.*", kind="refuse")
        system.command("import-term", str(part_of_the_term), *import_options())
        answers = _use_the_product(people, until=time.monotonic() + OUTAGE_SECONDS)
        circuit = system.query("SELECT opened_at IS NOT NULL FROM meetings_circuit")
        waiting = system.unfinished()
        simulator.clear_faults()
        recovered_at = time.monotonic()
        wait_until(lambda: system.unfinished() == 0, seconds=120, what="everything to be on Zoom")

        took = sorted(seconds for _status, seconds in answers)
        p99 = took[int(len(took) * 0.99)]
        print(
            f"\n{OUTAGE_SECONDS:.0f} s outage: {len(took)} requests, p99 {p99 * 1000:.0f} ms, slowest "
            f"{took[-1] * 1000:.0f} ms; {waiting} meetings waited; all on Zoom {time.monotonic() - recovered_at:.0f} s after"
        )
        assert {status for status, _seconds in answers} == {200}
        assert circuit == [(True,)]
        assert waiting > 0
        assert difference(system, simulator) == []


def _signed_in(system: System) -> list[httpx.Client]:
    """Return clients of the API for the demo's three people, signed in."""
    system.wait_for_web()
    clients = []
    for name in ("admin", "teacher", "student"):
        client = httpx.Client(base_url=system.url, timeout=LONGEST_ANSWER_SECONDS)
        answer = client.post(
            "/api/auth/token", json={"email": f"{name}@classbell.example", "password": "demo-classbell"}
        )
        client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        clients.append(client)
    return clients


def _use_the_product(people: list[httpx.Client], *, until: float) -> list[tuple[int, float]]:
    """Ask what people ask, one after the other, and return (status, seconds) of every answer."""
    answers = []
    while time.monotonic() < until:
        for client in people:
            for path in ("/api/auth/me", "/api/zoom/classes", "/healthz"):
                started = time.monotonic()
                status = client.get(path).status_code
                if not (path == "/api/zoom/classes" and status == httpx.codes.FORBIDDEN):
                    answers.append((status, time.monotonic() - started))
    return answers
