"""Jobs of webhooks: load, one call, done. All may run twice."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.hooks import delivery, outbox
from classbell.jobs import RETRY_CRASHES


@app.task(name=outbox.DELIVER, queue="webhooks", retry=RETRY_CRASHES)
def deliver(*, webhook_id: str) -> None:
    """Send one webhook what is due; go on in a job of its own, so that others get their turn."""
    if delivery.deliver_due(UUID(webhook_id)):
        outbox.defer_delivery([UUID(webhook_id)])


@app.periodic(cron="* * * * * */15")
@app.task(name="hooks.take_up_due", queue="sweeps", queueing_lock="take_up_due_webhooks")
def take_up_due(timestamp: int) -> None:
    """Deliveries whose next try has come, and those whose job was lost."""
    outbox.defer_delivery(outbox.webhooks_with_due(now=timezone.now()))


@app.periodic(cron="23 3 * * *")
@app.task(name="hooks.forget_old", queue="sweeps", queueing_lock="forget_old_deliveries")
def forget_old(timestamp: int) -> None:
    """Every night: deliveries that have served their time."""
    outbox.forget_old(now=timezone.now())
