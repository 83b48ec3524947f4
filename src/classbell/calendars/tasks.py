"""Background jobs of teachers' calendars: load, one call, done. All may run twice."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.calendars import reading, services, writing
from classbell.jobs import RETRY_CRASHES, defer

READ: Final = "calendars.read"
# Of the sweep of one minute; what is left over waits longest and comes first in the next.
MOST_A_MINUTE: Final = 300


@app.task(name=READ, queue="calendars", retry=RETRY_CRASHES)
def read(*, calendar_id: str) -> None:
    """Read a calendar, and let its owner's sessions stand in it where they want that."""
    key = UUID(calendar_id)
    reading.read(key, now=timezone.now())
    is_more = writing.keep_true(key, now=timezone.now())
    services.finish_removal(calendar_id=key, now=timezone.now())
    if is_more:
        read_soon([key])


@app.periodic(cron="* * * * *")
@app.task(name="calendars.read_due", queue="sweeps", queueing_lock="read_due_calendars")
def read_due(timestamp: int) -> None:
    """Every minute: the calendars whose time it is."""
    read_soon(reading.due(now=timezone.now(), most=MOST_A_MINUTE))


def read_soon(calendar_ids: Iterable[UUID]) -> None:
    """Have calendars read by whoever works."""
    for calendar_id in calendar_ids:
        defer(READ, calendar_id=str(calendar_id))
