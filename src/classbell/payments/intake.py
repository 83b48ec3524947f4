"""Webhooks of the provider of payments at the door: verified, taken in, answered."""

from datetime import datetime
from typing import Final

import structlog

from classbell.accounts.wall import past_the_wall
from classbell.payments.errors import WebhookForged, WebhooksNotConfigured, WebhookTooLarge, WebhookUnreadable
from classbell.payments.gateway import whose_webhooks
from classbell.payments.providers import Forged, Unreadable
from classbell.payments.settling import take_event

log = structlog.get_logger(__name__)

SIGNATURE_HEADER: Final = "Stripe-Signature"
# Larger than any message of Stripe.
MOST_BYTES: Final = 1_000_000


def receive(*, raw: bytes, signature: str, now: datetime) -> None:
    """
    Take one message; it is committed when this returns. A repeat changes nothing.

    Raises WebhooksNotConfigured, WebhookTooLarge, WebhookForged, WebhookUnreadable.
    """
    gateway = whose_webhooks()
    if gateway is None:
        raise WebhooksNotConfigured
    if len(raw) > MOST_BYTES:
        raise WebhookTooLarge
    try:
        event = gateway.read_webhook(raw, signature)
    except Forged:
        log.warning("payment_webhook_rejected")
        raise WebhookForged from None
    except Unreadable:
        raise WebhookUnreadable from None
    if event is not None:
        # The provider is told nothing of what it names.
        with past_the_wall():
            take_event(event, of=gateway.name, now=now)
