"""Accounts at Zoom, as admins add, change and remove them, and whose meetings are held in which."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.accounts.models import User
from classbell.errors import DomainError, NotThere
from classbell.groups.models import Group
from classbell.meetings.hosts import pool
from classbell.meetings.models import (
    AccountBinding,
    Meeting,
    Occurrence,
    ZoomAccount,
    ZoomHost,
)
from classbell.meetings.rehosting import place_elsewhere
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.meetings.sync.health import check as check_health
from classbell.meetings.user_app import user_app
from classbell.meetings.zoom_accounts import Secrets, school_accounts, seal, secrets_of
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.rows import locked, write
from classbell.zoom.errors import ZoomError

log = structlog.get_logger(__name__)

SECRETS: Final = ("client_secret", "webhook_secret", "sdk_secret")
ADDRESSES: Final = ("api_url", "oauth_url")
# How long somebody waits for a check.
CHECK_SECONDS: Final = 20.0


class AccountInvalid(DomainError):
    """It cannot be used so; `field` is what is wrong."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message, details=[{"field": field, "message": message}])


class AccountOfSettings(DomainError):
    """The settings say what it is."""

    code = "zoom_account_of_settings"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("The settings define this account: change them, and restart."))


class AccountByConsent(DomainError):
    """It is a teacher's own: there are no credentials to change."""

    code = "zoom_account_by_consent"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("This is a teacher’s own Zoom, connected with their consent: it can only be disconnected."))


class AccountInUse(DomainError):
    """Meetings to come are held there; whoever removes it all the same has to say so."""

    code = "zoom_account_in_use"
    status = 409

    def __init__(self, meetings: int) -> None:
        text = ngettext(
            "%(count)s meeting to come is held there. It would get another host and another link. Confirm to remove it.",
            "%(count)s meetings to come are held there. They would get other hosts and other links. Confirm to remove it.",
            meetings,
        )
        super().__init__(text % {"count": meetings}, details=[{"meetings": meetings}])


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What asking an account found: as whom we call it, what is missing (scopes by purpose), and how many hosts it has."""

    works: bool
    email: str
    error: str
    missing: Mapping[str, list[str]]
    hosts: int


def add_account(*, account_id: str, values: Mapping[str, Any], now: datetime) -> ZoomAccount:
    """
    Keep another account. `values` are fields of ZoomAccount and the secrets, in the clear.

    Raises AccountInvalid, also for one that is there already.
    """
    if account_id == settings.ENVIRONMENT.zoom_account_id:
        raise AccountInvalid("account_id", _("This account is there already."))
    _check(values)
    if not values.get("client_secret"):
        raise AccountInvalid("client_secret", _("Write the app’s client secret."))
    kept = _kept(values, Secrets())
    try:
        with transaction.atomic():
            # It may have been there before: its hosts, and what was held by them, are its again.
            row, _made = ZoomAccount.objects.select_for_update().get_or_create(account_id=account_id)
            if row.client_id:
                raise AccountInvalid("account_id", _("This account is there already."))
            write(row, kept)
    except IntegrityError as error:
        raise AccountInvalid("account_id", _("This account is there already.")) from error
    log.info("zoom_account_added", account=row.name)
    return row


def change_account(*, row_id: UUID, values: Mapping[str, Any]) -> ZoomAccount:
    """Change what is named in `values`; an empty `client_secret` leaves it alone. Raises NotThere, AccountInvalid."""
    _check(values)
    with transaction.atomic():
        row = locked(ZoomAccount.objects.added(), row_id)
        if row is None:
            raise NotThere
        return write(row, _kept(values, secrets_of(row)))


def coming_meetings(row: ZoomAccount, *, now: datetime) -> QuerySet[Meeting]:
    """Return the meetings with sessions to come that an account holds, the soonest first."""
    coming = Occurrence.objects.taking_place().filter(ends_at__gt=now).values("meeting")
    return Meeting.objects.filter(pk__in=coming, wanted=True, seat__host__account=row).order_by("starts_at", "pk")


def remove_account(*, row_id: UUID, confirmed: bool, now: datetime) -> int:
    """
    Forget an account's credentials. Its meetings to come are placed anew among the hosts that are left, and wait where none
    is free; what stands at Zoom for them stays there, for it can no longer be asked. Returns how many those were.

    Raises NotThere, and AccountInUse unless that is confirmed.
    """
    with transaction.atomic():
        row = locked(ZoomAccount.objects.added(), row_id)
        if row is None:
            raise NotThere
        coming = list(coming_meetings(row, now=now).select_related("teacher").select_for_update(of=("self",)))
        if coming and not confirmed:
            raise AccountInUse(len(coming))
        row.hosts.update(is_active=False)
        row.bindings.all().delete()
        write(row, {"client_id": "", "sdk_key": "", "sealed": b""})
        place_elsewhere(coming, now=now)
    log.warning("zoom_account_removed", account=row.name, meetings=len(coming))
    return len(coming)


def check_account(row: ZoomAccount, *, now: datetime) -> Checked:
    """
    Ask an account who we are and what we may do, and read its hosts, for at most CHECK_SECONDS. Never raises for Zoom's sake.
    """
    try:
        with zoom_in_request(row.account_id, seconds=CHECK_SECONDS) as client:
            known = check_health(client, now=now)
            if not known.trouble:
                pool.read_hosts(client, account_id=row.account_id, now=now)
    except ZoomError as error:
        return Checked(works=False, email="", error=str(error), missing={}, hosts=_hosts(row))
    works = not known.trouble
    missing = dict(known.missing) if known.trouble != "credentials" else {}
    return Checked(works=works, email=known.email, error=known.error, missing=missing, hosts=_hosts(row))


def bind_group(group: Group, row: ZoomAccount | None) -> None:
    """Hold a group's new meetings in one account only; None: in any. Those that are planned stay where they are."""
    _bind({"group": group}, row)


