"""
Whether Zoom accepts the app that teachers consent to. Nobody asks for it: every consent and every renewal of one tells.
Admins hear once when its client id or secret is refused, and once more only after it was accepted or changed.
"""

import hashlib
import json
from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from classbell.meetings.models import ZoomHealth, ZoomTrouble
from classbell.meetings.signals import user_app_refused
from classbell.meetings.user_app import SIGNED_BY_APP

log = structlog.get_logger(__name__)


def note_app(*, client_id: str, client_secret: str, refused: str, now: datetime) -> None:
    """Remember that Zoom refused this app, in `refused` words, or with "" that it accepted it."""
    values = [settings.SECRET_KEY, client_id, client_secret]
    fingerprint = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    trouble = ZoomTrouble.CREDENTIALS if refused else ZoomTrouble.NONE
    known = ZoomHealth.objects.filter(account_id=SIGNED_BY_APP).first()
    if known is None and not refused:
        return
    if known is not None and (known.fingerprint, known.trouble) == (fingerprint, trouble):
        return
    with transaction.atomic():
        row, _made = ZoomHealth.objects.select_for_update().get_or_create(
            account_id=SIGNED_BY_APP, defaults={"fingerprint": ""}
        )
        if (row.fingerprint, row.trouble) == (fingerprint, trouble):
            return
        row.fingerprint, row.trouble, row.error, row.checked_at = fingerprint, trouble, refused, now
        row.since = row.told_at = now if refused else None
        row.save()
        if refused:
            user_app_refused.send(ZoomHealth)
    log.warning("user_app_health", trouble=trouble.value or "none", error=refused)
