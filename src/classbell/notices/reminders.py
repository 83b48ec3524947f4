"""Reminding people of the sessions they are expected at, as long before as each has chosen, or the school for them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.urls import reverse

from classbell.accounts.models import ReminderTime, User
from classbell.meetings.models import Meeting
from classbell.notices.services import tell
from classbell.notices.texts import Kind

EARLIEST: Final = timedelta(minutes=max(ReminderTime))

# Whom a meeting expects is told in `meetings.audience`, when somebody is reminded in `preferences`. All sessions of a day in
# one statement, which also notes who is reminded now and so leaves out whoever was.
_TAKE_TURNS = """
WITH coming AS (
    SELECT occurrence.meeting_id, occurrence.starts_at, coalesce(occurrence.substitute_id, meeting.teacher_id) AS teacher_id
    FROM meetings_occurrence occurrence JOIN meetings_meeting meeting ON meeting.id = occurrence.meeting_id
    WHERE occurrence.starts_at > %(now)s AND occurrence.starts_at <= %(latest)s
          AND occurrence.status <> 'cancelled' AND NOT occurrence.is_held_as_said AND meeting.wanted
), expected AS (
    SELECT meeting_id, starts_at, teacher_id AS user_id FROM coming
    UNION
    SELECT coming.meeting_id, coming.starts_at, person.user_id
    FROM coming
    CROSS JOIN LATERAL (SELECT user_id FROM meetings_expected WHERE meeting_id = coming.meeting_id) person
)
INSERT INTO notices_reminder (meeting_id, user_id, starts_at, reminded_at)
SELECT expected.meeting_id, expected.user_id, expected.starts_at, %(now)s
FROM expected JOIN accounts_user person ON person.id = expected.user_id
LEFT JOIN notices_notificationchoices own ON own.user_id = person.id
LEFT JOIN notices_notificationchoices school ON school.user_id IS NULL
CROSS JOIN LATERAL (SELECT coalesce((own.choices ->> 'reminder_minutes')::int, nullif(person.reminder_minutes, 0),
                                    (school.choices ->> 'reminder_minutes')::int, 0) AS minutes) reminder
WHERE person.is_active AND reminder.minutes > 0
      AND expected.starts_at <= %(now)s + make_interval(mins => reminder.minutes)
ORDER BY expected.meeting_id, expected.user_id, expected.starts_at
ON CONFLICT DO NOTHING
RETURNING meeting_id, user_id, starts_at
"""


def remind_due(*, now: datetime) -> int:
    """
    Remind everybody of each session that begins within the time they have chosen; return how many reminders that were.

    Nobody is reminded twice of one start, nor after it: safe to repeat and to run twice at once. A session that is moved is
    reminded of anew.
    """
    with transaction.atomic():
        turns = _take_turns(now)
        meetings = Meeting.objects.in_bulk({meeting_id for meeting_id, _user, _start in turns})
        people = User.objects.in_bulk({user_id for _meeting, user_id, _start in turns})
        for meeting_id, user_id, starts_at in turns:
            facts = {"title": meetings[meeting_id].title, "when": starts_at.isoformat()}
            if meetings[meeting_id].room:
                facts["room"] = meetings[meeting_id].room
            path = reverse("meeting", args=[meeting_id])
            tell(people[user_id], Kind.SESSION_COMING, facts, path=path, stale_at=starts_at, now=now)
    return len(turns)


def _take_turns(now: datetime) -> Sequence[tuple[UUID, UUID, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURNS, {"now": now, "latest": now + EARLIEST})
        turns: list[tuple[UUID, UUID, datetime]] = cursor.fetchall()
    return turns
