"""Reminding people of the sessions they are expected at, as long before as each has chosen, or the school for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.urls import reverse

from classbell.accounts.guardian_models import Guardianship
from classbell.accounts.models import ReminderTime, User
from classbell.meetings.models import Expected, Meeting, Occurrence
from classbell.notices.models import ReminderRun
from classbell.notices.preferences import preferences_of
from classbell.notices.services import tell, tell_of_ward
from classbell.notices.texts import Kind
from classbell.notices.topics import Topic

LEADS: Final = sorted(lead.value for lead in ReminderTime if lead)
# Who came into a class, chose another time or has a session moved after their time had come waits no longer than this.
ALL_AGAIN_AFTER: Final = timedelta(minutes=15)

# Whom a meeting expects is told in `meetings.audience`, when somebody is reminded in `preferences`. All sessions ahead that
# somebody may be reminded of, in one statement, which also notes who is reminded now and so leaves out whoever was. With
# `since` only those whose time has come since then: sessions that begin within one of a few short stretches, not a whole day.
_TAKE_TURNS = """
WITH coming AS (
    SELECT occurrence.meeting_id, occurrence.starts_at, coalesce(occurrence.substitute_id, meeting.teacher_id) AS teacher_id
    FROM unnest(%(leads)s::int[]) lead
    JOIN meetings_occurrence occurrence ON occurrence.starts_at <= %(now)s + make_interval(mins => lead)
         AND occurrence.starts_at > greatest(%(now)s, %(since)s::timestamptz + make_interval(mins => lead))
    JOIN meetings_meeting meeting ON meeting.id = occurrence.meeting_id
    WHERE occurrence.status <> 'cancelled' AND NOT occurrence.is_held_as_said AND meeting.wanted
), expected AS (
    SELECT meeting_id, starts_at, teacher_id AS user_id FROM coming
    UNION
    SELECT coming.meeting_id, coming.starts_at, person.user_id
    FROM coming
    CROSS JOIN LATERAL (SELECT user_id FROM meetings_expected WHERE meeting_id = coming.meeting_id) person
), reminded AS (
    SELECT * FROM expected
    UNION
    SELECT expected.meeting_id, expected.starts_at, guardianship.guardian_id
    FROM expected
    JOIN accounts_guardianship guardianship ON guardianship.student_id = expected.user_id
    JOIN accounts_user ward ON ward.id = expected.user_id AND ward.is_active AND ward.role = 'student'
)
INSERT INTO notices_reminder (meeting_id, user_id, starts_at, reminded_at)
SELECT reminded.meeting_id, reminded.user_id, reminded.starts_at, %(now)s
FROM reminded JOIN accounts_user person ON person.id = reminded.user_id
LEFT JOIN notices_notificationchoices own ON own.user_id = person.id
LEFT JOIN notices_notificationchoices school ON school.user_id IS NULL
CROSS JOIN LATERAL (SELECT coalesce((own.choices ->> 'reminder_minutes')::int, nullif(person.reminder_minutes, 0),
                                    (school.choices ->> 'reminder_minutes')::int, 0) AS minutes) reminder
WHERE person.is_active AND reminder.minutes > 0
      AND reminded.starts_at <= %(now)s + make_interval(mins => reminder.minutes)
      AND (%(since)s IS NULL OR reminded.starts_at > %(since)s::timestamptz + make_interval(mins => reminder.minutes))
