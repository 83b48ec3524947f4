"""A client of the simulator, with everything it is given in memory, quick to lose patience."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from classbell.zoom.breaker import LocalBreaker
from classbell.zoom.client import ZoomClient, ZoomConfig
from classbell.zoom.limits import NoLimiter
from classbell.zoom.oauth import MemoryTokenStore
from tests.simulator import Simulator

ClientFor = Callable[..., ZoomClient]


@pytest.fixture
def client_for(simulator: Simulator) -> Iterator[ClientFor]:
    """
    Return a function that makes a client of the simulator.

    `client_for(limiter=…, timeout_seconds=…)`: what a client is given, and the fields of its config, by name.
    """
    with httpx.Client() as http:

        def make(**given):
            parts: dict[str, Any] = {
                "http": http,
                "tokens": MemoryTokenStore(),
                "limiter": NoLimiter(),
                "breaker": LocalBreaker(failures=1000),
            }
            config: dict[str, Any] = {
                "account_id": "sim-account",
                "client_id": "sim-client",
                "client_secret": "sim-secret",
                "api_url": simulator.api_url,
                "oauth_url": simulator.oauth_url,
                "timeout_seconds": 0.5,
                "backoff_seconds": 0.01,
            }
            for name, value in given.items():
                (parts if name in {*parts, "clock"} else config)[name] = value
            return ZoomClient(ZoomConfig(**config), **parts)

        yield make


@pytest.fixture
def client(client_for: ClientFor) -> ZoomClient:
    """A client of the simulator without limits, whose circuit does not open."""
    return client_for(timeout_seconds=5)


@pytest.fixture
def host(simulator: Simulator) -> str:
    """The id of a licensed user."""
    return str(simulator.state()["hosts"][0]["id"])
