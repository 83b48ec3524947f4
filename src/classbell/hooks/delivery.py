"""
Delivering: who is due is taken, tried, and noted, one after another for each webhook.

Taking puts the next try off by LEASE. A worker that dies between sending and noting leaves a delivery that is due again, with
the same id: receivers may get something twice, and never not at all.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from classbell.encryption import NotDecipherable
from classbell.hooks.models import LONGEST_REST, SHORTEST_REST, Attempt, Delivery, DeliveryStatus, Pause, Webhook
from classbell.hooks.secrets import signed_headers
from classbell.notices.admins import tell_admins
from classbell.notices.texts import Kind
from classbell.outgoing.addresses import Rules
from classbell.outgoing.sending import Outcome, Trouble, send
from classbell.rows import write

log = structlog.get_logger(__name__)

# Between one try and the next; after the last, nearly a day after the first, a delivery is given up.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=8),
    timedelta(hours=8),
)
# Far more than a try takes.
LEASE: Final = timedelta(minutes=2)
# With a delivery given up, and nothing taken in for so long, a webhook is paused.
DEAD_AFTER: Final = timedelta(hours=23)
# How many are sent before others that wait for a worker get their turn.
IN_A_ROW: Final = 20
GONE: Final = 410


def deliver_due(webhook_id: UUID, *, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Send a webhook what is due, the oldest first; return whether more may be."""
    for _turn in range(IN_A_ROW):
        delivery = claim(webhook_id, now=clock())
        if delivery is None:
            return False
        note(delivery, attempt(delivery, now=clock()), now=clock())
    return True


def claim(webhook_id: UUID, *, now: datetime) -> Delivery | None:
    """Take the oldest delivery that is due, so that nobody else does before LEASE is over; None when there is none."""
    with transaction.atomic():
        webhook = Webhook.objects.awake(now).filter(pk=webhook_id).first()
        if webhook is None:
            return None
        due = webhook.deliveries.filter(status=DeliveryStatus.PENDING, due_at__lte=now).order_by("created_at", "pk")
        delivery = due.select_for_update(of=("self",), skip_locked=True).first()
        if delivery is None:
            return None
        delivery.webhook = webhook
        return write(delivery, {"due_at": now + LEASE, "tries": delivery.tries + 1})


def attempt(delivery: Delivery, *, now: datetime) -> Outcome:
    """Send a claimed delivery, in no transaction."""
    webhook = delivery.webhook
    try:
        headers = signed_headers(webhook, message_id=str(delivery.pk), body=delivery.body, at=now)
    except NotDecipherable:
        return Outcome(error=Trouble.SECRET_UNREADABLE)
    return send(webhook.url, body=delivery.body, headers=headers, rules=Rules.of_settings())


def note(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Write down how a try went, and what follows: done, again later, or given up; the webhook rests or pauses."""
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
        row = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
        if webhook is None or row is None:
            return  # Removed meanwhile.
        Attempt.objects.create(
            delivery=row,
            at=now,
            status_code=outcome.status_code,
            answer=outcome.answer,
            error=outcome.error or "",
            milliseconds=outcome.milliseconds,
        )
        log.info(
            "webhook_tried",
            webhook=str(webhook.pk),
            host=urlsplit(webhook.url).hostname,
            delivery=str(row.pk),
            status=outcome.status_code,
            error=outcome.error,
        )
        if outcome.is_delivered:
            write(row, {"status": DeliveryStatus.DELIVERED, "due_at": None})
            if webhook.failing_since is not None or webhook.rests_until is not None:
                write(webhook, {"failing_since": None, "rests_until": None})
        elif row.status == DeliveryStatus.PENDING:
            _note_failure(webhook, row, outcome, now)


def _note_failure(webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    since = webhook.failing_since or now
    is_last = delivery.tries > len(PAUSES)
    if is_last:
        write(delivery, {"status": DeliveryStatus.FAILED, "due_at": None})
    else:
        pause = max(PAUSES[delivery.tries - 1], outcome.retry_after or timedelta(0))
        write(delivery, {"due_at": now + pause})
    rest = min(LONGEST_REST, max(SHORTEST_REST, now - since))
    # Who answers may like the next better; who cannot be reached would only keep a worker waiting.
    write(webhook, {"failing_since": since, "rests_until": now + rest if outcome.status_code is None else None})
    if outcome.status_code == GONE:
        _pause(webhook, Pause.GONE, now)
    elif is_last and now - since >= DEAD_AFTER:
        _pause(webhook, Pause.FAILING, now)


def _pause(webhook: Webhook, because: Pause, now: datetime) -> None:
    if webhook.is_paused:
        return
    write(webhook, {"paused_because": because})
    facts = {"webhook": webhook.description or urlsplit(webhook.url).hostname or webhook.url}
    tell_admins(Kind.WEBHOOK_PAUSED, facts, page="webhook", arguments=(webhook.pk,), now=now)