ORDER BY reminded.meeting_id, reminded.user_id, reminded.starts_at
ON CONFLICT DO NOTHING
RETURNING meeting_id, user_id, starts_at
"""


def remind_due(*, now: datetime) -> int:
    """
    Remind everybody of each session that begins within the time they have chosen, and guardians of those of their children,
    as long before as they have chosen themselves and of which children they want to hear it; return how many turns that were.

    Nobody is reminded twice of one start, nor after it: safe to repeat and to run twice at once. A session that is moved is
    reminded of anew. Every ALL_AGAIN_AFTER all are looked at, between that only those whose time came since the last run.
    """
    with transaction.atomic():
        run, _made = ReminderRun.objects.select_for_update().get_or_create()
        is_for_all = (
            run.all_at is None or run.until is None or not run.all_at <= run.until <= now < run.all_at + ALL_AGAIN_AFTER
        )
        turns = _remind(now, since=None if is_for_all else run.until)
        run.until, run.all_at = now, now if is_for_all else run.all_at
        run.save(update_fields=["until", "all_at"])
        return turns


def _remind(now: datetime, *, since: datetime | None) -> int:
    """Remind those whose time came after `since`, all for None. In the transaction of the caller."""
    turns = _take_turns(now, since)
    meetings = Meeting.objects.in_bulk({meeting_id for meeting_id, _user, _start in turns})
    people = User.objects.in_bulk({user_id for _meeting, user_id, _start in turns})
    wards = _wards(people.values(), meetings.values())
    rooms = _rooms(meetings, {starts_at for _meeting, _user, starts_at in turns})
    for meeting_id, user_id, starts_at in turns:
        facts = {"title": meetings[meeting_id].title, "when": starts_at.isoformat()}
        if room := rooms.get((meeting_id, starts_at), meetings[meeting_id].room):
            facts["room"] = room
        path = reverse("meeting", args=[meeting_id])
        person, of_wards = people[user_id], wards.get((meeting_id, user_id), [])
        if not of_wards or _is_expected_themselves(person, meetings[meeting_id], starts_at):
            tell(person, Kind.SESSION_COMING, facts, path=path, stale_at=starts_at, now=now)
        for ward in of_wards:
            if preferences_of(person).wants_of(ward.pk, Topic.REMINDERS):
                tell_of_ward(person, ward, Kind.SESSION_COMING, facts, path=path, stale_at=starts_at, now=now)
    return len(turns)


def _rooms(meetings: Mapping[UUID, Meeting], starts: Collection[datetime]) -> dict[tuple[UUID, datetime], str]:
    """Return the rooms of sessions that are held elsewhere by themselves, by meeting and start. One statement."""
    rows = Occurrence.objects.filter(meeting__in=meetings, starts_at__in=starts).exclude(location="")
    return {(row.meeting_id, row.starts_at): row.as_held.room for row in rows.select_related("meeting")}


def _wards(people: Iterable[User], meetings: Iterable[Meeting]) -> dict[tuple[UUID, UUID], list[User]]:
    """Return of which children somebody is reminded, by meeting and guardian. Two statements at most."""
    rows = Guardianship.objects.in_force().filter(guardian__in=[person.pk for person in people])
    by_student: dict[UUID, list[Guardianship]] = defaultdict(list)
    for row in rows.select_related("student").order_by("student"):
        by_student[row.student_id].append(row)
    found: dict[tuple[UUID, UUID], list[User]] = defaultdict(list)
    if by_student:
        expected = Expected.objects.filter(meeting__in=[meeting.pk for meeting in meetings], user__in=by_student)
        for meeting_id, student_id in expected.values_list("meeting", "user"):
            for row in by_student[student_id]:
                found[meeting_id, row.guardian_id].append(row.student)
    return found


def _is_expected_themselves(person: User, meeting: Meeting, starts_at: datetime) -> bool:
    """Whether a guardian holds the session or attends it besides. Two statements at most."""
    if meeting.teacher_id == person.pk:
        return True
    substitutes = meeting.occurrences.filter(substitute=person, starts_at=starts_at)
    return substitutes.exists() or Expected.objects.filter(meeting=meeting, user=person).exists()


def _take_turns(now: datetime, since: datetime | None) -> Sequence[tuple[UUID, UUID, datetime]]:
    with connection.cursor() as cursor:
        leads = LEADS if since else LEADS[-1:]
        cursor.execute(_TAKE_TURNS, {"now": now, "since": since, "leads": leads})
        turns: list[tuple[UUID, UUID, datetime]] = cursor.fetchall()
    return turns
