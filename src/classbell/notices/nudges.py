"""Telling students whose class has begun without them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.meetings.attendance.rules import excused_in
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.meetings.presence.board import live_board
from classbell.notices.models import Nudge
from classbell.notices.services import tell
from classbell.notices.texts import Kind

# Whoever was told this recently is on their way, or will not come for being told again.
PAUSE: Final = timedelta(minutes=10)

# One statement, so that two who press the button at the same moment send one notice.
_TAKE_TURNS = """
INSERT INTO notices_nudge (occurrence_id, user_id, nudged_at)
SELECT %s, user_id, %s FROM unnest(%s::uuid[]) AS missing (user_id) ORDER BY user_id
ON CONFLICT (occurrence_id, user_id) DO UPDATE SET nudged_at = EXCLUDED.nudged_at
WHERE notices_nudge.nudged_at <= %s
RETURNING user_id
"""


class OccurrenceNotLive(DomainError):
    """There is nothing to come to."""

    code = "sitting_not_live"


def nudge(*, occurrence_id: UUID, students: Collection[UUID] | None = None, now: datetime) -> Sequence[User]:
    """
    Tell these students, of those who are missing from a session that runs, that their class has begun; None: all of
    them, but for those whose absence is accepted.

    They get a notice, and a mail, with the way into the room. Return who was told: nobody twice within ten minutes, so that
    it is safe to repeat. Raises OccurrenceNotLive.
    """
    with transaction.atomic():
        occurrence = Occurrence.objects.select_related("meeting__teacher").get(pk=occurrence_id)
        if occurrence.status != OccurrenceStatus.LIVE:
            raise OccurrenceNotLive(_("This meeting does not run just now; there is nothing to come to."))
        missing = live_board(occurrence, now=now).missing
        asked = {user.pk: user for user in missing if students is None or user.pk in students}
        if students is None:
            for person in excused_in(occurrence, set(asked)):
                del asked[person]
        told = [asked[pk] for pk in _take_turns(occurrence, asked, now)]
        for student in told:
            _tell(student, occurrence, now)
    return told


def nudged_at(occurrence_id: UUID) -> dict[UUID, datetime]:
    """Return when each student was last told to come to a session. One statement."""
    return dict(Nudge.objects.filter(occurrence=occurrence_id).values_list("user_id", "nudged_at"))


def _take_turns(occurrence: Occurrence, students: Collection[UUID], now: datetime) -> list[UUID]:
    """Note that these are told now and return them, without those who were told a short while ago."""
    if not students:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURNS, [occurrence.pk, now, list(students), now - PAUSE])
        return [pk for (pk,) in cursor.fetchall()]


def _tell(student: User, occurrence: Occurrence, now: datetime) -> None:
    facts = {"title": occurrence.meeting.title, "time": occurrence.starts_at.isoformat()}
    tell(student, Kind.SESSION_BEGUN, facts, path=f"/meetings/{occurrence.meeting_id}/join", now=now)
