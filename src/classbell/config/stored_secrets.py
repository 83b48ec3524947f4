"""
What is stored encrypted: one list of it, to encrypt it anew after the secret key was changed.

Whatever uses `classbell.encryption.encrypt` to store something stands here; tests/config/test_stored_secrets.py asks for it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import models, transaction

from classbell.accounts import idempotency, passkeys
from classbell.accounts.models import IdempotencyKey, IdentityProvider
from classbell.accounts.sso import providers
from classbell.bookings.guests import links
from classbell.bookings.models import GuestLink
from classbell.calendars import sealing
from classbell.calendars.models import ExternalCalendar
from classbell.encryption import NotDecipherable, encrypt_anew
from classbell.hooks import secrets as hook_secrets
from classbell.hooks.models import Webhook
from classbell.meetings import user_app, zoom_accounts
from classbell.meetings.models import UserApp, ZoomAccount, ZoomToken
from classbell.meetings.sync import tokens
from classbell.notices import feeds, gateways, push
from classbell.notices.models import CalendarFeed, Gateway, PushKey, PushSubscription
from classbell.privacy import exports
from classbell.privacy.models import Export
from classbell.rows import write

# One encrypted thing to what is written in its place.
Anew = Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """
    One kind of what is stored encrypted.

    `module` encrypts it. `changes` says what to write into a row, given how to encrypt one thing anew. What `comes_back` by
    itself, or is of no use in a day, need not be readable.
    """

    name: str
    module: str
    rows: Callable[[], models.QuerySet[Any]]
    purpose: Callable[[Any], str]
    changes: Callable[[Any, Anew], dict[str, object]]
    comes_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotated:
    """How many rows of a kind were or would be encrypted anew, were so already, and cannot be read (by what they are)."""

    stored: Stored
    anew: int
    already: int
    unreadable: tuple[str, ...]

    @property
    def stands_in_the_way(self) -> bool:
        """Whether something would be lost that nobody brings back."""
        return bool(self.unreadable) and not self.stored.comes_back


def _columns(*names: str) -> Callable[[Any, Anew], dict[str, object]]:
    def changes(row: Any, anew: Anew) -> dict[str, object]:
        return {name: anew(bytes(kept)) for name in names if (kept := getattr(row, name))}

    return changes


def _second_step(row: Authenticator, anew: Anew) -> dict[str, object]:
    return {"data": passkeys.data_anew(row.data, lambda kept: anew(kept.encode()).decode())}


STORED: Final = (
    Stored(
        name="secrets of webhooks' receivers",
        module=hook_secrets.__name__,
        rows=Webhook.objects.all,
        purpose=lambda _row: hook_secrets.PURPOSE,
        changes=_columns("secret", "previous_secret"),
    ),
    Stored(
        name="secrets of identity providers",
        module=providers.__name__,
        rows=lambda: IdentityProvider.objects.exclude(secret=b""),
        purpose=lambda _row: providers.PURPOSE,
        changes=_columns("secret"),
    ),
    Stored(
        name="second steps and recovery codes",
        module=passkeys.__name__,
        rows=lambda: Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN),
        purpose=lambda _row: passkeys.PURPOSE,
        changes=_second_step,
    ),
    Stored(
        name="addresses of calendars",
        module=feeds.__name__,
        rows=lambda: CalendarFeed.objects.exclude(sealed=b""),
        purpose=lambda _row: feeds.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="what opens teachers' calendars",
        module=sealing.__name__,
        rows=ExternalCalendar.objects.all,
        purpose=lambda _row: sealing.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="how text messages are sent",
        module=gateways.__name__,
        rows=lambda: Gateway.objects.exclude(sealed=b""),
        purpose=lambda _row: gateways.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="the key by which browsers know notifications",
        module=push.__name__,
        rows=PushKey.objects.all,
        purpose=lambda _row: push.KEY_PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="browsers that show notifications",
        module=push.__name__,
        rows=PushSubscription.objects.all,
        purpose=lambda _row: push.SUBSCRIPTION_PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="copies of what is kept of people",
        module=exports.__name__,
        rows=lambda: Export.objects.exclude(content=b""),
        purpose=lambda _row: exports.PURPOSE,
        changes=_columns("content"),
        comes_back=True,
    ),
    Stored(
        name="answers kept for Idempotency-Key",
        module=idempotency.__name__,
        rows=lambda: IdempotencyKey.objects.exclude(answer=b""),
        purpose=lambda _row: idempotency.PURPOSE,
        changes=_columns("answer"),
        comes_back=True,
    ),
    Stored(
        name="secrets of accounts at Zoom",
        module=zoom_accounts.__name__,
        rows=lambda: ZoomAccount.objects.exclude(sealed=b""),
        purpose=lambda _row: zoom_accounts.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="secrets of the app that teachers consent to",
        module=user_app.__name__,
        rows=UserApp.objects.all,
        purpose=lambda _row: user_app.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="guests' links",
        module=links.__name__,
        rows=GuestLink.objects.all,
        purpose=lambda _row: links.PURPOSE,
        changes=_columns("sealed"),
    ),
    Stored(
        name="Zoom's access token",
        module=tokens.__name__,
        rows=ZoomToken.objects.all,
        purpose=tokens.token_purpose,
        changes=_columns("ciphertext"),
        comes_back=True,
    ),
)


def rotate(*, dry_run: bool) -> Iterator[Rotated]:
    """
    Encrypt everything anew by the present secret key, a row a transaction, and yield each kind when it is through; with
    `dry_run` change nothing. Safe to break off, to repeat, and beside running processes.
    """
    for stored in STORED:
        counts = {"anew": 0, "already": 0}
        unreadable = []
        for key in list(stored.rows().order_by("pk").values_list("pk", flat=True)):
            try:
                changed = _rotate_row(stored, key, dry_run=dry_run)
            except NotDecipherable:
                unreadable.append(_described(stored, key))
                continue
            if changed is not None:
                counts["anew" if changed else "already"] += 1
        yield Rotated(stored=stored, unreadable=tuple(unreadable), **counts)


def _rotate_row(stored: Stored, key: object, *, dry_run: bool) -> bool | None:
    """Return whether a row had to be encrypted anew; None when it has gone meanwhile. Raises NotDecipherable."""
    with transaction.atomic():
        row = stored.rows().select_for_update().filter(pk=key).first()
        if row is None:
            return None
        purpose = stored.purpose(row)
        changes = stored.changes(row, lambda kept: encrypt_anew(kept, purpose=purpose))
        changed = any(_plain(getattr(row, name)) != value for name, value in changes.items())
        if changed and not dry_run:
            write(row, changes)
        return changed


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _described(stored: Stored, key: object) -> str:
    row = stored.rows().filter(pk=key).first()
    owner = getattr(row, "user", None)
    return f"{row} of {owner.email} ({key})" if owner is not None else f"{row} ({key})"
