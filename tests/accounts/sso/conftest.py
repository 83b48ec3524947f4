"""A provider to sign in at."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.models import User
from tests.accounts.sso import openid_server
from tests.accounts.sso.openid_server import OpenIDServer

Configure = Callable[..., None]


@pytest.fixture(scope="session")
def _served() -> Iterator[OpenIDServer]:
    with openid_server.served() as openid:
        yield openid


@pytest.fixture
def openid(_served: OpenIDServer) -> OpenIDServer:
    """Return an OpenID provider that nobody has been to."""
    _served.reset()
    return _served


@pytest.fixture
def configure(openid: OpenIDServer, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Return a function that sets what the settings say of the provider."""

    def set_provider(**changes: Any) -> None:
        wanted = {"sign_in_providers": (openid.provider(**changes),), "public_url": "http://testserver"}
        monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))

    return set_provider


def signed_in(client: Client) -> User | None:
    """Return who is signed in to the pages."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None
