"""Fixtures that connect Classbell to a simulator; `tests/conftest.py` makes them known everywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from pydantic import SecretStr

from classbell.config.environment import Environment
from classbell.meetings.hosts import pool
from classbell.meetings.models import HostSeat, ZoomAccount, ZoomHost
from classbell.meetings.sync import gateway
from classbell.meetings.zoom_accounts import Account
from classbell.zoom.client import ZoomClient
from tests.simulator import Simulator


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Simulator]:
    """One simulator for all tests of a process; use `simulator`, which is empty at the start of each test."""
    with Simulator(plan="unlimited", hosts=3) as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_process: Simulator) -> Simulator:
    """A simulated Zoom with three hosts, no meetings, no faults, and the clock right."""
    simulator_process.reset()
    return simulator_process


@pytest.fixture
def zoom(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> ZoomClient:
    """Classbell configured for the simulator, as an account of its own so that no test inherits another's circuit."""
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment_for(simulator))
    gateway._client.cache_clear()
    return gateway.zoom_client()


def an_account(**more: Any) -> Account:
    """Return an account with made-up credentials, with anything else on top."""
    values: dict[str, Any] = {
        "account_id": "account",
        "name": "",
        "client_id": "client",
        "client_secret": "secret",
        "api_url": "https://zoom.example/v2",
        "oauth_url": "https://zoom.example/oauth/token",
        "plan": "unlimited",
        "seats_per_host": 1,
        "sdk_key": "",
        "sdk_secret": "",
        "webhook_secrets": (),
    }
    return Account(**values | more)


def environment_for(simulator: Simulator, **more: object) -> Environment:
    """Return the settings with which Classbell talks to a simulator, with anything else on top."""
    values = {
        "zoom_account_id": simulator.account_id,
        "zoom_client_id": simulator.client_id,
        "zoom_client_secret": SecretStr(simulator.client_secret),
        "zoom_api_url": simulator.api_url,
        "zoom_oauth_url": simulator.oauth_url,
        "zoom_plan": "unlimited",
        "zoom_request_timeout": timedelta(seconds=1),
        "zoom_inline_timeout": timedelta(seconds=2),
    }
    return django_settings.ENVIRONMENT.model_copy(update=values | more)


@pytest.fixture
def zoom_hosts(zoom: ZoomClient, simulator: Simulator) -> list[ZoomHost]:
    """The simulator's hosts, as they are in the database once they have been read; and a token to ask Zoom with."""
    now = datetime.now(UTC)
    if simulator.url in _READ:
        for rows in _READ[simulator.url]:
            type(rows[0]).objects.bulk_create(rows)
        ZoomAccount.objects.update(hosts_read_at=now)
        next(zoom.iter_users(status="active"))
    else:
        pool.read_hosts(zoom, account_id="sim-account", now=now)
        # Reading them anew takes a dozen questions to Zoom and the database for each host, a third of a test's time.
        _READ[simulator.url] = [list(model.objects.all()) for model in (ZoomAccount, ZoomHost, HostSeat)]
    return list(ZoomHost.objects.order_by("email"))


# What was read of each simulator that has its hosts still.
_READ: dict[str, list[list[Any]]] = {}
