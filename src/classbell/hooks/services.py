"""Every change to webhooks, and what admins send again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.errors import DomainError, NotThere
from classbell.hooks import outbox, secrets
from classbell.hooks.bodies import TestData
from classbell.hooks.events import EVENTS, TEST
from classbell.hooks.models import Delivery, DeliveryStatus, Pause, Webhook
from classbell.outgoing.addresses import BadUrl, Rules, checked_url
from classbell.rows import write

# How long the secret before a rotation goes on signing, so that no receiver has to stop for it.
GRACE: Final = timedelta(hours=24)
# Each may keep a worker waiting for as long as a try lasts.
MOST_WEBHOOKS: Final = 20


class WebhookInvalid(DomainError):
    """A webhook as asked for cannot be; `details` names the field."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message, details=[{"field": field, "message": message}])


class WebhookPaused(DomainError):
    """Nothing is sent to a paused webhook."""

    code = "webhook_paused"

    def __init__(self) -> None:
        super().__init__(_("This webhook is paused. Resume it first."))


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedSecret:
    """A webhook with its secret, which is told now and never again."""

    webhook: Webhook
    secret: str


def make_webhook(*, url: str, events: Sequence[str], description: str = "", now: datetime) -> IssuedSecret:
    """
    Make a webhook.

    Raises WebhookInvalid: webhooks do not go to the address, an event is unknown or none is given, there are too many.
    """
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        text = _("There are %(most)s webhooks already. Remove those that nobody uses.") % {"most": MOST_WEBHOOKS}
        raise WebhookInvalid("url", text)
    secret = secrets.new_secret()
    webhook = Webhook.objects.create(
        url=_checked(url),
        events=_known(events),
        description=description,
        secret=secrets.kept_of(secret),
        created_at=now,
    )
    return IssuedSecret(webhook=webhook, secret=secret)


def change_webhook(
    *,
    webhook_id: UUID,
    url: str | None = None,
    events: Sequence[str] | None = None,
    description: str | None = None,
    paused: bool | None = None,
    now: datetime,
) -> Webhook:
    """
    Change what is given. Resumed, it is sent what waits; a new address is tried at once. Raises NotThere and WebhookInvalid.
    """
    changes: dict[str, Any] = {}
    if url is not None:
        changes["url"] = _checked(url)
    if events is not None:
        changes["events"] = _known(events)
    if description is not None:
        changes["description"] = description
    with transaction.atomic():
        webhook = _locked(webhook_id)
        is_new_address = changes.get("url", webhook.url) != webhook.url
        if paused is True and not webhook.is_paused:
            changes["paused_because"] = Pause.ASKED
        resumes = paused is False and webhook.is_paused
        if resumes:
            changes["paused_because"] = Pause.NOT
        if resumes or is_new_address:
            changes |= {"failing_since": None, "rests_until": None}
        write(webhook, changes)
        if resumes or is_new_address:
            webhook.deliveries.filter(status=DeliveryStatus.PENDING).update(due_at=now, tries=0)
        if not webhook.is_paused and (resumes or is_new_address):
            outbox.defer_delivery([webhook.pk])
    return webhook


def rotate_secret(*, webhook_id: UUID, now: datetime) -> IssuedSecret:
    """
    Give a webhook a new secret. The one before signs too for GRACE; one from before an earlier rotation stops at once.

    Raises NotThere.
    """
    secret = secrets.new_secret()
    with transaction.atomic():
        webhook = _locked(webhook_id)
        kept = {
            "previous_secret": bytes(webhook.secret),
            "previous_until": now + GRACE,
            "secret": secrets.kept_of(secret),
        }
        write(webhook, kept)
    return IssuedSecret(webhook=webhook, secret=secret)


def remove_webhook(*, webhook_id: UUID) -> Webhook:
    """Remove a webhook and its deliveries. Raises NotThere."""
    with transaction.atomic():
        webhook = _locked(webhook_id)
        pk = webhook.pk
        webhook.delete()
    webhook.pk = pk
    return webhook


def send_test(*, webhook_id: UUID, now: datetime) -> Delivery:
    """Write a delivery by which an admin tries a webhook. Raises NotThere and WebhookPaused."""
    with transaction.atomic():
        webhook = _awake(webhook_id)
        data = TestData(message="Classbell reaches you.")
        (delivery,) = outbox.write(TEST, [data], [webhook], now=now)
        _hurry(webhook)
    return delivery


def replay(*, webhook_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
    """
    Send a delivery once more, with the same id and body and all its tries ahead; one that waits is tried at once.

    Raises NotThere and WebhookPaused.
    """
    with transaction.atomic():
        webhook = _awake(webhook_id)
        delivery = webhook.deliveries.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotThere(_("There is no such delivery (any more): they are kept for 30 days."))
        write(delivery, {"status": DeliveryStatus.PENDING, "due_at": now, "tries": 0})
        _hurry(webhook)
        outbox.defer_delivery([webhook.pk])
    return delivery


def _hurry(webhook: Webhook) -> None:
    """Somebody stands before it and waits: an address that could not be reached is tried all the same."""
    if webhook.rests_until is not None:
        write(webhook, {"rests_until": None})


def _checked(url: str) -> str:
    try:
        return checked_url(url, Rules.of_settings())
    except BadUrl as error:
        raise WebhookInvalid("url", str(error)) from error


def _known(events: Sequence[str]) -> list[str]:
    if not events or not set(events) <= EVENTS.keys():
        raise WebhookInvalid("events", _("events must be some of: %(known)s.") % {"known": ", ".join(EVENTS)})
    return [event for event in EVENTS if event in set(events)]


def _awake(webhook_id: UUID) -> Webhook:
    webhook = _locked(webhook_id)
    if webhook.is_paused:
        raise WebhookPaused
    return webhook


def _locked(webhook_id: UUID) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotThere(_("There is no such webhook (any more)."))
    return webhook
