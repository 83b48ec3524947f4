"""Changing some of what a meeting should be, and leaving the rest as it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from classbell.meetings.models import Audience, Meeting
from classbell.meetings.services import MeetingWish, change_meeting


def wish_of(meeting: Meeting) -> MeetingWish:
    """Return the wish that a meeting stands for now, the sittings that were called off by date included."""
    called_off = meeting.occurrences.filter(status="cancelled", is_exception=False)
    return MeetingWish(
        teacher=meeting.teacher,
        group=meeting.group,
        title=meeting.title,
        description=meeting.description,
        starts_at=meeting.starts_at,
        duration_minutes=meeting.duration_minutes,
        timezone=meeting.timezone,
        rule=meeting.rule,
        audience=Audience(meeting.audience),
        registration=meeting.registration,
        zoom_settings=meeting.zoom_settings,
        gap_minutes=meeting.gap_minutes,
        cancelled={
            sitting.original_starts_at.astimezone(meeting.zone).date(): sitting.cancellation_reason
            for sitting in called_off
        },
    )


def patch_meeting(*, meeting_id: UUID, changes: Mapping[str, Any], now: datetime, soon: bool = False) -> Meeting:
    """
    Change the named fields of a meeting's wish (those of MeetingWish) and keep the others.

    Raises TeacherBusy, TooManySittings, CannotBeOneSeries, MeetingNotWanted.
    """
    meeting = Meeting.objects.select_related("teacher", "group").get(pk=meeting_id)
    wish = wish_of(meeting)
    return change_meeting(
        meeting_id=meeting_id, wish=MeetingWish(**(_fields(wish) | dict(changes))), now=now, soon=soon
    )


def _fields(wish: MeetingWish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in MeetingWish.__dataclass_fields__}
