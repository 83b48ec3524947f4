"""Accounts at Zoom: `/api/zoom/accounts`. Credentials go in and never come out."""

from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from ninja import Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.idempotency import idempotent
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import NotThere
from classbell.groups.models import Group
from classbell.meetings import account_changes, consent
from classbell.meetings.account_changes import AccountByConsent, AccountInUse, AccountOfSettings
from classbell.meetings.account_schemas import (
    AccountAnswer,
    AccountChecked,
    AccountIn,
    AccountOut,
    AccountPatch,
    AccountRemoved,
    AccountsAnswer,
    BoundIn,
)
from classbell.meetings.models import AccountBinding, Circuit, LostBecause, ZoomAccount, ZoomHost
from classbell.meetings.sync.health import health
from classbell.meetings.zoom_accounts import account, accounts, secrets_of
from classbell.zoom.errors import ZoomNotConfigured

router = Router()


@router.get("/accounts", response=AccountsAnswer)
@allowed(is_admin)
def list_accounts(request: ApiRequest) -> AccountsAnswer:
    """Every account at Zoom that is set up, the settings' first, and how each is."""
    return AccountsAnswer(accounts=[_describe(_row(one.account_id)) for one in accounts()])


@router.post("/accounts", response={201: AccountAnswer})
@allowed(is_admin)
@idempotent
def add_account(request: ApiRequest, body: AccountIn) -> Status[AccountAnswer]:
    """Add an account with its app's credentials. Zoom is not asked; `POST …/check` does that."""
    values = body.model_dump(exclude={"account_id"})
    row = account_changes.add_account(account_id=body.account_id, values=values, now=timezone.now())
    return Status(201, AccountAnswer(account=_describe(row)))


@router.get("/accounts/{uuid:zoom_account_id}", response=AccountAnswer)
@allowed(is_admin)
def get_account(request: ApiRequest, zoom_account_id: UUID) -> AccountAnswer:
    """One account, and how it is."""
    return AccountAnswer(account=_describe(_set_up(zoom_account_id)))


@router.patch("/accounts/{uuid:zoom_account_id}", response=AccountAnswer)
@allowed(is_admin)
def change_account(request: ApiRequest, zoom_account_id: UUID, body: AccountPatch) -> AccountAnswer:
    """
    Change what the body names. 409 `zoom_account_of_settings` for the one that the settings define, `zoom_account_by_consent`
    for a teacher's own.
    """
    _not_of_settings(zoom_account_id)
    if _own(zoom_account_id) is not None:
        raise AccountByConsent
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    return AccountAnswer(account=_describe(account_changes.change_account(row_id=zoom_account_id, values=values)))


@router.delete("/accounts/{uuid:zoom_account_id}", response=AccountRemoved)
@allowed(is_admin)
def remove_account(request: ApiRequest, zoom_account_id: UUID, confirm: bool = False) -> AccountRemoved:
    """
    Forget an account. While meetings to come are held there 409 `zoom_account_in_use` says how many; with `?confirm=true`
    they get other hosts and other links, and what stands at Zoom for them stays there. A teacher's own is disconnected at
    Zoom too.
    """
    _not_of_settings(zoom_account_id)
    if own := _own(zoom_account_id):
        held = account_changes.coming_meetings(own, now=timezone.now()).count()
        if held and not confirm:
            raise AccountInUse(held)
        consent.disconnect(own, because=LostBecause.DISCONNECTED, now=timezone.now())
        return AccountRemoved(meetings_placed_anew=held)
    moved = account_changes.remove_account(row_id=zoom_account_id, confirmed=confirm, now=timezone.now())
    return AccountRemoved(meetings_placed_anew=moved)


