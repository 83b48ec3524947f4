"""The secrets by which receivers know that a webhook is from us, and signing by them: Standard Webhooks."""

import base64
import secrets
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook as Signer

from classbell.encryption import decrypt, encrypt
from classbell.hooks.models import Webhook

BEGINNING: Final = "whsec_"
RANDOM_BYTES: Final = 32
PURPOSE: Final = "webhooks"


def new_secret() -> str:
    """Return a secret that nobody has had before."""
    return BEGINNING + base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode()


def kept_of(secret: str) -> bytes:
    """Return a secret as it is stored."""
    return encrypt(secret.encode(), purpose=PURPOSE)


def signed_headers(webhook: Webhook, *, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """
    Return the headers that prove a body to be ours, sent at this moment. While the secret before a rotation is good,
    there is a signature by each, the newer first.

    Raises NotDecipherable when the installation's secret key has changed.
    """
    kept = [webhook.secret]
    if webhook.previous_secret is not None and webhook.previous_until is not None and webhook.previous_until > at:
        kept.append(webhook.previous_secret)
    known = [decrypt(bytes(secret), purpose=PURPOSE).decode() for secret in kept]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(message_id, at.astimezone(UTC), body) for secret in known),
    }
