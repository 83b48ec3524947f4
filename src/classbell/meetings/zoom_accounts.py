"""
The accounts at Zoom that the school may use: the first as the settings have it, more as admins have added them on a page.

Of a kept account its secrets lie encrypted; what is in here never leaves by API or page.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from asgiref.local import Local
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.dispatch import receiver

from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.meetings.models import ZoomAccount
from classbell.zoom.errors import ZoomNotConfigured

PURPOSE: Final = "zoom-accounts"
# What a request has seen already of whether there is an account: pages and answers ask for every meeting in a list.
_request: Final = Local()


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """What lets in: to the account, to messages in Zoom's name, to meetings inside the page."""

    client_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    sdk_secret: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """
    All that is needed to use one account. `account_id` is Zoom's own; `webhook_secrets` is none, one, or two while one is
    changed for another.
    """

    account_id: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    oauth_url: str
    plan: str
    seats_per_host: int
    sdk_key: str
    sdk_secret: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)

    @property
    def sdk_configured(self) -> bool:
        """Whether its meetings can be joined inside the page."""
        return bool(self.sdk_key and self.sdk_secret)


def accounts() -> list[Account]:
    """Return every account that is set up, the settings' first, the others by name. One query."""
    first = _of_settings()
    rows = ZoomAccount.objects.set_up().order_by("name", "account_id")
    kept = [_of_row(row) for row in rows if first is None or row.account_id != first.account_id]
    return ([first] if first is not None else []) + kept


def account(account_id: str = "") -> Account:
    """
    Return an account by Zoom's id; without one the first there is. The settings' costs no query. Raises ZoomNotConfigured.
    """
    first = _of_settings()
    if first is not None and account_id in ("", first.account_id):
        return first
    if not account_id:
        found = accounts()
        if not found:
            raise ZoomNotConfigured
        return found[0]
    row = ZoomAccount.objects.set_up().filter(account_id=account_id).first()
    if row is None:
        raise ZoomNotConfigured
    return _of_row(row)


def is_configured() -> bool:
    """
    Whether any account is set up; says nothing about its credentials being right. Within a request, one query at most.
    """
    if settings.ENVIRONMENT.zoom_configured:
        return True
    seen: list[bool] | None = getattr(_request, "seen", None)
    if seen:
        return seen[0]
    found = ZoomAccount.objects.set_up().exists()
    if seen is not None:
        seen.append(found)
    return found


@receiver(request_started)
def _begin_to_remember(**_kwargs: object) -> None:
    _request.seen = []


@receiver(request_finished)
def _forget(**_kwargs: object) -> None:
    _request.seen = None


def plans() -> dict[str, str]:
    """Return the plan of each account that is set up, by Zoom's id. One query."""
    environment = settings.ENVIRONMENT
    kept = dict(ZoomAccount.objects.set_up().values_list("account_id", "plan"))
    return kept | ({environment.zoom_account_id: environment.zoom_plan} if environment.zoom_account_id else {})


def account_names() -> dict[str, str]:
    """Return what people call each account that is set up, by Zoom's id; the settings' is called by its id. One query."""
    return {one.account_id: one.name or one.account_id for one in accounts()}


def seal(secrets: Secrets) -> bytes:
    """Return the secrets of an account as they are kept."""
    kept = {
        "client_secret": secrets.client_secret,
        "webhook_secret": secrets.webhook_secret,
        "sdk_secret": secrets.sdk_secret,
    }
    return encrypt(json.dumps(kept).encode(), purpose=PURPOSE)


def secrets_of(row: ZoomAccount) -> Secrets:
    """Return the secrets of a kept account; empty ones once the secret key that they were kept by is lost."""
    if not row.sealed:
        return Secrets()
    try:
        return Secrets(**json.loads(decrypt(bytes(row.sealed), purpose=PURPOSE)))
    except NotDecipherable:
        return Secrets()


def _of_settings() -> Account | None:
    environment = settings.ENVIRONMENT
    if not environment.zoom_configured:
        return None
    return Account(
        account_id=environment.zoom_account_id,
        name="",
        client_id=environment.zoom_client_id,
        client_secret=environment.zoom_client_secret.get_secret_value(),
        api_url=environment.zoom_api_url,
        oauth_url=environment.zoom_oauth_url,
        plan=environment.zoom_plan,
        seats_per_host=environment.zoom_seats_per_host,
        sdk_key=environment.zoom_sdk_key,
        sdk_secret=environment.zoom_sdk_secret.get_secret_value(),
        webhook_secrets=environment.zoom_webhook_secrets,
    )


def _of_row(row: ZoomAccount) -> Account:
    environment, secrets = settings.ENVIRONMENT, secrets_of(row)
    return Account(
        account_id=row.account_id,
        name=row.name,
        client_id=row.client_id,
        client_secret=secrets.client_secret,
        api_url=row.api_url or environment.zoom_api_url,
        oauth_url=row.oauth_url or environment.zoom_oauth_url,
        plan=row.plan,
        seats_per_host=row.seats_per_host,
        sdk_key=row.sdk_key,
        sdk_secret=secrets.sdk_secret,
        webhook_secrets=(secrets.webhook_secret,) if secrets.webhook_secret else (),
    )
