"""Webhooks as pages show them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.hooks.events import EVENTS, TEST
from classbell.hooks.models import Attempt, Delivery, DeliveryStatus, Webhook
from classbell.outgoing.sending import Trouble

SHAPES: Final = {
    DeliveryStatus.PENDING: "wait",
    DeliveryStatus.DELIVERED: "ok",
    DeliveryStatus.FAILED: "bad",
}
TROUBLES: Final = {
    Trouble.UNKNOWN_HOST: gettext_lazy("Nobody knows this address’s name"),
    Trouble.REFUSED_ADDRESS: gettext_lazy("The address is inside a network: webhooks do not go there"),
    Trouble.UNREACHABLE: gettext_lazy("Nobody answers at this address"),
    Trouble.NOT_TRUSTED: gettext_lazy("Its certificate is not trusted"),
    Trouble.TIMEOUT: gettext_lazy("No answer within ten seconds"),
    Trouble.BROKEN: gettext_lazy("The connection broke"),
    Trouble.SECRET_UNREADABLE: gettext_lazy("The secret can no longer be read: make a new one"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownWebhook:
    """A webhook, what it is called, how it stands in words, and until when the secret before signs too, if it does."""

    webhook: Webhook
    name: str
    kind: str
    word: str
    events: Sequence[str]
    previous_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAttempt:
    """One try, with what came of it in words."""

    attempt: Attempt
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDelivery:
    """A delivery with its tries; `body` is spread over lines."""

    delivery: Delivery
    what: str
    kind: str
    word: str
    attempts: Sequence[ShownAttempt]
    body: str


def present_webhook(webhook: Webhook, *, now: datetime) -> ShownWebhook:
    """Return a webhook as pages show it."""
    kind, word = _state(webhook)
    until = webhook.previous_until
    return ShownWebhook(
        webhook=webhook,
        name=name_of(webhook),
        kind=kind,
        word=word,
        events=[_what(event) for event in webhook.events],
        previous_until=until if until and until > now else None,
    )


def name_of(webhook: Webhook) -> str:
    """Return what a webhook is called: its description or, without one, its host."""
    return webhook.description or urlsplit(webhook.url).hostname or webhook.url


def present_delivery(delivery: Delivery) -> ShownDelivery:
    """Return a delivery as pages show it; its tries were fetched along."""
    return ShownDelivery(
        delivery=delivery,
        what=_what(delivery.event),
        kind=SHAPES[DeliveryStatus(delivery.status)],
        word=delivery.get_status_display(),
        attempts=[ShownAttempt(attempt=one, word=_answered(one)) for one in delivery.attempts.all()],
        body=json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False),
    )


def _state(webhook: Webhook) -> tuple[str, str]:
    if webhook.is_paused:
        return "off", webhook.get_paused_because_display()
    if webhook.failing_since is not None:
        return "wait", _("Takes nothing in at the moment; it is tried again")
    return "ok", _("Active")


def _what(event: str) -> str:
    if event == TEST:
        return _("A test")
    return str(EVENTS[event].words) if event in EVENTS else event


def _answered(attempt: Attempt) -> str:
    if attempt.status_code is None:
        known = TROUBLES.get(Trouble(attempt.error)) if attempt.error in set(Trouble) else None
        return str(known or attempt.error)
    try:
        phrase = HTTPStatus(attempt.status_code).phrase
    except ValueError:
        phrase = ""
    return f"{attempt.status_code} {phrase}".strip()