@router.post("/accounts/{uuid:zoom_account_id}/check", response=AccountChecked)
@allowed(is_admin)
def check_account(request: ApiRequest, zoom_account_id: UUID) -> AccountChecked:
    """Ask Zoom now whether the credentials work and what the app may do, and read the hosts."""
    found = account_changes.check_account(_set_up(zoom_account_id), now=timezone.now())
    return AccountChecked(
        works=found.works, email=found.email, error=found.error, missing_scopes=dict(found.missing), hosts=found.hosts
    )


@router.put("/accounts/bindings", response=BoundIn)
@allowed(is_admin)
def bind(request: ApiRequest, body: BoundIn) -> BoundIn:
    """
    Hold the new meetings of a group (`group_id`) or of a teacher (`teacher_id`) in one account only; with `account_id` null
    in any again. Meetings that are planned stay where they are; a group's choice goes before its teacher's.
    """
    row = _set_up(body.account_id) if body.account_id is not None else None
    if row is not None and row.by_consent:
        raise AccountByConsent
    if body.group_id is not None:
        group = Group.objects.filter(pk=body.group_id).first()
        if group is None:
            raise NotThere
        account_changes.bind_group(group, row)
    else:
        teacher = User.objects.filter(pk=body.teacher_id).first() if body.teacher_id is not None else None
        if teacher is None or not teacher.is_teacher:
            raise NotThere
        account_changes.bind_teacher(teacher, row)
    return body


def _row(account_id: str) -> ZoomAccount:
    """Return an account's row; the settings' has one from the first look at it on."""
    row, _made = ZoomAccount.objects.get_or_create(account_id=account_id)
    return row


def _set_up(row_id: UUID) -> ZoomAccount:
    """Return a row whose account is set up. Raises NotThere."""
    row = ZoomAccount.objects.filter(pk=row_id).first()
    try:
        if row is None or not account(row.account_id):
            raise NotThere
    except ZoomNotConfigured:
        raise NotThere from None
    return row


def _not_of_settings(row_id: UUID) -> None:
    first = settings.ENVIRONMENT.zoom_account_id
    if first and ZoomAccount.objects.filter(pk=row_id, account_id=first).exists():
        raise AccountOfSettings


def _own(row_id: UUID) -> ZoomAccount | None:
    return ZoomAccount.objects.set_up().filter(pk=row_id, by_consent=True).first()


def _describe(row: ZoomAccount) -> AccountOut:
    environment, of = settings.ENVIRONMENT, account(row.account_id)
    is_first = row.account_id == environment.zoom_account_id
    known = health(row.account_id)
    circuit = Circuit.objects.filter(account_id=row.account_id, open_until__isnull=False).first()
    bound: dict[str, Any] = {"group_ids": [], "teacher_ids": []}
    for one in AccountBinding.objects.filter(account=row).order_by("pk"):
        bound["group_ids" if one.group_id else "teacher_ids"].append(one.group_id or one.teacher_id)
    path = "/api/zoom/webhook" if is_first or row.by_consent else f"/api/zoom/webhook/{row.pk}"
    return AccountOut(
        id=row.pk,
        account_id=row.account_id,
        name=of.name,
        client_id=of.client_id,
        plan=of.plan,
        seats_per_host=of.seats_per_host,
        sdk_key=of.sdk_key,
        api_url=of.api_url,
        oauth_url=of.oauth_url,
        has_webhook_secret=bool(of.webhook_secrets),
        has_sdk_secret=bool(of.sdk_secret),
        is_readable=is_first or of.by_consent or bool(secrets_of(row).client_secret),
        is_of_settings=is_first,
        by_consent=row.by_consent,
        owner_id=row.owner_id,
        webhook_url=urljoin(environment.public_url, path),
        hosts=ZoomHost.objects.usable().filter(account=row).count(),
        meetings=account_changes.coming_meetings(row, now=timezone.now()).count(),
        trouble=known.trouble if known else "",
        error=known.error if known else "",
        checked_at=known.checked_at if known else None,
        circuit_open_since=circuit.opened_at if circuit else None,
        **bound,
    )
