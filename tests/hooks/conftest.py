"""A program of the school that takes webhooks in."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from classbell.hooks.events import EVENTS
from classbell.hooks.services import IssuedSecret, make_webhook
from tests.receiver import Receiver, reaching


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the settings let webhooks go to."""
    with Receiver() as receiver:
        monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(receiver))
        yield receiver


@pytest.fixture
def wanted(receiver: Receiver) -> Callable[..., IssuedSecret]:
    """Return a function that has the receiver told of some events, or of all."""

    def make(*events: str) -> IssuedSecret:
        return make_webhook(url=receiver.url, events=events or tuple(EVENTS), now=timezone.now())

    return make