def bind_teacher(teacher: User, row: ZoomAccount | None) -> None:
    """Hold a teacher's new meetings in one account only, but those of groups that are bound themselves; None: in any."""
    _bind({"teacher": teacher}, row)


def _bind(whose: Mapping[str, Any], row: ZoomAccount | None) -> None:
    if row is None:
        AccountBinding.objects.filter(**whose).delete()
    else:
        AccountBinding.objects.update_or_create(**whose, defaults={"account": row})


def _hosts(row: ZoomAccount) -> int:
    return ZoomHost.objects.usable().filter(account=row).count()


def check_apps_webhook_secret(secret: str) -> None:
    """
    Refuse for the app that teachers consent to a secret with which an account of the school signs: whose message it is shows
    by that alone. Raises AccountInvalid.
    """
    if secret and any(secret in one.webhook_secrets for one in school_accounts()):
        text = _("An account of the school has this secret token. Write the one of the app for teachers’ own Zoom.")
        raise AccountInvalid("webhook_secret", text)


def _check(values: Mapping[str, Any]) -> None:
    app = user_app()
    if values.get("webhook_secret") and app is not None and values["webhook_secret"] == app.webhook_secret:
        text = _("The app for teachers’ own Zoom has this secret token. Write the one of this account’s own app.")
        raise AccountInvalid("webhook_secret", text)
    for name in ADDRESSES:
        if values.get(name):
            _check_address(name, values[name])


def _check_address(name: str, url: str) -> None:
    """Let secrets go to the internet only, and to where the settings' own account is asked."""
    environment = settings.ENVIRONMENT
    known = {urlsplit(one).hostname for one in (environment.zoom_api_url, environment.zoom_oauth_url)}
    rules = Rules.of_settings()
    if urlsplit(url).hostname in known and urlsplit(url).scheme in ("http", "https"):
        return
    try:
        checked_url(url, rules)
    except BadUrl as error:
        raise AccountInvalid(name, str(error)) from error


def _kept(values: Mapping[str, Any], secrets: Secrets) -> dict[str, Any]:
    """Return the columns for these values; secrets that are named replace those that are kept."""
    named = {name: values[name] for name in SECRETS if name in values and (values[name] or name != "client_secret")}
    columns = {name: value for name, value in values.items() if name not in SECRETS}
    return columns | {"sealed": seal(replace(secrets, **named))}
