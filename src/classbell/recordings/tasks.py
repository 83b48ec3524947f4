"""Background jobs of recordings: load, one call, done. All may run twice."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from classbell.jobs import RETRY_CRASHES, defer
from classbell.meetings.models import ZoomHost
from classbell.meetings.sync.gateway import is_configured, zoom_client
from classbell.recordings import deleting, retention, sync
from classbell.recordings.receivers import LOOK
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError
from classbell.zoom.limits import Priority

log = structlog.get_logger(__name__)

AGAIN_AFTER: Final = timedelta(minutes=5)


@app.task(name=LOOK, queue="zoom", retry=RETRY_CRASHES)
def look(*, zoom_instance_uuid: str) -> None:
    """Note what Zoom has recorded of a run; come back when Zoom does not answer now."""
    if not is_configured():
        return
    try:
        sync.look(zoom_instance_uuid, _client(), now=timezone.now())
    except ZoomError as error:
        log.warning("recordings_not_read", run=zoom_instance_uuid, error=str(error))
        if error.retryable:
            defer(LOOK, at=timezone.now() + AGAIN_AFTER, zoom_instance_uuid=zoom_instance_uuid)


@app.task(name=deleting.DELETE, queue="zoom", retry=RETRY_CRASHES)
def delete(*, recording_id: str) -> None:
    """Let Zoom delete a recording. When it does not, `delete_what_was_asked` comes back to it."""
    if not is_configured():
        return
    try:
        deleting.delete_at_zoom(UUID(recording_id), _client(), now=timezone.now())
    except ZoomError as error:
        log.warning("recording_not_deleted", recording=recording_id, error=str(error))


@app.periodic(cron="*/5 * * * *")
@app.task(name="recordings.delete_what_was_asked", queue="sweeps", queueing_lock="delete_recordings")
def delete_what_was_asked(timestamp: int) -> None:
    """Every five minutes: what Zoom has not deleted yet."""
    if is_configured():
        deleting.delete_what_was_asked(_client(), now=timezone.now())


@app.periodic(cron="27 * * * *")
@app.task(name="recordings.sweep", queue="sweeps", queueing_lock="sweep_recordings")
def sweep(timestamp: int) -> None:
    """Every hour: recordings of which no event came, and what became of those that are known."""
    if not is_configured():
        return
    for host in ZoomHost.objects.filter(is_active=True).select_related("account"):
        try:
            sync.sweep_host(host, _client(), now=timezone.now())
        except ZoomError as error:
            log.warning("recordings_not_swept", host=host.email, error=str(error))


@app.periodic(cron="57 3 * * *")
@app.task(name="recordings.keep_the_rule", queue="sweeps", queueing_lock="keep_recording_rule")
def keep_the_rule(timestamp: int) -> None:
    """Every night: what is older than the school keeps it is announced, and goes."""
    retention.keep_the_rule(now=timezone.now())
    deleting.forget_gone(now=timezone.now())


def _client() -> ZoomClient:
    return zoom_client().with_options(priority=Priority.BATCH)
