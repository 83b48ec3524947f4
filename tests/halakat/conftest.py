"""Fixtures for circles."""

import pytest
from django.conf import settings


@pytest.fixture
def sdk_keys(zoom, monkeypatch):
    """A Meeting SDK key and its secret, as in the settings."""
    secret = type(settings.ENVIRONMENT.zoom_sdk_secret)("s" * 32)
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_sdk_key": "sdk-key", "zoom_sdk_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)
    return environment
