"""Fixtures for tests of the meetings engine."""

import pytest
from django.conf import settings

from tests.zoom_events import SECRET


@pytest.fixture
def webhooks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoom's webhooks are configured with `zoom_events.SECRET`."""
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)(SECRET)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
