"""
Deleting recordings: asked for here, and done by a job that comes back until Zoom has done it.

A file that Zoom does not have any more is deleted, whoever did it: so it makes no difference where a process is killed.
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F

from classbell.errors import NotThere
from classbell.jobs import defer
from classbell.meetings.queries import account_of_run
from classbell.meetings.sync.gateway import in_account
from classbell.recordings.errors import RecordingGone
from classbell.recordings.models import IN_TRASH_FOR, Recording
from classbell.rows import locked, write
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError, ZoomNotFound

log = structlog.get_logger(__name__)

DELETE = "recordings.delete"


def ask_deletion(recording_id: UUID, *, now: datetime) -> Recording:
    """
    Have one recording put into Zoom's trash, and shown to nobody from now on. Safe to repeat.

    Raises NotThere, RecordingGone.
    """
    with transaction.atomic():
        recording = locked(Recording.objects.shown(now), recording_id)
        if recording is None:
            raise NotThere
        if recording.gone_at is not None:
            raise RecordingGone
        if recording.delete_asked_at is None:
            write(recording, {"delete_asked_at": now})
            defer(DELETE, recording_id=str(recording.pk))
    return recording


def delete_for_good(recordings: Iterable[Recording], *, now: datetime) -> int:
    """Have recordings deleted out of Zoom's trash too; return how many. One transaction. Safe to repeat."""
    count = 0
    with transaction.atomic():
        for one in recordings:
            recording = locked(Recording.objects.filter(is_for_good=False), one.pk)
            if recording is None:
                continue
            asked_at = recording.delete_asked_at or now
            # What lies in the trash already has to be taken out of there.
            write(recording, {"delete_asked_at": asked_at, "is_for_good": True, "gone_at": None})
            defer(DELETE, recording_id=str(recording.pk))
            count += 1
    return count


def delete_at_zoom(recording_id: UUID, client: ZoomClient, *, now: datetime) -> None:
    """
    Let Zoom delete a recording that is to go; nothing happens to others. Call it without a transaction. Safe to repeat.

    Raises ZoomError.
    """
    recording = Recording.objects.to_delete().select_related("run").filter(pk=recording_id).first()
    if recording is None:
        return
    client = in_account(client, account_of_run(recording.run.zoom_instance_uuid) or client.account_id)
    try:
        client.delete_recording_file(
            recording.run.zoom_instance_uuid, recording.zoom_file_id, for_good=recording.is_for_good
        )
    except ZoomNotFound:
        log.info("recording_was_gone", recording=str(recording_id))
    with transaction.atomic():
        row = locked(Recording.objects.to_delete(), recording_id)
        # Meanwhile it may have become one that has to leave the trash too.
        if row is not None and row.is_for_good == recording.is_for_good:
            write(row, {"gone_at": now})


def delete_what_was_asked(client: ZoomClient, *, now: datetime) -> None:
    """Try once more what Zoom has not done yet. What it refuses is tried again the next time."""
    for recording_id in list(
        Recording.objects.to_delete().order_by("delete_asked_at").values_list("pk", flat=True)[:200]
    ):
        try:
            delete_at_zoom(recording_id, client, now=now)
        except ZoomError as error:
            log.warning("recording_not_deleted", recording=str(recording_id), error=str(error))


def keep_longer(recording_id: UUID, *, until: date | None, now: datetime) -> Recording:
    """
    Keep a recording at least until a day, beyond what the rule says; None: as the rule says. Raises NotThere,
    RecordingGone.
    """
    with transaction.atomic():
        recording = locked(Recording.objects.shown(now), recording_id)
        if recording is None:
            raise NotThere
        if recording.gone_at is not None or recording.delete_asked_at is not None:
            raise RecordingGone
        return write(recording, {"kept_until": until, "expiry_told_at": None})


def forget_gone(*, now: datetime) -> int:
    """
    Forget what Zoom has deleted for good, or has had in its trash for as long as it keeps things there; return how many.
    """
    gone = Recording.objects.filter(gone_at__lte=now - IN_TRASH_FOR).order_by(F("gone_at"))
    return gone.delete()[1].get(Recording._meta.label, 0)
