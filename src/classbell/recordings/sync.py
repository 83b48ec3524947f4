"""
What Zoom has, noted here: told by its events or found by a sweep, and read from Zoom itself in either case, so that events
may come twice, late, in any order or not at all.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction

from classbell.meetings.models import Meeting, MeetingRun, ZoomHost
from classbell.meetings.presence import runs
from classbell.meetings.queries import account_of_run
from classbell.meetings.sync.gateway import in_account
from classbell.recordings.models import Recording, RecordingKind
from classbell.zoom.check import lets_recordings_be_read
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomNotFound
from classbell.zoom.models import MeetingRecordings, RecordingFile

log = structlog.get_logger(__name__)

# How far back a sweep looks: Zoom lists a month at a time.
SWEPT_DAYS: Final = 30
KINDS: Final = {
    "MP4": RecordingKind.VIDEO,
    "M4A": RecordingKind.AUDIO,
    "TRANSCRIPT": RecordingKind.TRANSCRIPT,
    "CHAT": RecordingKind.CHAT,
}


def look(zoom_instance_uuid: str, client: ZoomClient, *, now: datetime) -> None:
    """
    Note what Zoom has recorded of a run at this moment. One LIGHT call; call it without a transaction. Safe to repeat.

    Raises ZoomError.
    """
    client = in_account(client, account_of_run(zoom_instance_uuid) or client.account_id)
    try:
        found = client.get_recordings(zoom_instance_uuid)
    except ZoomNotFound:
        note_gone(zoom_instance_uuid, except_files=(), now=now)
    else:
        note(found, now=now)


def sweep_host(host: ZoomHost, client: ZoomClient, *, now: datetime) -> None:
    """
    Compare what is noted of a host's recordings of the last month with what Zoom lists, and look for what it does not list.

    Does nothing where the app may not read recordings. Raises ZoomError.
    """
    client = in_account(client, host.account.account_id)
    if not lets_recordings_be_read(client.token().scopes):
        return
    first, last = (now - timedelta(days=SWEPT_DAYS)).date(), now.date()
    listed = set()
    for found in client.iter_recordings(host.zoom_user_id, start=first, end=last):
        listed.add(found.uuid)
        note(found, now=now)
    ours = Recording.objects.filter(
        gone_at=None, starts_at__gte=now - timedelta(days=SWEPT_DAYS), run__occurrence__meeting__zoom_host=host
    )
    for uuid in set(ours.order_by().values_list("run__zoom_instance_uuid", flat=True)) - listed:
        look(uuid, client, now=now)


def note(found: MeetingRecordings, *, now: datetime) -> None:
    """
    Note the files of one run as Zoom listed them at `now`, the moment before it was asked. Safe to repeat.

    What is no meeting of ours is left alone.
    """
    if not Meeting.objects.filter(zoom_meeting_id=found.id).exists():
        return
    files = [file for file in found.recording_files if file.id and file.download_url and file.recording_start]
    with transaction.atomic():
        run = runs.locked_run(found.uuid, zoom_meeting_id=found.id, now=now)
        ends = [file.recording_end for file in files if file.recording_end]
        if run.started_at is None and found.start_time:
            # Its own events never came.
            runs.learn(run, started_at=found.start_time, ended_at=max(ends, default=None))
        for file in files:
            _note_file(run, file, now)
        note_gone(found.uuid, except_files=[file.id for file in files], now=now)


def note_gone(zoom_instance_uuid: str, *, except_files: Collection[str], now: datetime) -> None:
    """Note that Zoom has no files of a run but these. What it is known to be without stays as of when that was."""
    rows = Recording.objects.filter(run__zoom_instance_uuid=zoom_instance_uuid, gone_at=None, seen_at__lte=now)
    # What is to leave the trash too is gone only once Zoom says that it has deleted it.
    rows = rows.exclude(is_for_good=True)
    # One by one, so that the history says of each what it was.
    for row in rows.exclude(zoom_file_id__in=except_files):
        row.gone_at = now
        row.save(update_fields=["gone_at"])


def _note_file(run: MeetingRun, file: RecordingFile, now: datetime) -> None:
    assert file.recording_start is not None  # noqa: S101 -- others were left out
    told = {
        "run": run,
        "kind": KINDS.get(file.file_type, RecordingKind.OTHER),
        "extension": file.file_extension[:8].lower(),
        "starts_at": file.recording_start,
        "ends_at": max(file.recording_end or file.recording_start, file.recording_start),
        "size": file.file_size or 0,
        "download_url": file.download_url,
    }
    row, is_new = Recording.objects.get_or_create(zoom_file_id=file.id, defaults={**told, "seen_at": now})
    if is_new or now < row.seen_at or (row.gone_at is not None and now <= row.gone_at):
        # Zoom was asked before what is noted already: what it said is older.
        return
    for name, value in told.items():
        setattr(row, name, value)
    if row.gone_at is not None:
        row.gone_at = None
        if not row.is_for_good:
            # Somebody took it back out of Zoom's trash.
            row.delete_asked_at = None
    row.seen_at = now
    row.save(update_fields=[*told, "seen_at", "gone_at", "delete_asked_at"])
