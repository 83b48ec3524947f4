"""
Whether Zoom is well: one mind about it, for every page, answer and notice.

A check asks for who we are, once a minute; every call that fails for the account's sake says so at once, reading or writing.
Only a check that succeeds ends a trouble.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from classbell.meetings.models import ZoomHealth, ZoomTrouble
from classbell.meetings.signals import zoom_in_trouble, zoom_well_again
from classbell.meetings.zoom_accounts import Account, account, school_accounts
from classbell.zoom.check import check_connection
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import (
    ZoomCircuitOpen,
    ZoomError,
    ZoomNotConfigured,
    ZoomScopeMissing,
    ZoomUnauthorized,
    ZoomUnavailable,
)
from classbell.zoom.service import in_short

log = structlog.get_logger(__name__)

# A token outlives the secret it was got with: the secret itself is tried this often.
NEW_TOKEN_EVERY: Final = timedelta(minutes=5)
# An outage that is over before this is nobody's news.
OUTAGE_IS_TOLD_AFTER: Final = timedelta(minutes=2)
GRAVEST: Final = (ZoomTrouble.CREDENTIALS, ZoomTrouble.SCOPES, ZoomTrouble.UNAVAILABLE)
TROUBLES: Final = (
    (ZoomUnauthorized, ZoomTrouble.CREDENTIALS),
    (ZoomScopeMissing, ZoomTrouble.SCOPES),
    (ZoomUnavailable, ZoomTrouble.UNAVAILABLE),
    (ZoomCircuitOpen, ZoomTrouble.UNAVAILABLE),
)


def health(account_id: str = "") -> ZoomHealth | None:
    """
    Return what is known of an account, by Zoom's id, with its present credentials; without an id of the first account. None
    when nothing is. One query for the settings' own.
    """
    try:
        return _known(account(account_id))
    except ZoomNotConfigured:
        return None


def gravest_trouble() -> ZoomHealth | None:
    """
    Return what is known of the school's account whose trouble is the gravest, None when all are well or unknown. One query
    while no account at all is in trouble.
    """
    troubled = {row.account_id: row for row in ZoomHealth.objects.exclude(trouble=ZoomTrouble.NONE)}
    known = [
        row
        for of in (school_accounts() if troubled else ())
        if (row := troubled.get(of.account_id)) is not None and row.fingerprint == _fingerprint(of)
    ]
    return min(known, key=lambda one: GRAVEST.index(ZoomTrouble(one.trouble)), default=None)


def note_failure(of: Account, error: ZoomError) -> None:
    """Remember that a call failed, when it is the account's trouble. A graver trouble is not forgotten for a lesser one."""
    trouble = _trouble(error)
    if trouble is ZoomTrouble.NONE:
        return
    known = _known(of)
    lesser = trouble is ZoomTrouble.UNAVAILABLE and known is not None and known.trouble
    if lesser or (known is not None and known.trouble == trouble):
        return
    _record(of, trouble, error=in_short(error), now=timezone.now())


def check(client: ZoomClient, *, now: datetime) -> ZoomHealth:
    """Ask Zoom who we are and what we may do, and remember the answer. Two calls, each with a timeout."""
    of = account(client.account_id)
    try:
        if not of.by_consent and _is_time_for_a_new_token(of, now):
            client.token(renewed=True)
        report = check_connection(client)
    except ZoomError as error:
        trouble = _trouble(error)
        # Another refusal says nothing of the account: it answered.
        return _record(of, trouble, error=in_short(error) if trouble else "", now=now, checked_at=now)
    trouble = ZoomTrouble.SCOPES if report.missing else ZoomTrouble.NONE
    named = ", ".join(sorted({scope for scopes in report.missing.values() for scope in scopes}))
    return _record(
        of,
        trouble,
        error=named,
        now=now,
        checked_at=now,
        user_id=report.user_id,
        email=report.email,
        missing={purpose: list(scopes) for purpose, scopes in report.missing.items()},
    )


def announce(*, now: datetime) -> None:
    """Let the modules above hear of each trouble of the school's accounts, once, and once that it is over."""
    all_of_them = school_accounts()
    for of in all_of_them:
        _announce(of, now=now, is_named=len(all_of_them) > 1)


def _announce(of: Account, *, now: datetime, is_named: bool) -> None:
    with transaction.atomic():
        row = ZoomHealth.objects.select_for_update().filter(account_id=of.account_id).first()
        if row is None:
            return
        is_told = row.trouble != ZoomTrouble.UNAVAILABLE or (row.since and row.since <= now - OUTAGE_IS_TOLD_AFTER)
        if row.trouble and row.told_at is None and is_told:
            error = f"{of.name or of.account_id}: {row.error}" if is_named else row.error
            zoom_in_trouble.send(ZoomHealth, trouble=row.trouble, error=error)
            row.told_at = now
        elif not row.trouble and row.told_at is not None:
            zoom_well_again.send(ZoomHealth)
            row.told_at = None
        row.save(update_fields=["told_at"])


def _known(of: Account) -> ZoomHealth | None:
    return ZoomHealth.objects.filter(account_id=of.account_id, fingerprint=_fingerprint(of)).first()


def _record(of: Account, trouble: ZoomTrouble, *, error: str, now: datetime, **known: object) -> ZoomHealth:
    with transaction.atomic():
        row, _made = ZoomHealth.objects.select_for_update().get_or_create(
            account_id=of.account_id, defaults={"fingerprint": _fingerprint(of)}
        )
        if row.trouble != trouble:
            row.since = now if trouble else None
            log.warning("zoom_health", account=of.name or of.account_id, trouble=trouble.value or "none", error=error)
            if trouble and row.trouble:
                row.told_at = None
        row.trouble, row.error, row.fingerprint = trouble, error, _fingerprint(of)
        for name, value in known.items():
            setattr(row, name, value)
        row.save()
    return row


def _trouble(error: ZoomError) -> ZoomTrouble:
    return next((trouble for kind, trouble in TROUBLES if isinstance(error, kind)), ZoomTrouble.NONE)


def _is_time_for_a_new_token(of: Account, now: datetime) -> bool:
    """Whether the secret is to be tried rather than the token: every few minutes, and for as long as it was refused."""
    known = _known(of)
    if known is None or known.checked_at is None or known.trouble:
        return True
    return now.minute % (NEW_TOKEN_EVERY // timedelta(minutes=1)) == 0


def _fingerprint(of: Account) -> str:
    values = [of.account_id, of.client_id, of.client_secret]
    return hashlib.sha256(json.dumps([settings.SECRET_KEY, *values]).encode()).hexdigest()
