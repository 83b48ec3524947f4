"""
What Zoom told us, understood by whichever worker comes first: looked for in the table itself, a run's events at a time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from threading import Event as Stop
from typing import Final
from uuid import UUID

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from classbell.meetings.models import WebhookEvent
from classbell.meetings.webhooks import events
from classbell.postgres.trouble import Trouble, trouble_of

log = structlog.get_logger(__name__)

# One run's events that are understood in one transaction.
AT_A_TIME: Final = 500
IDLE_SECONDS: Final = 0.5
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=6)


def process_some(*, now: datetime) -> int:
    """
    Understand the oldest event that waits, together with what else waits of the same run; return how many were taken.

    Events in another worker's hands are passed over. One that fails is noted with its error and waits longer each time;
    the others do not wait for it.
    """
    with transaction.atomic():
        waiting = WebhookEvent.objects.filter(processed_at=None, due_at__lte=now).order_by("happened_at")
        taken = list(waiting.select_for_update(skip_locked=True)[:1])
        if taken and taken[0].zoom_instance_uuid:
            of_run = waiting.filter(zoom_instance_uuid=taken[0].zoom_instance_uuid)
            taken = list(of_run.select_for_update(skip_locked=True)[:AT_A_TIME])
        _understand(taken, now)
    return len(taken)


def process_all(*, now: datetime) -> int:
    """Understand everything that waits; return how many events that were."""
    count = 0
    while some := process_some(now=now):
        count += some
    return count


def keep_processing(stop: Stop) -> None:
    """Understand events as they come, until told to stop: what a worker's thread does."""
    while not stop.is_set():
        close_old_connections()
        try:
            some = process_some(now=timezone.now())
        except Exception as error:
            if trouble := trouble_of(error):
                log.debug("inbox_waits_for_database", trouble=trouble.value)
            else:
                log.exception("inbox_interrupted")
            some = 0
        if not some:
            stop.wait(IDLE_SECONDS)
    connection.close()


def replay(*, event_ids: Collection[UUID], now: datetime) -> int:
    """Let events be understood again, now; return how many there were. Nothing comes of it twice."""
    return WebhookEvent.objects.filter(pk__in=event_ids).update(processed_at=None, due_at=now, attempts=0, error="")


def _understand(taken: Sequence[WebhookEvent], now: datetime) -> None:
    """All at once; when that fails, one by one, so that only those fail that cannot be understood."""
    if not taken:
        return
    try:
        with transaction.atomic():
            events.apply(taken, now=now)
    except Exception as error:
        if trouble_of(error) not in (None, Trouble.BUSY):
            raise  # Nothing is wrong with the events, and they are as due as before.
        if len(taken) == 1:
            _note_failure(taken[0], error, now)
            return
        for event in taken:
            _understand([event], now)
        return
    WebhookEvent.objects.filter(pk__in=[event.pk for event in taken]).update(processed_at=now, error="")


def _note_failure(event: WebhookEvent, error: Exception, now: datetime) -> None:
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(event.attempts, 20))
    WebhookEvent.objects.filter(pk=event.pk).update(
        attempts=event.attempts + 1, due_at=now + pause, error=f"{type(error).__name__}: {error}"[:2000]
    )
    log.warning("webhook_not_understood", event_id=str(event.pk), zoom_event=event.event, attempts=event.attempts + 1)
