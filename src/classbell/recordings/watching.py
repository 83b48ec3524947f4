"""
Watching and keeping recordings through us: by an address that is signed, good for some hours, and of one person.

Whether that person may is asked again with each part that they fetch. Zoom's own address and our token for it stay here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core import signing

from classbell.accounts.guardians.queries import may_act_for
from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.errors import NotThere
from classbell.meetings.queries import account_of_run
from classbell.meetings.sync.gateway import zoom_in_request
from classbell.recordings.errors import LinkExpired, NotDownloadable, RecordingGone, ZoomKeepsIt
from classbell.recordings.models import Recording, RecordingAccess
from classbell.recordings.permissions import find_recording, may_download
from classbell.zoom.errors import ZoomError, ZoomNotFound

log = structlog.get_logger(__name__)

SALT: Final = "classbell.recordings.watching"
GOOD_FOR: Final = timedelta(hours=3)
# What is fetched from Zoom at a time, and held in memory.
PART_BYTES: Final = 4 * 1024 * 1024
PART_SECONDS: Final = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What an address opens: a recording, and whether it is to be kept as a file."""

    recording: Recording
    is_download: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Bytes of a file from `first` on; `total` is how long the whole is."""

    content: bytes
    first: int
    total: int


def open_recording(
    recording: Recording, user: User, *, guardian: User | None, is_download: bool = False, now: datetime
) -> str:
    """
    Note that somebody who may watch a recording opens it, and return what stands in its address.

    Raises RecordingGone, NotDownloadable.
    """
    if recording.gone_at is not None or recording.delete_asked_at is not None:
        raise RecordingGone
    if is_download and not may_download(user, recording):
        raise NotDownloadable
    RecordingAccess.objects.create(
        recording=recording,
        person=guardian or user,
        for_student=user if guardian else None,
        is_download=is_download,
        at=now,
    )
    opened = {"r": str(recording.pk), "u": str(user.pk), "g": str(guardian.pk) if guardian else "", "d": is_download}
    return signing.dumps(opened, salt=SALT)


def opened_by(ticket: str, *, now: datetime) -> Opened:
    """Return what an address opens, if whoever it is of may still watch. Raises LinkExpired, RecordingGone."""
    try:
        said = signing.loads(ticket, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise LinkExpired from None
    people = User.objects.filter(is_active=True).in_bulk([UUID(pk) for pk in (said["u"], said["g"]) if pk])
    user, guardian = people.get(UUID(said["u"])), people.get(UUID(said["g"])) if said["g"] else None
    if user is None or (said["g"] and (guardian is None or not may_act_for(guardian, user.pk))):
        raise LinkExpired
    with read_by(user, guardian=guardian):
        try:
            recording = find_recording(user, UUID(said["r"]), now=now)
        except NotThere:
            raise LinkExpired from None
        if recording.gone_at is not None or recording.delete_asked_at is not None:
            raise RecordingGone
        if said["d"] and not may_download(user, recording):
            raise LinkExpired
    return Opened(recording=recording, is_download=said["d"])


def part_of(recording: Recording, *, first: int, last: int | None = None) -> Part:
    """
    Fetch a part of a recording from Zoom: from byte `first` to `last`, both included, or as much as is fetched at a time.

    Raises ZoomKeepsIt; RecordingGone when Zoom does not have it.
    """
    until = first + PART_BYTES - 1 if last is None else min(last, first + PART_BYTES - 1)
    try:
        with zoom_in_request(account_of_run(recording.run.zoom_instance_uuid), seconds=PART_SECONDS) as client:
            content, total = client.fetch_recording(recording.download_url, first=first, last=until)
    except ZoomNotFound:
        raise RecordingGone from None
    except (ZoomError, ValueError) as error:  # ValueError: what was noted is no address of Zoom's
        log.warning("recording_not_fetched", recording=str(recording.pk), error=str(error))
        raise ZoomKeepsIt from None
    return Part(content=content, first=first, total=total)


def parts_after(recording: Recording, part: Part) -> Iterator[bytes]:
    """Yield a part, and what follows it to the end, fetched as it is asked for. Raises as `part_of`."""
    while True:
        yield part.content
        after = part.first + len(part.content)
        if not part.content or after >= part.total:
            return
        part = part_of(recording, first=after)
