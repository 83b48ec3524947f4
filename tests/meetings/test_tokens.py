"""The token of Zoom that all processes share is read by whoever has the secret key and the credentials it was kept with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.meetings.models import ZoomToken
from classbell.meetings.sync.tokens import PostgresTokenStore
from classbell.zoom.oauth import Token
from tests.secret_keys import secret_keys
from tests.zoom_setup import an_account

pytestmark = pytest.mark.django_db

TOKEN = Token(
    access_token="very-secret",
    expires_at=datetime.now(UTC) + timedelta(hours=1),
    scopes=frozenset({"meeting:write:meeting:admin"}),
    api_url="https://zoom.example",
)


@pytest.fixture
def kept() -> PostgresTokenStore:
    store = PostgresTokenStore(an_account())
    store.renew("account", None, lambda: TOKEN)
    return store


def test_kept_token_is_read_and_not_readable(kept: PostgresTokenStore) -> None:
    assert kept.current("account") == TOKEN
    assert b"very-secret" not in bytes(ZoomToken.objects.get().ciphertext)


def test_token_is_read_by_the_secret_key_before(kept: PostgresTokenStore, settings: Any) -> None:
    with secret_keys("another", settings.SECRET_KEY):
        assert kept.current("account") == TOKEN


def test_token_is_fetched_anew_with_another_secret_key(kept: PostgresTokenStore) -> None:
    with secret_keys("another"):
        assert kept.current("account") is None


def test_token_is_fetched_anew_with_other_credentials(kept: PostgresTokenStore) -> None:
    another = PostgresTokenStore(an_account(client_secret="another"))

    assert another.current("account") is None
