"""API keys for tests, made through the service that the product uses."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from django.utils import timezone

from classbell.accounts.keys.scopes import SCOPES
from classbell.accounts.keys.services import IssuedKey, make_key
from classbell.accounts.models import User
from tests.api_client import ApiClient
from tests.factories import make_admin

_numbers = count(1)


def issue_key(
    *scopes: str,
    owner: User | None = None,
    name: str = "",
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> IssuedKey:
    """Make a key with these scopes, or all, for an admin."""
    wanted: Sequence[str] = scopes or SCOPES
    return make_key(
        owner=owner or make_admin(),
        name=name or f"Program {next(_numbers)}",
        scopes=wanted,
        expires_at=expires_at,
        now=now or timezone.now(),
    )


def program(issued: IssuedKey) -> ApiClient:
    """Return a client that sends a key's secret."""
    return ApiClient(access_token=issued.secret)
