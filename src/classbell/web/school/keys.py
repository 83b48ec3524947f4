"""API keys as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from classbell.accounts.keys.scopes import may
from classbell.accounts.models import ApiKey


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownKey:
    """A key, what it may with which part, in words, and whether it lets its program in."""

    key: ApiKey
    may: Sequence[tuple[str, str]]
    has_expired: bool
    has_owner: bool
    previous_until: datetime | None


def present_key(key: ApiKey, *, now: datetime) -> ShownKey:
    """Return a key as pages show it; `previous_until` while the secret before still works."""
    until = key.previous_until
    return ShownKey(
        key=key,
        may=may(key.scopes),
        has_expired=key.has_expired(now),
        has_owner=key.has_owner,
        previous_until=until if until and until > now else None,
    )
