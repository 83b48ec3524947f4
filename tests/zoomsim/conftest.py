"""Fixtures for testing the simulator from outside, over HTTP, as any client would."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulator import Simulator
from tests.zoomsim.receiver import Receiver

Meeting = dict[str, Any]

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
"""When each test begins, a Wednesday: what is captured and what is written out here is to come, whatever day it is."""


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """One simulator without limits for all tests of a process; its hosts live in Cairo."""
    with Simulator(plan="unlimited", hosts=4, timezone="Africa/Cairo") as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    """A simulated Zoom that has forgotten everything but its four hosts, at `NOW`."""
    simulator_process.reset()
    simulator_process.set_clock(NOW)
    return simulator_process


@pytest.fixture
def v2(simulator: Simulator) -> Iterator[httpx.Client]:
    """A client of the API with a good token."""
    with signed_in(simulator) as client:
        yield client


@pytest.fixture
def schedule(v2: httpx.Client) -> Callable[..., Meeting]:
    """Return a function that schedules a meeting, tomorrow unless told otherwise, and returns Zoom's answer."""

    def create(user: str = "me", **body: object) -> Meeting:
        answer = v2.post(f"/users/{user}/meetings", json={"topic": "Algebra", "start_time": in_utc(days=1), **body})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return create


@pytest.fixture
def receiver(simulator: Simulator) -> Iterator[Receiver]:
    """A webhook endpoint that the simulator sends to."""
    with Receiver(simulator.webhook_secret) as endpoint:
        simulator.send_webhooks_to(endpoint.url, endpoint.secret)
        yield endpoint


@pytest.fixture
def browser(simulator: Simulator) -> Iterator[Callable[..., httpx.Client]]:
    """Return a function that opens a browser of its own: it follows redirects and keeps cookies."""
    opened = []

    def new(**headers: str) -> httpx.Client:
        client = httpx.Client(base_url=simulator.url, follow_redirects=True, timeout=10, headers=headers)
        opened.append(client)
        return client

    yield new
    for client in opened:
        client.close()


def signed_in(simulator: Simulator) -> httpx.Client:
    """Return a client of the API with a new token."""
    token = simulator.access_token()
    return httpx.Client(base_url=simulator.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def in_utc(**ahead: float) -> str:
    """Return a time counted from `NOW`, as Zoom writes it."""
    return (NOW + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
