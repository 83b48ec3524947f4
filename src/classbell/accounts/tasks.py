"""Background jobs about accounts."""

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.accounts import idempotency


@app.periodic(cron="23 * * * *")
@app.task(name="accounts.purge_idempotency_keys", queue="sweeps", queueing_lock="purge_idempotency_keys")
def purge_idempotency_keys(timestamp: int) -> None:
    """Every hour: forget answers that are old enough."""
    idempotency.purge_idempotency_keys(now=timezone.now())
