"""
Is a webhook really Zoom's? Checked over the raw bytes, before anything is parsed.

Source: https://developers.zoom.us/docs/api/webhooks/
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

SIGNATURE_HEADER: Final = "x-zm-signature"
TIMESTAMP_HEADER: Final = "x-zm-request-timestamp"
# Zoom retries after 5, 20 and 60 minutes and may keep the first timestamp.
DEFAULT_MAX_AGE: Final = timedelta(hours=2)
MAX_AHEAD: Final = timedelta(minutes=5)
# Documentation says seconds, official code has shown milliseconds; no date in seconds is this large.
_MILLISECONDS_FROM: Final = 10**11


class WebhookRejected(Exception):
    """The request is not Zoom's, or not of our time. `reason` is for the log, not for the sender."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return what Zoom puts into the signature header for this body."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def verify_signature(
    *,
    secrets: Sequence[str],
    timestamp: str | None,
    signature: str | None,
    body: bytes,
    now: datetime,
    max_age: timedelta = DEFAULT_MAX_AGE,
) -> None:
    """
    Return when the request is signed with one of our secrets and recent: while one is changed for another there are two.

    `timestamp` and `signature` are the headers as they came, `body` the raw bytes.

    Raises WebhookRejected.
    """
    if not timestamp or not signature:
        raise WebhookRejected("a header is missing")
    if not secrets:
        raise WebhookRejected("no secret is configured")
    if not any(hmac.compare_digest(sign(one, timestamp, body).encode(), signature.encode()) for one in secrets):
        raise WebhookRejected("the signature does not match")
    sent_at = _moment(timestamp)
    if sent_at < now - max_age:
        raise WebhookRejected("the timestamp is too old")
    if sent_at > now + MAX_AHEAD:
        raise WebhookRejected("the timestamp is in the future")


def url_validation_answer(secret: str, plain_token: str) -> dict[str, str]:
    """Return the body that proves to Zoom that the endpoint knows the secret. Verify the request's own signature first."""
    digest = hmac.new(secret.encode(), plain_token.encode(), hashlib.sha256).hexdigest()
    return {"plainToken": plain_token, "encryptedToken": digest}


def _moment(timestamp: str) -> datetime:
    try:
        number = int(timestamp)
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        raise WebhookRejected("the timestamp is no time") from None
