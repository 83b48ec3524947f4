"""A calendar on the loopback interface."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings

from tests.receiver import Receiver, reaching


@pytest.fixture
def calendar_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A program that gives its `text` to whoever asks, and that the settings let us ask."""
    with Receiver(status=200) as receiver:
        monkeypatch.setattr(django_settings, "ENVIRONMENT", reaching(receiver))
        yield receiver
