"""
Zoom's webhooks at the door: verified, stored once, answered.

Zoom waits three seconds and then sends again, so this is one INSERT and nothing else: no job, no notification. Workers look
by themselves for what nobody has understood yet (`inbox`).
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import ValidationError

from classbell.database import fetch_prepared
from classbell.errors import DomainError, NotThere
from classbell.ids import uuid7
from classbell.meetings.models import ZoomAccount
from classbell.meetings.user_app import SIGNED_BY_APP, user_app
from classbell.meetings.zoom_accounts import account as zoom_account
from classbell.zoom.errors import ZoomNotConfigured
from classbell.zoom.events import URL_VALIDATION, Event, without_secrets
from classbell.zoom.webhooks import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    WebhookRejected,
    url_validation_answer,
    verify_signature,
)

log = structlog.get_logger(__name__)

# What a WSGI server calls the two headers.
TIMESTAMP_KEY: Final = f"HTTP_{TIMESTAMP_HEADER.upper().replace('-', '_')}"
SIGNATURE_KEY: Final = f"HTTP_{SIGNATURE_HEADER.upper().replace('-', '_')}"
# Larger than any event of Zoom.
MOST_BYTES: Final = 1_000_000

# Due since ever: the clocks of the database and of whoever looks for what is due need not agree.
INSERT: Final = """
INSERT INTO meetings_webhookevent
    (id, event, digest, body, zoom_meeting_id, zoom_instance_uuid, connection, signed_by, happened_at, due_at)
VALUES (%(id)s, %(event)s::text, %(digest)s, %(body)s::text::jsonb, %(meeting)s::text, %(run)s::text, %(connection)s::text,
        %(signed_by)s::text, %(happened_at)s, 'epoch')
ON CONFLICT (digest) DO NOTHING RETURNING 1
"""
# The character that JSON can write and PostgreSQL cannot keep, unless its backslash is itself escaped.
NUL: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class WebhooksNotConfigured(DomainError):
    """Nothing can be verified without the app's secret token."""

    code = "webhook_not_configured"
    status = 503


class WebhookForged(DomainError):
    """Not signed with our secret, or not in our time. Which of the two is not said."""

    code = "webhook_not_verified"
    status = 401


class WebhookUnreadable(DomainError):
    """Signed, but no event."""

    code = "invalid_input"


class WebhookTooLarge(DomainError):
    """Larger than any event of Zoom; refused unread."""

    code = "too_large"
    status = 413


def receive(
    *, raw: bytes, timestamp: str | None, signature: str | None, now: datetime, account: UUID | None = None
) -> dict[str, Any]:
    """
    Take one webhook and return what to answer, after it is committed. A repeat answers the same and changes nothing.

    `timestamp` and `signature` are the headers as they came, `raw` the body's bytes. `account` is whose address it came to;
    at the address of all of them the secret says whose it is.

    Raises NotThere, WebhooksNotConfigured, WebhookTooLarge, WebhookForged, WebhookUnreadable.
    """
    if len(raw) > MOST_BYTES:
        raise WebhookTooLarge(_("The body is too large."))
    sender = _verified(_senders(account), raw=raw, timestamp=timestamp, signature=signature, now=now)
    body = _parsed(raw)
    if body["event"] == URL_VALIDATION:
        return dict(url_validation_answer(sender.secrets[0], _plain_token(body)))
    _store(raw, body, signed_by=sender.account_id, now=now)
    return {"received": True}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sender:
    """Whose message it may be: an account by Zoom's id, and its secrets, the present one first."""

    account_id: str
    secrets: tuple[str, ...] = field(repr=False)


def _senders(account: UUID | None) -> Iterator[_Sender]:
    """Yield each account that may have sent it; the settings' costs no query. Raises NotThere for a name that none has."""
    if account is not None:
        row = ZoomAccount.objects.filter(pk=account).first()
        if row is None:
            raise NotThere
        yield _sender(row)
        return
    environment = settings.ENVIRONMENT
    yield _Sender(account_id=environment.zoom_account_id, secrets=environment.zoom_webhook_secrets)
    yield from map(_sender, ZoomAccount.objects.added())
    app = user_app()
    if app is not None and app.webhook_secret:
        yield _Sender(account_id=SIGNED_BY_APP, secrets=(app.webhook_secret,))


def _sender(row: ZoomAccount) -> _Sender:
    try:
        secrets = zoom_account(row.account_id).webhook_secrets
    except ZoomNotConfigured:
        secrets = ()
    return _Sender(account_id=row.account_id, secrets=secrets)


def _verified(
    senders: Iterator[_Sender], *, raw: bytes, timestamp: str | None, signature: str | None, now: datetime
) -> _Sender:
    """Return whoever signed it. Raises WebhooksNotConfigured where nobody has a secret, WebhookForged."""
    reasons = []
    for sender in senders:
        if not sender.secrets:
            continue
        try:
            verify_signature(
                secrets=sender.secrets,
                timestamp=timestamp,
                signature=signature,
                body=raw,
                now=now,
                max_age=settings.ENVIRONMENT.zoom_webhook_max_age,
            )
        except WebhookRejected as rejection:
            reasons.append(rejection.reason)
        else:
            return sender
    if not reasons:
        raise WebhooksNotConfigured(_("Zoom's webhooks are not configured here: set ZOOM_WEBHOOK_SECRET."))
    log.warning("webhook_rejected", reason=reasons[0])
    raise WebhookForged(_("This is not a current, signed message of Zoom."))


def _parsed(raw: bytes) -> dict[str, Any]:
    """Return the event without its secrets, and without what JSON can write and PostgreSQL cannot keep."""
    try:
        text = raw.decode()
        if "\\u" in text:
            text = _only_characters(text)
        body = without_secrets(json.loads(text, parse_constant=_finite, parse_float=_finite))
    except (ValueError, RecursionError):
        raise WebhookUnreadable(_("The body is not valid JSON in UTF-8.")) from None
    if not isinstance(body, dict) or not isinstance(body.get("event"), str):
        raise WebhookUnreadable(_("The body is no event of Zoom."))
    return body


def _only_characters(text: str) -> str:
    """Return JSON without escapes for NUL and for halves of characters; Zoom escapes next to nothing, so this is rare."""
    value = json.loads(NUL.sub(r"\1\\ufffd", text))
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(number)
    return value


def _plain_token(body: dict[str, Any]) -> str:
    payload = body.get("payload")
    token = payload.get("plainToken") if isinstance(payload, dict) else None
    if not isinstance(token, str):
        raise WebhookUnreadable(_("The body is no event of Zoom."))
    return token


def _store(raw: bytes, body: dict[str, Any], *, signed_by: str, now: datetime) -> None:
    try:
        event = Event.model_validate(body)
    except (ValidationError, OverflowError):
        # Kept all the same: processing it will say what is wrong with it.
        event = Event(event=body["event"])
    meeting = event.payload.object
    in_room = event.fact is not None
    fetch_prepared(
        INSERT,
        {
            "id": uuid7(),
            "event": event.event,
            "digest": hashlib.sha256(raw).digest(),
            "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            "meeting": meeting.id,
            "run": meeting.uuid if in_room else "",
            "connection": meeting.participant.connection if in_room and meeting.participant else "",
            "signed_by": signed_by,
            "happened_at": event.happened_at or now,
        },
    )
