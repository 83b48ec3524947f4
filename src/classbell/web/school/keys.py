"""API keys as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classbell.accounts.keys.scopes import PARTS, READ, WRITE
from classbell.accounts.models import ApiKey
from classbell.web.school.forms import WAYS

# By API a program may be let change what it does not read.
SAID: Final = {**WAYS, WRITE: _("Change without reading")}


@dataclass(frozen=True, kw_only=True, slots=True)
class May:
    """What a key may do with one part, in words."""

    part: str | Promise
    way: str | Promise


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownKey:
    """A key, what it may, and whether it lets its program in."""

    key: ApiKey
    may: Sequence[May]
    has_expired: bool
    has_owner: bool
    previous_until: datetime | None


def present_key(key: ApiKey, *, now: datetime) -> ShownKey:
    """Return a key as pages show it; `previous_until` while the secret before still works."""
    until = key.previous_until
    return ShownKey(
        key=key,
        may=_may(key.scopes),
        has_expired=key.has_expired(now),
        has_owner=key.has_owner,
        previous_until=until if until and until > now else None,
    )


def _may(scopes: Sequence[str]) -> list[May]:
    """Return the parts of which it may do anything, in their order."""
    chosen = [(part, " ".join(way for way in (READ, WRITE) if f"{part}:{way}" in scopes)) for part in PARTS]
    return [May(part=PARTS[part], way=SAID[ways]) for part, ways in chosen if ways]
