"""
Where a class meets when it is about to begin and Zoom has no meeting for it.

A sweep gives each such session a room elsewhere and takes it back when Zoom has the meeting after all, unless somebody has
gone in by then: a class is not called out of the room it sits in. What people are shown is read from the meeting and the
room at that moment, so it is right between two sweeps too.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from classbell.meetings.models import BackupRoom, Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.signals import backup_room_given, backup_room_withdrawn

log = structlog.get_logger(__name__)

# A spec younger than this is still on its way; it needs no room elsewhere.
ON_ITS_WAY = timedelta(minutes=1)
# How far back sessions in backup rooms are looked for whose attendance nobody has judged.
LOOKED_BACK = timedelta(days=2)
LONGEST_NAME: Final = 40
TOKEN_BYTES: Final = 16

# Zoom was asked and there is a reason of another kind than its silence.
REFUSALS: Final = frozenset(
    {
        "zoom_invalid",
        "zoom_not_found",
        "zoom_not_permitted",
        "zoom_scope_missing",
        "zoom_unauthorized",
        "zoom_disagrees",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupOffer:
    """
    A room to go to instead of Zoom, or beside it when `beside_zoom`: then somebody is in it already.

    `url` leads through our own page, which notes that the room is used, and lets in whoever has it.
    """

    url: str
    since: datetime
    reason: str
    is_used: bool
    beside_zoom: bool


def room_now(meeting: Meeting, *, now: datetime) -> BackupOffer | None:
    """Return the backup room in which a meeting is held at this moment, if any. One query, none without backup rooms."""
    if not settings.ENVIRONMENT.backup_room_url or not meeting.wanted or meeting.is_elsewhere:
        return None
    rooms = _given(now).filter(occurrence__meeting=meeting).order_by("occurrence__starts_at")
    room = rooms.first()
    has_zoom = bool(meeting.zoom_meeting_id)
    if room is None or (has_zoom and room.used_at is None):
        return None
    return BackupOffer(
        url=urljoin(settings.ENVIRONMENT.public_url, f"/meetings/{meeting.pk}/backup?key={room.token}"),
        since=room.given_at,
        reason=_("People are already in the backup room.") if has_zoom else _in_words(room.reason_code),
        is_used=room.used_at is not None,
        beside_zoom=has_zoom,
    )


def may_be_near(starts_at: datetime, ends_at: datetime, *, now: datetime) -> bool:
    """Whether a session could be in a backup room now, so that lists need not ask for every row."""
    return starts_at - timedelta(minutes=settings.ENVIRONMENT.backup_room_minutes) <= now < ends_at


def give_due(*, now: datetime, meeting: Meeting | None = None) -> int:
    """
    Give a room to every session (or to this meeting's) that is about to begin, or has begun, without a Zoom meeting.

    Returns how many got one. Safe to repeat, and to run twice at once.
    """
    if not settings.ENVIRONMENT.backup_room_url:
        return 0
    due = _without_zoom(now) if meeting is None else _without_zoom(now).filter(meeting=meeting)
    return sum(_give(occurrence, now) for occurrence in due)


def withdraw_unneeded(*, now: datetime) -> int:
    """Take back the rooms that nobody has used and whose meetings are on Zoom by now; return how many."""
    with transaction.atomic():
        idle = _given(now).filter(used_at=None).exclude(occurrence__meeting__zoom_meeting_id="")
        rooms = list(idle.select_for_update(of=("self",)).order_by("pk"))
        # Waited for, a row is as of now, also when somebody has just gone in.
        free = [room.pk for room in rooms if room.used_at is None]
        BackupRoom.objects.filter(pk__in=free).update(withdrawn_at=now)
        for occurrence_id in free:
            backup_room_withdrawn.send(BackupRoom, occurrence_id=occurrence_id)
    return len(free)


def go_in(meeting: Meeting, *, now: datetime, key: str = "") -> str | None:
    """
    Return the address of the room in which this meeting is held, and note that it is used from now on.

    None when there is no such room (any more), or `key` is given and is not its token.
    """
    with transaction.atomic():
        rooms = _given(now).filter(occurrence__meeting=meeting).order_by("occurrence__starts_at")
        room = rooms.select_for_update(of=("self",)).first()
        if room is None or (key and not secrets.compare_digest(key.encode(), room.token.encode())):
            return None
        if room.used_at is None:
            if Meeting.objects.filter(pk=meeting.pk).exclude(zoom_meeting_id="").exists():
                return None
            room.used_at = now
            room.save(update_fields=["used_at"])
            log.info("backup_room_used", meeting=str(meeting.pk))
    return room.url


def ended_unjudged(*, now: datetime) -> list[UUID]:
    """
    Return the sessions that were held in backup rooms, or elsewhere from the first, are over and have no attendance yet: Zoom
    tells of none of them.
    """
    over = Occurrence.objects.taking_place().filter(ends_at__range=(now - LOOKED_BACK, now), outcome=None)
    elsewhere = Q(was_elsewhere=True) | Q(was_elsewhere=None) & ~Q(meeting__location="")
    elsewhere |= ~Q(location="")
    return list(over.filter(Q(backup_room__used_at__isnull=False) | elsewhere).values_list("pk", flat=True))


def _given(now: datetime) -> QuerySet[BackupRoom]:
    """Rooms of sessions that are not over."""
    rooms = BackupRoom.objects.filter(
        withdrawn_at=None,
        occurrence__ends_at__gt=now,
        occurrence__meeting__wanted=True,
        occurrence__meeting__location="",
        occurrence__location="",
    )
    return rooms.exclude(occurrence__status=OccurrenceStatus.CANCELLED)


def _without_zoom(now: datetime) -> QuerySet[Occurrence]:
    begins_by = now + timedelta(minutes=settings.ENVIRONMENT.backup_room_minutes)
    return (
        Occurrence.objects.filter(
            Q(backup_room=None) | Q(backup_room__withdrawn_at__isnull=False),
            starts_at__lte=begins_by,
            ends_at__gt=now,
            status=OccurrenceStatus.SCHEDULED,
            meeting__wanted=True,
            meeting__location="",
            location="",
            meeting__zoom_meeting_id="",
            meeting__updated_at__lt=now - ON_ITS_WAY,
        )
        .select_related("meeting")
        .order_by("starts_at")
    )


def _give(occurrence: Occurrence, now: datetime) -> bool:
    """Give a session its room, the one it had before if there was one; False when somebody else has just done so."""
    meeting, token = occurrence.meeting, secrets.token_hex(TOKEN_BYTES)
    name = slugify(meeting.title)[:LONGEST_NAME].strip("-") or "class"
    url = settings.ENVIRONMENT.backup_room_url.replace("{name}", name).replace("{token}", token)
    with transaction.atomic():
        room, is_new = BackupRoom.objects.get_or_create(
            occurrence=occurrence,
            defaults={"token": token, "url": url, "given_at": now, "reason_code": meeting.sync_error_code},
        )
        again = BackupRoom.objects.filter(pk=room.pk, withdrawn_at__isnull=False)
        if not is_new and not again.update(withdrawn_at=None, given_at=now, reason_code=meeting.sync_error_code):
            return False
        backup_room_given.send(BackupRoom, occurrence_id=occurrence.pk)
    log.warning("backup_room_given", meeting=str(meeting.pk), error=meeting.sync_error_code)
    return True


def _in_words(reason_code: str) -> str:
    if reason_code == "no_host_free":
        return _("Zoom has no room at this time. The session is held here instead.")
    if reason_code == "zoom_daily_limit":
        return _("Zoom takes no more meetings today. The session is held here instead.")
    if reason_code in REFUSALS:
        return _("Zoom has no meeting for this session. It is held here instead.")
    return _("Zoom is not answering. The session is held here instead.")
