"""What is to be delivered, written in the transaction of what happened; a job delivers it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from classbell.hooks.bodies import Data, Message
from classbell.hooks.models import Delivery, DeliveryStatus, Webhook

DELIVER: Final = "hooks.deliver"
KEPT_FOR: Final = timedelta(days=30)


def publish(event: str, make: Callable[[], Iterable[Data]]) -> None:
    """
    Tell every webhook that wants this event, once for each of what `make` returns; that is not asked when nobody does.

    Paused ones too: what waits is sent when they go on.
    """
    webhooks = list(Webhook.objects.filter(events__contains=[event]))
    if not webhooks:
        return
    with translation.override("en"):
        found = list(make())
    if found:
        write(event, found, webhooks, now=timezone.now())


def write(event: str, found: Sequence[Data], webhooks: Sequence[Webhook], *, now: datetime) -> list[Delivery]:
    """Write deliveries of these bodies to these webhooks, and the jobs that send them."""
    bodies = [Message(type=event, timestamp=now, data=data).model_dump_json() for data in found]
    deliveries = [
        Delivery(webhook=webhook, event=event, body=body, due_at=now, created_at=now)
        for webhook in webhooks
        for body in bodies
    ]
    with transaction.atomic():
        Delivery.objects.bulk_create(deliveries, batch_size=500)
        defer_delivery([webhook.pk for webhook in webhooks if not webhook.is_paused])
    return deliveries


def defer_delivery(webhook_ids: Iterable[UUID]) -> None:
    """Write the jobs that send these webhooks what is due, one at a time for each."""
    # No job stands for another that waits: to know of it, whoever writes one would wait for the other's transaction.
    for webhook_id in webhook_ids:
        arguments: JSONDict = {"webhook_id": str(webhook_id)}
        app.configure_task(DELIVER, allow_unknown=False, lock=f"webhook:{webhook_id}").defer(**arguments)


def webhooks_with_due(*, now: datetime) -> list[UUID]:
    """Return the webhooks to which something is to be sent now."""
    due = Delivery.objects.filter(webhook=OuterRef("pk"), status=DeliveryStatus.PENDING, due_at__lte=now)
    return list(Webhook.objects.awake(now).filter(Exists(due.order_by())).values_list("pk", flat=True))


def forget_old(*, now: datetime) -> int:
    """Forget deliveries from before KEPT_FOR, and those that somebody wrote for a webhook while it was removed."""
    Webhook.objects.filter(previous_until__lte=now).update(previous_secret=None, previous_until=None)
    Delivery.objects.exclude(Exists(Webhook.objects.filter(pk=OuterRef("webhook")))).delete()
    forgotten, _kinds = Delivery.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return forgotten
