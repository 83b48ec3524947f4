"""Background jobs of bookings: load, one call, done. All may run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.bookings import makeup, outcomes
from classbell.bookings.guests import forgetting


@app.periodic(cron="* * * * *")
@app.task(name="bookings.lapse_requests", queue="sweeps", queueing_lock="lapse_requests")
def lapse_requests(timestamp: int) -> None:
    """Every minute: requests that nobody answered in time are given up."""
    outcomes.lapse_requests(now=timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="bookings.complete_ended", queue="sweeps", queueing_lock="complete_ended")
def complete_ended(timestamp: int) -> None:
    """Every hour: confirmed bookings whose time is over are completed."""
    outcomes.complete_ended(now=timezone.now())


@app.periodic(cron="10 * * * *")
@app.task(name="bookings.expire_makeups", queue="sweeps", queueing_lock="expire_makeups")
def expire_makeups(timestamp: int) -> None:
    """Every hour: the ledger of make-up lessons says which have expired."""
    makeup.expire(now=timezone.now())


@app.periodic(cron="47 3 * * *")
@app.task(name="bookings.forget_guests", queue="sweeps", queueing_lock="forget_guests")
def forget_guests(timestamp: int) -> None:
    """Every night: guests who never confirmed are forgotten."""
    forgetting.forget_guests(now=timezone.now())
