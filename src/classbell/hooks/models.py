"""Where webhooks go, what is to be delivered, and how each try went."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.outgoing.sending import LONGEST_ANSWER

LONGEST_URL = 1000
LONGEST_DESCRIPTION = 100
LONGEST_EVENT = 40
# An address that cannot be reached is left alone for as long as it has been failing, within these.
SHORTEST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=5)


class Pause(models.TextChoices):
    """Why nothing is sent to a webhook."""

    NOT = "", _("Not paused")
    ASKED = "asked", _("Paused by an admin")
    FAILING = "failing", _("Paused: it took nothing in for a day")
    GONE = "gone", _("Paused: its receiver said that it is gone for good")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Filters that read after the noun."""

    def awake(self, now: datetime) -> Self:
        """
        Those to which something may be sent now: neither paused nor resting after failures. Who would rest for longer than
        anybody does was told so by a clock that has been put back since.
        """
        is_over = Q(rests_until=None) | Q(rests_until__lte=now) | Q(rests_until__gt=now + LONGEST_REST)
        return self.filter(is_over, paused_because=Pause.NOT)


@keeps_history("url", "description", "events", "paused_because")
class Webhook(models.Model):
    """
    An address of the school's that is told of some events.

    Its secrets are encrypted; the one before the latest rotation signs too until `previous_until`. Nothing has been taken in
    since `failing_since`; while it cannot even be reached, it is left alone until `rests_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    url = models.CharField(max_length=LONGEST_URL)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    events = ArrayField(models.CharField(max_length=LONGEST_EVENT))
    secret = models.BinaryField()
    previous_secret = models.BinaryField(null=True)
    previous_until = models.DateTimeField(null=True)
    paused_because = models.CharField(max_length=16, choices=Pause.choices, blank=True)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_paused(self) -> bool:
        """Whether nothing is sent to it."""
        return self.paused_because != Pause.NOT


class DeliveryStatus(models.TextChoices):
    """How a delivery stands: it waits for its next try, was taken in, or was given up."""

    PENDING = "pending", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


class Delivery(models.Model):
    """
    One event for one webhook, written in the transaction of what it tells of. Its id is the `webhook-id` of every try, by
    which receivers know it again; `body` is sent as it is.

    `due_at` is when to try next, null once nothing is left to try. Whoever tries puts it off first: should they die, somebody
    else finds it due again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without a constraint: it would make whoever books wait for an admin who is removing a webhook, or fail.
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_constraint=False)
    event = models.CharField(max_length=LONGEST_EVENT)
    body = models.TextField()
    status = models.CharField(max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["webhook", "due_at"], condition=Q(status="pending"), name="delivery_due"),
        ]
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"


class Attempt(models.Model):
    """
    One try of a delivery: what the receiver answered, or why it could not (`error`, a code of `sending.Trouble`; "" for an
    answer).
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    error = models.CharField(max_length=32, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.delivery} at {self.at:%Y-%m-%d %H:%M:%S}: {self.status_code or self.error}"
