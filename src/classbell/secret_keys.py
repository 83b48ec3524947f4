"""
The secret keys of the installation: the one that signs and encrypts, and older ones that still verify what they signed.

An older key verifies until the end of its last day. What it encrypted is read for as long as it is set, whatever the day: a
forgotten date must not lose anything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

_DATED: Final = re.compile(r"(\d{4}-\d{2}-\d{2}):(.+)")
_BETWEEN: Final = re.compile(r"[\s,]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class OldKey:
    """A key that was the installation's before. `until` is the last day on which it verifies, None for no end."""

    key: str = field(repr=False)
    until: date | None = None

    def verifies(self, now: datetime, zone: ZoneInfo) -> bool:
        """Say whether it verifies at this moment (aware), its last day being one of this place."""
        return self.until is None or now.astimezone(zone).date() <= self.until


def read_old_keys(text: str) -> tuple[OldKey, ...]:
    """
    Return the keys in a text, with white space or commas between them, each maybe with its last day before it as in
    `2027-01-31:key`. Raises ValueError, which repeats nothing of a key.
    """
    return tuple(_old_key(part) for part in _BETWEEN.split(text.strip()) if part)


def known_keys() -> list[str]:
    """Return all keys by which something may be encrypted, the one that encrypts first."""
    return [settings.SECRET_KEY, *(old.key for old in settings.ENVIRONMENT.old_secret_keys)]


def verifying_keys() -> list[str]:
    """Return the keys that verify now, the one that signs first."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


class VerifyingKeys(list[str | bytes]):
    """
    The older keys that verify at the moment somebody looks: Django's SECRET_KEY_FALLBACKS, which it wants to be a list.

    A process that runs for months looks each time, so a key ends on its day and not at the next start.
    """

    def __init__(
        self, old: tuple[OldKey, ...], zone: ZoneInfo, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(one.key for one in old)
        self._old, self._zone, self._clock = old, zone, clock

    def __iter__(self) -> Iterator[str | bytes]:
        now = self._clock()
        return iter([one.key for one in self._old if one.verifies(now, self._zone)])


def _old_key(part: str) -> OldKey:
    dated = _DATED.fullmatch(part)
    if dated is None:
        return OldKey(key=part)
    try:
        return OldKey(key=dated[2], until=date.fromisoformat(dated[1]))
    except ValueError:
        raise ValueError(f"{dated[1]} is no day; write it such as 2027-01-31:key") from None
