"""Webhooks and the processes that take them in and understand them, killed and stopped in between."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from tests.simulator import Simulator, wait_until
from tests.system import System, fresh_system
from tests.zoom_events import SECRET, as_bytes, event, headers


@pytest.fixture
def system(simulator: Simulator, tmp_path: Path) -> Iterator[System]:
    """An installation that knows the webhook secret; its web process runs."""
    with fresh_system(simulator, tmp_path, ZOOM_WEBHOOK_SECRET=SECRET) as system:
        system.start_web()
        system.wait_for_web()
        yield system


def send(system: System, number: int) -> int:
    raw = as_bytes(event("meeting.started", timezone.now(), id=str(number), uuid=f"run-{number}"))
    return httpx.post(f"{system.url}/api/zoom/webhook", content=raw, headers=headers(raw), timeout=10).status_code


def waiting(system: System) -> int:
    return int(system.query("SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL")[0][0])


@pytest.mark.slow
def test_accepted_events_survive_killed_processes_and_a_stopped_worker_leaves_nothing_half_done(system):
    accepted = [send(system, number) for number in range(20)]
    system.kill("web")
    stored = waiting(system)
    system.start_worker("first")
    wait_until(lambda: waiting(system) < 20, seconds=30, what="the worker to begin")
    system.kill("first")

    worker = system.begin("second", "worker", "--concurrency", "2")
    wait_until(lambda: waiting(system) == 0, seconds=30, what="the events to be understood")
    worker.send_signal(signal.SIGTERM)

    assert accepted == [200] * 20
    assert stored == 20
    assert worker.wait(timeout=30) == 0
    assert system.query("SELECT count(*) FROM meetings_meetingrun") == [(20,)]
