"""
Zoom's webhooks: verified, stored once and answered; understood afterwards, by whichever worker comes first.

Zoom waits three seconds for its answer and then sends again, so `receive` does one INSERT and nothing else. There is no job
per event either: workers look for rows that nobody has understood yet.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from threading import Event as Stop
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from classbell.database import fetch_prepared
from classbell.errors import DomainError
from classbell.ids import uuid7
from classbell.meetings import events
from classbell.meetings.models import WebhookEvent
from classbell.zoom.events import URL_VALIDATION, Event, without_secrets
from classbell.zoom.webhooks import WebhookRejected, url_validation_answer, verify_signature

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 1_000_000
# One run's events that are understood in one transaction.
AT_A_TIME: Final = 500
IDLE_SECONDS: Final = 0.5
LONGEST_PAUSE: Final = timedelta(hours=6)
KEPT_FOR: Final = timedelta(days=90)

INSERT: Final = """
INSERT INTO meetings_webhookevent
    (id, event, digest, body, zoom_meeting_id, zoom_instance_uuid, connection, happened_at)
VALUES (%(id)s, %(event)s::text, %(digest)s, %(body)s::text::jsonb, %(meeting)s::text, %(run)s::text, %(connection)s::text,
        %(happened_at)s)
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
    """Larger than any event of Zoom; refused before it is read."""

    code = "too_large"
    status = 413


def refuse_size(size: int) -> None:
    """Raise WebhookTooLarge for a body of so many bytes."""
    if size > MOST_BYTES:
        raise WebhookTooLarge(_("The body is too large."))


def receive(*, raw: bytes, timestamp: str | None, signature: str | None, now: datetime) -> dict[str, Any]:
    """
    Take one webhook and return what to answer, after it is committed. A repeat answers the same and changes nothing.

    `timestamp` and `signature` are the headers as they came, `raw` the body's bytes.

    Raises WebhooksNotConfigured, WebhookTooLarge, WebhookForged, WebhookUnreadable.
    """
    refuse_size(len(raw))
    environment = settings.ENVIRONMENT
    secret = environment.zoom_webhook_secret.get_secret_value()
    if not secret:
        raise WebhooksNotConfigured(_("Zoom's webhooks are not configured here: set ZOOM_WEBHOOK_SECRET."))
    try:
        verify_signature(
            secret=secret,
            timestamp=timestamp,
            signature=signature,
            body=raw,
            now=now,
            max_age=environment.zoom_webhook_max_age,
        )
    except WebhookRejected as rejection:
        log.warning("webhook_rejected", reason=rejection.reason)
        raise WebhookForged(_("This is not a current, signed message of Zoom.")) from None
    body = _parsed(raw)
    if body["event"] == URL_VALIDATION:
        return dict(url_validation_answer(secret, _plain_token(body)))
    _store(raw, body, now)
    return {"received": True}


def process_some(*, now: datetime) -> int:
    """
    Understand the oldest event that waits, together with what else waits of the same run; return how many were taken.

    Events in another worker's hands are passed over. One that fails is noted with its error and waits longer each time;
    the others do not wait for it.
    """
    with transaction.atomic():
        waiting = WebhookEvent.objects.filter(processed_at=None, due_at__lte=now).order_by("happened_at")
        taken = list(waiting.select_for_update(skip_locked=True)[:1])
        if taken and taken[0].zoom_instance_uuid:
            of_run = waiting.filter(zoom_instance_uuid=taken[0].zoom_instance_uuid)
            taken = list(of_run.select_for_update(skip_locked=True)[:AT_A_TIME])
        _understand(taken, now)
    return len(taken)


def process_all(*, now: datetime) -> int:
    """Understand everything that waits; return how many events that were."""
    count = 0
    while some := process_some(now=now):
        count += some
    return count


def keep_processing(stop: Stop) -> None:
    """Understand events as they come, until told to stop: what a worker's thread does."""
    while not stop.is_set():
        try:
            some = process_some(now=timezone.now())
        except Exception:
            log.exception("inbox_interrupted")
            some = 0
        if not some:
            connection.close()  # Back to the pool while there is nothing to do.
            stop.wait(IDLE_SECONDS)
    connection.close()


def replay(*, event_ids: Collection[UUID], now: datetime) -> int:
    """Let events be understood again, now; return how many there were. Nothing comes of it twice."""
    return WebhookEvent.objects.filter(pk__in=event_ids).update(processed_at=None, due_at=now, attempts=0, error="")


def forget_old(*, now: datetime) -> int:
    """Delete understood events that are so old that nothing more can come of them; return how many."""
    count, _by_model = WebhookEvent.objects.filter(processed_at__isnull=False, received_at__lt=now - KEPT_FOR).delete()
    return count


def _understand(taken: Sequence[WebhookEvent], now: datetime) -> None:
    """All at once; when that fails, one by one, so that only those fail that cannot be understood."""
    if not taken:
        return
    try:
        with transaction.atomic():
            events.apply(taken, now=now)
    except Exception as error:  # noqa: BLE001 -- the edge: whatever is wrong with an event, the inbox goes on
        if len(taken) == 1:
            _note_failure(taken[0], error, now)
            return
        for event in taken:
            _understand([event], now)
        return
    WebhookEvent.objects.filter(pk__in=[event.pk for event in taken]).update(processed_at=now, error="")


def _note_failure(event: WebhookEvent, error: Exception, now: datetime) -> None:
    pause = min(LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(event.attempts, 20)))
    WebhookEvent.objects.filter(pk=event.pk).update(
        attempts=event.attempts + 1, due_at=now + pause, error=f"{type(error).__name__}: {error}"[:2000]
    )
    log.warning("webhook_not_understood", event_id=str(event.pk), zoom_event=event.event, attempts=event.attempts + 1)


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


def _store(raw: bytes, body: dict[str, Any], now: datetime) -> None:
    try:
        event = Event.model_validate(body)
    except ValidationError:
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
            "happened_at": event.happened_at or now,
        },
    )
