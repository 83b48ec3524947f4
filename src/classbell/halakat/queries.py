"""Reads of circles with more than one caller."""

from collections.abc import Sequence
from datetime import datetime

from classbell.halakat.models import Halaka
from classbell.meetings.models import Meeting, Occurrence


def circle_occurrences(halaka: Halaka) -> list[Occurrence]:
    """Return all sessions of a circle, of all its meetings, in order; those that were replaced by a change are left out."""
    rows = Occurrence.objects.filter(meeting__halaka_part__halaka=halaka).select_related("meeting", "substitute")
    return [row for row in rows.order_by("starts_at", "pk") if row.meeting.wanted or not row.is_cancelled]


def meeting_at(rows: Sequence[Occurrence], *, now: datetime) -> Meeting | None:
    """Return the meeting of the session that runs or comes next; after the last one, the last meeting."""
    taking_place = [row for row in rows if not row.is_cancelled]
    ahead = [row for row in taking_place if row.ends_at > now]
    chosen = ahead[0] if ahead else taking_place[-1] if taking_place else None
    return chosen.meeting if chosen else None
