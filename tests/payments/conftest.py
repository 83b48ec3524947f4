"""Stripe, and a school that sells lessons by it."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings

from tests.payments.shop import environment_for
from tests.payments.stripe_server import StripeServer, running


@pytest.fixture(scope="session")
def stripe_process() -> Iterator[StripeServer]:
    """One Stripe for all tests of a process; use `stripe`, which is empty at the start of each test."""
    with running() as stripe:
        yield stripe


@pytest.fixture
def stripe(stripe_process: StripeServer, monkeypatch: pytest.MonkeyPatch) -> StripeServer:
    """Stripe, which the settings name."""
    stripe_process.empty()
    monkeypatch.setattr(django_settings, "ENVIRONMENT", environment_for(stripe_process))
    return stripe_process
