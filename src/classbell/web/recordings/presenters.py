"""What pages of meetings show of recordings."""

from datetime import datetime
from typing import Final

from classbell.accounts.models import User
from classbell.meetings.models import Meeting, Occurrence
from classbell.recordings.queries import Seen, seen_of_meeting

# On a meeting's page: those of the latest sessions; the others are one page away.
SESSIONS_SHOWN: Final = 3


def recordings_of(
    meeting: Meeting, user: User, *, now: datetime, occurrence: Occurrence | None = None
) -> dict[str, object]:
    """Return what a page shows of the recordings of a meeting, or of one session, that somebody may watch."""
    lines = seen_of_meeting(meeting, user, now=now, occurrence=occurrence)
    shown = latest(lines)
    return {"recordings": shown, "has_more_recordings": len(shown) < len(lines)}


def latest(lines: list[Seen]) -> list[Seen]:
    """Return the recordings of the latest sessions."""
    sessions = list(dict.fromkeys(one.occurrence.pk for one in lines if one.occurrence))[:SESSIONS_SHOWN]
    return [one for one in lines if one.occurrence and one.occurrence.pk in sessions]
