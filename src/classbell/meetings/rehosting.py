"""Meetings whose account is ours to use no more: another host, and another link."""

from collections.abc import Sequence
from datetime import datetime

from classbell.meetings import claims, jobs
from classbell.meetings.hosts import pool
from classbell.meetings.models import ClaimKind, Meeting, RegistrantStatus, SyncStatus
from classbell.meetings.schedule import ahead
from classbell.meetings.services import bump_revision


def place_elsewhere(meetings: Sequence[Meeting], *, now: datetime) -> None:
    """
    Give meetings other seats, or none where none is free, and have them made there. What stands at Zoom for them stays, for
    it can no longer be asked. Needs a transaction and the meetings' locks.
    """
    occurrences = [one for meeting in meetings for one in ahead(meeting.occurrences.all(), now)]
    claims.release(occurrence_ids=[one.pk for one in occurrences], kind=ClaimKind.SEAT)
    for meeting in meetings:
        _forget_zoom(meeting)
    pool.place(meetings, occurrences)
    for meeting in meetings:
        bump_revision(meeting, now)
    jobs.defer_reconcile([meeting.pk for meeting in meetings], batch=True)


def _forget_zoom(meeting: Meeting) -> None:
    forgotten = {
        "zoom_meeting_id": "",
        "join_url": "",
        "registration_url": "",
        "create_started_at": None,
    }
    Meeting.objects.filter(pk=meeting.pk).update(**forgotten)
    for name, value in forgotten.items():
        setattr(meeting, name, value)
    meeting.seat, meeting.sync_status = None, SyncStatus.PENDING
    meeting.registrants.filter(status=RegistrantStatus.APPROVED).update(
        status=RegistrantStatus.PENDING, zoom_registrant_id="", join_url=""
    )
