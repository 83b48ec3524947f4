"""
The accounts at Zoom that the school may use: the first as the settings have it, more as admins have added them on a page, and
those of teachers who let it hold their meetings at their own Zoom.

Of a kept account its secrets lie encrypted; what is in here never leaves by API or page.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from asgiref.local import Local
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db.models import QuerySet
from django.dispatch import receiver

from classbell.encryption import NotDecipherable, decrypt, encrypt
from classbell.meetings.models import ZoomAccount
from classbell.meetings.user_app import UserApp, user_app
from classbell.zoom.errors import ZoomNotConfigured

PURPOSE: Final = "zoom-accounts"
OF_USER: Final = "user:"
# What a request has seen already of whether there is an account: pages and answers ask for every meeting in a list.
_request: Final = Local()


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """What lets in: to the account, to messages in Zoom's name, to meetings inside the page."""

    client_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    sdk_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """
    All that is needed to use one account. `account_id` is Zoom's own; `webhook_secrets` is none, one, or two while one is
    changed for another. `own_user_id` is the teacher's Zoom user where it is theirs `by_consent`.
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
    own_user_id: str = ""

    @property
    def by_consent(self) -> bool:
        """Whether it is a teacher's own Zoom and none of the school's."""
        return bool(self.own_user_id)

    @property
    def sdk_configured(self) -> bool:
        """Whether its meetings can be joined inside the page."""
        return bool(self.sdk_key and self.sdk_secret)


def accounts() -> list[Account]:
    """
    Return every account that is set up, the settings' first, the school's others by name, then those by consent. One query,
    and one more where there are any of the last.
    """
    first = _of_settings()
    rows = list(_rows().order_by("by_consent", "name", "account_id"))
    app = user_app() if any(row.by_consent for row in rows) else None
    kept = [_of_row(row, app) for row in rows if first is None or row.account_id != first.account_id]
    return ([first] if first is not None else []) + [one for one in kept if one is not None]


def school_accounts() -> list[Account]:
    """Return the same without teachers' own."""
    return [one for one in accounts() if not one.by_consent]


def account(account_id: str = "") -> Account:
    """
    Return an account by Zoom's id; without one the first there is. The settings' costs no query. Raises ZoomNotConfigured.
    """
    first = _of_settings()
    if first is not None and account_id in ("", first.account_id):
        return first
    if not account_id:
        all_of_them = accounts()
        if not all_of_them:
            raise ZoomNotConfigured
        return all_of_them[0]
    row = _rows().filter(account_id=account_id).first()
    found = _of_row(row, user_app() if row.by_consent else None) if row is not None else None
    if found is None:
        raise ZoomNotConfigured
    return found


def consent_account_id(zoom_user_id: str) -> str:
    """
    Return what stands for Zoom's id of an account where it is one user who consented: limits and tokens are theirs alone.
    """
    return f"{OF_USER}{zoom_user_id}"


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


def plans(*, of_school_only: bool = False) -> dict[str, str]:
    """Return the plan of each account that is set up, by Zoom's id; on demand without teachers' own. One query."""
    environment, rows = settings.ENVIRONMENT, ZoomAccount.objects.set_up()
    kept = dict((rows.filter(by_consent=False) if of_school_only else rows).values_list("account_id", "plan"))
    return kept | ({environment.zoom_account_id: environment.zoom_plan} if environment.zoom_account_id else {})


def account_names(*, of_school_only: bool = False) -> dict[str, str]:
    """
    Return what people call each account that is set up, by Zoom's id; the settings' is called by its id. On demand without
    teachers' own. One query, and one more where there are any of those.
    """
    return {one.account_id: one.name or one.account_id for one in accounts() if not (of_school_only and one.by_consent)}


def seal(secrets: Secrets) -> bytes:
    """Return the secrets of an account as they are kept."""
    kept = {
        "client_secret": secrets.client_secret,
        "webhook_secret": secrets.webhook_secret,
        "sdk_secret": secrets.sdk_secret,
        "refresh_token": secrets.refresh_token,
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


def _rows() -> QuerySet[ZoomAccount]:
    return ZoomAccount.objects.set_up().select_related("owner")


def _of_row(row: ZoomAccount, app: UserApp | None) -> Account | None:
    if row.by_consent:
        return _by_consent(row, app) if app is not None else None
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


def _by_consent(row: ZoomAccount, app: UserApp) -> Account:
    return Account(
        account_id=row.account_id,
        name=row.owner.name if row.owner is not None else row.account_id,
        client_id=app.client_id,
        client_secret=app.client_secret,
        api_url=app.api_url,
        oauth_url=app.oauth_url,
        plan=row.plan,
        seats_per_host=1,
        sdk_key="",
        sdk_secret="",
        webhook_secrets=(),
        own_user_id=row.account_id.removeprefix(OF_USER),
    )
