"""Background jobs of payments: load, one call, done. All may run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.payments import sweeping


@app.periodic(cron="*/5 * * * *")
@app.task(name="payments.sweep", queue="sweeps", queueing_lock="sweep_payments")
def sweep(timestamp: int) -> None:
    """Every five minutes: what became of payments and refunds of which nothing was heard."""
    sweeping.sweep(now=timezone.now())


@app.periodic(cron="35 3 * * *")
@app.task(name="payments.forget_unpaid", queue="sweeps", queueing_lock="forget_unpaid")
def forget_unpaid(timestamp: int) -> None:
    """Once a night, before guests are forgotten: what they were about to pay."""
    sweeping.forget_unpaid(now=timezone.now())
