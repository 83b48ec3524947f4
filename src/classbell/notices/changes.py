"""Changing one sitting of a series, and telling who holds it now."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from classbell.accounts.models import User
from classbell.meetings import occurrences
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import Occurrence
from classbell.notices.services import tell
from classbell.notices.words import Kind


def change_sitting(
    *,
    sitting_id: UUID,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    teacher: User | None = None,
    now: datetime,
) -> None:
    """
    Hold one sitting at another time, or let another teacher hold it, who is told; what is None stays.

    The meeting's own teacher takes it back. The caller goes on to `sync_now`. Raises TeacherBusy, CannotTeach,
    OccurrenceOver, HostBusy; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        sitting = Occurrence.objects.get(pk=sitting_id)
        before = sitting.starts_at, sitting.ends_at, sitting.substitute_id
        if starts_at or duration_minutes:
            occurrences.move_occurrence(
                occurrence_id=sitting_id,
                starts_at=starts_at,
                duration_minutes=duration_minutes,
                teacher=teacher,
                now=now,
            )
        elif teacher is not None:
            occurrences.let_substitute(occurrence_id=sitting_id, teacher=teacher, now=now)
        sitting = Occurrence.objects.select_related("meeting", "substitute").get(pk=sitting_id)
        is_news = (sitting.starts_at, sitting.ends_at, sitting.substitute_id) != before
        if teacher is not None and sitting.substitute is not None and is_news:
            _tell_substitute(sitting.substitute, sitting, now)


def _tell_substitute(substitute: User, sitting: Occurrence, now: datetime) -> None:
    facts = {"title": sitting.meeting.title, "when": sitting.starts_at.isoformat()}
    tell(substitute, Kind.SESSION_SUBSTITUTED, facts, path=f"/meetings/{sitting.meeting_id}/", now=now)
