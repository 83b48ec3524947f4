"""Webhooks, for admins: `/api/webhooks`."""

from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Status

from classbell.accounts.auth import ApiRequest
from classbell.accounts.permissions import allowed, is_admin
from classbell.errors import NotThere
from classbell.hooks import services
from classbell.hooks.events import EVENTS
from classbell.hooks.models import Webhook
from classbell.hooks.schemas import (
    DeliveriesAnswer,
    DeliveriesQuery,
    DeliveryAnswer,
    EventOut,
    EventsAnswer,
    SecretAnswer,
    WebhookAnswer,
    WebhookChange,
    WebhookIn,
    WebhooksAnswer,
    describe_delivery,
    describe_webhook,
)
from classbell.paging import PageQuery, paginate

router = Router(tags=["Webhooks"])


@router.get("", response=WebhooksAnswer)
@allowed(is_admin)
def list_webhooks(request: ApiRequest, page: Query[PageQuery]) -> WebhooksAnswer:
    """The webhooks that there are, the newest first."""
    found = paginate(Webhook.objects.all(), page, by="-created_at")
    return WebhooksAnswer(webhooks=[describe_webhook(one) for one in found.items], next_cursor=found.next_cursor)


@router.post("", response={201: SecretAnswer})
@allowed(is_admin)
def make(request: ApiRequest, body: WebhookIn) -> SecretAnswer:
    """
    Have an address told of events. `secret` is said in this answer and never again, so an `Idempotency-Key` has no effect.
    """
    made = services.make_webhook(url=body.url, events=body.events, description=body.description, now=timezone.now())
    return SecretAnswer(webhook=describe_webhook(made.webhook), secret=made.secret)


@router.get("/events", response=EventsAnswer)
@allowed(is_admin)
def list_events(request: ApiRequest) -> EventsAnswer:
    """The events that there are. What their bodies hold stands in the OpenAPI document under `webhooks`."""
    return EventsAnswer(events=[EventOut(name=name, description=str(event.words)) for name, event in EVENTS.items()])


@router.get("/{uuid:webhook_id}", response=WebhookAnswer)
@allowed(is_admin)
def read(request: ApiRequest, webhook_id: UUID) -> WebhookAnswer:
    """One webhook."""
    return WebhookAnswer(webhook=describe_webhook(_found(webhook_id)))


@router.patch("/{uuid:webhook_id}", response=WebhookAnswer)
@allowed(is_admin)
def change(request: ApiRequest, webhook_id: UUID, body: WebhookChange) -> WebhookAnswer:
    """Change what is given, pause it or let it go on."""
    given = body.model_dump(exclude_none=True)
    return WebhookAnswer(
        webhook=describe_webhook(services.change_webhook(webhook_id=webhook_id, now=timezone.now(), **given))
    )


@router.delete("/{uuid:webhook_id}", response={204: None})
@allowed(is_admin)
def remove(request: ApiRequest, webhook_id: UUID) -> Status[None]:
    """Remove a webhook and what is kept of its deliveries."""
    services.remove_webhook(webhook_id=webhook_id)
    return Status(204, None)


@router.post("/{uuid:webhook_id}/test", response={201: DeliveryAnswer})
@allowed(is_admin)
def test(request: ApiRequest, webhook_id: UUID) -> DeliveryAnswer:
    """Send a `webhook.test`. How it went stands among the deliveries. 400 `webhook_paused`."""
    return DeliveryAnswer(delivery=describe_delivery(services.send_test(webhook_id=webhook_id, now=timezone.now())))


@router.post("/{uuid:webhook_id}/rotate", response={201: SecretAnswer})
@allowed(is_admin)
def rotate(request: ApiRequest, webhook_id: UUID) -> SecretAnswer:
    """Give a webhook a new secret. For 24 hours each delivery is signed by the one before too."""
    made = services.rotate_secret(webhook_id=webhook_id, now=timezone.now())
    return SecretAnswer(webhook=describe_webhook(made.webhook), secret=made.secret)


@router.get("/{uuid:webhook_id}/deliveries", response=DeliveriesAnswer)
@allowed(is_admin)
def list_deliveries(request: ApiRequest, webhook_id: UUID, page: Query[DeliveriesQuery]) -> DeliveriesAnswer:
    """What was sent to a webhook in the last 30 days and what waits, the newest first, with every try."""
    rows = _found(webhook_id).deliveries.prefetch_related("attempts")
    if page.status is not None:
        rows = rows.filter(status=page.status)
    found = paginate(rows, page, by="-created_at")
    return DeliveriesAnswer(deliveries=[describe_delivery(one) for one in found.items], next_cursor=found.next_cursor)


@router.post("/{uuid:webhook_id}/deliveries/{uuid:delivery_id}/replay", response={200: DeliveryAnswer})
@allowed(is_admin)
def replay(request: ApiRequest, webhook_id: UUID, delivery_id: UUID) -> DeliveryAnswer:
    """Send a delivery once more, with the same `webhook-id`, by which receivers know it again. 400 `webhook_paused`."""
    delivery = services.replay(webhook_id=webhook_id, delivery_id=delivery_id, now=timezone.now())
    return DeliveryAnswer(delivery=describe_delivery(delivery))


def _found(webhook_id: UUID) -> Webhook:
    webhook = Webhook.objects.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotThere
    return webhook
