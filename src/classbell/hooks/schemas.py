"""What the API takes and answers of webhooks."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from classbell.hooks.events import EVENTS
from classbell.hooks.models import (
    LONGEST_DESCRIPTION,
    LONGEST_EVENT,
    LONGEST_URL,
    Attempt,
    Delivery,
    DeliveryStatus,
    Webhook,
)
from classbell.paging import PageQuery
from classbell.wire import Input, Moment, Note, Output

Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
EventName = Annotated[str, Field(max_length=LONGEST_EVENT)]
Description = Annotated[Note, Field(max_length=LONGEST_DESCRIPTION)]
EventNames = Annotated[list[EventName], Field(min_length=1, max_length=len(EVENTS))]


class WebhookIn(Input):
    """A webhook to be made."""

    url: Url = Field(description="Where bodies are posted to, by https.")
    events: EventNames = Field(description=f"Some of: {', '.join(EVENTS)}.")
    description: Description = ""


class WebhookChange(Input):
    """What is to be changed of a webhook; what is absent stays."""

    url: Url | None = None
    events: EventNames | None = None
    description: Description | None = None
    paused: bool | None = Field(None, description="false: it goes on, and is sent what waits.")


class DeliveriesQuery(PageQuery):
    """Which deliveries are asked for."""

    status: DeliveryStatus | None = None


class WebhookOut(Output):
    """A webhook, without its secret."""

    id: UUID
    url: str
    events: list[str]
    description: str
    status: Literal["active", "paused"]
    paused_because: str = Field(description="asked, failing or gone; empty while it is active.")
    failing_since: Moment | None = Field(description="Nothing has been taken in since then.")
    previous_secret_until: Moment | None = Field(description="Until then each delivery is signed by both secrets.")
    created_at: Moment


class WebhookAnswer(Output):
    """One webhook."""

    webhook: WebhookOut


class SecretAnswer(WebhookAnswer):
    """A new webhook, or one with a new secret, which is said now and never again."""

    secret: str


class WebhooksAnswer(Output):
    """The webhooks that there are."""

    webhooks: list[WebhookOut]
    next_cursor: str | None


class AttemptOut(Output):
    """One try; `status_code` and `answer` (its beginning) are the receiver's, `error` says why there is none."""

    at: Moment
    status_code: int | None
    answer: str
    error: str
    milliseconds: int


class DeliveryOut(Output):
    """One event for one webhook; `id` is the `webhook-id` of every try."""

    id: UUID
    event: str
    status: DeliveryStatus
    created_at: Moment
    next_attempt_at: Moment | None
    attempts: list[AttemptOut]
    body: str = Field(description="As it is sent: JSON.")


class DeliveryAnswer(Output):
    """One delivery."""

    delivery: DeliveryOut


class DeliveriesAnswer(Output):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryOut]
    next_cursor: str | None


class EventOut(Output):
    """An event that webhooks may be told of."""

    name: str
    description: str


class EventsAnswer(Output):
    """The events that there are."""

    events: list[EventOut]


def describe_webhook(webhook: Webhook) -> WebhookOut:
    """Return a webhook as the API tells of it."""
    return WebhookOut(
        id=webhook.pk,
        url=webhook.url,
        events=webhook.events,
        description=webhook.description,
        status="paused" if webhook.is_paused else "active",
        paused_because=webhook.paused_because,
        failing_since=webhook.failing_since,
        previous_secret_until=webhook.previous_until,
        created_at=webhook.created_at,
    )


def describe_delivery(delivery: Delivery) -> DeliveryOut:
    """Return a delivery with its tries as the API tells of it."""
    return DeliveryOut(
        id=delivery.pk,
        event=delivery.event,
        status=DeliveryStatus(delivery.status),
        created_at=delivery.created_at,
        next_attempt_at=delivery.due_at,
        attempts=[_attempt(attempt) for attempt in delivery.attempts.all()],
        body=delivery.body,
    )


def _attempt(attempt: Attempt) -> AttemptOut:
    return AttemptOut(
        at=attempt.at,
        status_code=attempt.status_code,
        answer=attempt.answer,
        error=attempt.error,
        milliseconds=attempt.milliseconds,
    )
