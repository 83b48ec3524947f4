"""
Telling that somebody who is expected is not there, while something can be done about it; and that they came after all.

It is said of nobody of whom it may not be so: verdicts are asked as if the session ended now, so that who is excused,
sessions that do not count, and strangers who may be them are left out as they will be afterwards.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from classbell.accounts.guardians.queries import guardians_of, may_act_for
from classbell.accounts.models import Role, User
from classbell.meetings.attendance.records import judge_so_far
from classbell.meetings.attendance.rules import rules_at
from classbell.meetings.models import Attendance, Occurrence, Participation, WebhookEvent
from classbell.meetings.models.occurrence import LONGEST
from classbell.meetings.permissions import can_keep_attendance_of
from classbell.meetings.sync.status import is_silent
from classbell.meetings.verdicts import AttendanceStatus
from classbell.notices.models import AbsenceAlert
from classbell.notices.preferences import AbsenceAlerts, Told, absence_alerts, preferences_of
from classbell.notices.services import tell
from classbell.notices.texts import WARD, Kind
from classbell.notices.topics import Topic

# Zoom's report, an hour after the end, may know of somebody of whom no message came.
TAKEN_BACK_FOR: Final = timedelta(days=1)

# Sessions that run, and whom they expect who was not seen there: only those of whom nobody was told yet.
_NOT_SEEN: Final = """
SELECT occurrence.id, person.user_id
FROM meetings_occurrence occurrence
CROSS JOIN LATERAL (SELECT user_id FROM meetings_expected WHERE meeting_id = occurrence.meeting_id) person
JOIN accounts_user account ON account.id = person.user_id AND account.is_active
WHERE occurrence.status = 'live' AND occurrence.starts_at > %(earliest)s AND occurrence.starts_at <= %(now)s
      AND NOT EXISTS (SELECT FROM meetings_participation stay
                      WHERE stay.occurrence_id = occurrence.id AND stay.user_id = person.user_id)
      AND NOT EXISTS (SELECT FROM notices_absencealert alert
                      WHERE alert.occurrence_id = occurrence.id AND alert.student_id = person.user_id)
"""

# Writes who is told of whom for whoever comes first; of all who come at once one gets an answer.
_TAKE_TURNS: Final = """
INSERT INTO notices_absencealert (occurrence_id, student_id, reader_id, alerted_at)
SELECT %(occurrence)s, student, reader, %(now)s
FROM unnest(%(students)s::uuid[], %(readers)s::uuid[]) AS pair (student, reader) ORDER BY student, reader
ON CONFLICT DO NOTHING
RETURNING student_id, reader_id
"""


def alert_due(*, now: datetime) -> int:
    """
    Tell of everybody who is missing from a session that runs, as long after the limit of lateness as the school has set;
    return how many were told of. Nobody is told of twice: safe to repeat and to run twice at once. One statement where the
    school wants it and nobody is missing.
    """
    alerts = absence_alerts()
    if alerts.after is None or not alerts.tells:
        return 0
    not_seen = _not_seen(now)
    if not not_seen or is_silent(now=now):
        return 0
    sessions = Occurrence.objects.select_related("meeting", "backup_room").filter(pk__in=not_seen)
    return sum(_alert(session, not_seen[session.pk], alerts, now) for session in sessions.order_by("pk"))


def take_back(*, now: datetime) -> int:
    """
    Tell whoever heard that somebody is missing, that they came and when; return how many came. Safe to repeat and to run
    twice at once.
    """
    seen = Participation.objects.filter(occurrence=OuterRef("occurrence"), user=OuterRef("student"))
    with transaction.atomic():
        open_alerts = AbsenceAlert.objects.filter(Exists(seen), taken_back_at=None, alerted_at__gt=now - TAKEN_BACK_FOR)
        locked = open_alerts.select_for_update(of=("self",), skip_locked=True)
        alerts = list(locked.select_related("occurrence__meeting", "student", "reader").order_by("pk"))
        for alert in alerts:
            AbsenceAlert.objects.filter(pk=alert.pk).update(taken_back_at=now)
            stays = Participation.objects.filter(occurrence=alert.occurrence_id, user=alert.student_id)
            came_at = stays.order_by("joined_at").values_list("joined_at", flat=True)[0]
            facts = {
                "student": alert.student.name,
                "title": alert.occurrence.meeting.title,
                "time": came_at.isoformat(),
            }
            if not can_keep_attendance_of(alert.reader, alert.occurrence):
                if not may_act_for(
                    alert.reader, alert.student_id
                ):  # their guardian when they were missing, and no more
                    continue
                facts[WARD] = str(alert.student_id)
            tell(alert.reader, Kind.STUDENT_CAME, facts, path=_path(alert.occurrence, alert.reader), now=now)
    return len({(alert.occurrence_id, alert.student_id) for alert in alerts})


def _not_seen(now: datetime) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_NOT_SEEN, {"now": now, "earliest": now - LONGEST})
        for occurrence_id, user_id in cursor.fetchall():
            found[occurrence_id].add(user_id)
    return found


def _alert(session: Occurrence, not_seen: Collection[UUID], alerts: AbsenceAlerts, now: datetime) -> int:
    """Tell who is missing from one session, if it is time and they are; return how many."""
    if now < _due(session, alerts) or _is_behind(session):
        return 0
    with transaction.atomic():
        missing = _missing(session, now) & set(not_seen)
        staff = _staff(session, alerts)
        readers = _readers(missing, staff, alerts)
        told = _take_turns(session, readers, now)
        names = dict(User.objects.in_bulk(missing))
        about = {"title": session.meeting.title, "time": session.starts_at.isoformat()}
        for reader_id, students in told.items():
            reader = readers[students[0]][reader_id]
            path, stale_at = _path(session, reader), _stale(session, now)
            # Guardians of each child by itself, so that it goes with the guardianship.
            for some in [students] if reader_id in staff else [[student] for student in students]:
                facts = {"names": sorted(names[student].name for student in some), **about}
                facts |= {} if reader_id in staff else {WARD: str(some[0])}
                tell(reader, Kind.STUDENTS_MISSING, facts, path=path, stale_at=stale_at, now=now)
    return len({student for students in told.values() for student in students})


def _due(session: Occurrence, alerts: AbsenceAlerts) -> datetime:
    """Return from when on somebody is told of: so long after who comes is late, counted as verdicts count it."""
    late = timedelta(minutes=rules_at(session.meeting.group_id, session.starts_at).policy.late_after_minutes)
    began_at = max(session.starts_at, session.actual_starts_at or session.starts_at)
    return began_at + late + (alerts.after or timedelta())


def _is_behind(session: Occurrence) -> bool:
    """Whether something that Zoom told of the meeting is not understood yet."""
    return WebhookEvent.objects.filter(processed_at=None, zoom_meeting_id=session.meeting.zoom_meeting_id).exists()


def _missing(session: Occurrence, now: datetime) -> set[UUID]:
    """Return who would be absent if it ended now; nobody of whom a person has decided otherwise."""
    absent = {
        person
        for person, verdict in judge_so_far(session, now=now).people.items()
        if verdict.status == AttendanceStatus.ABSENT
    }
    decided = Attendance.objects.filter(occurrence=session, user__in=absent).exclude(override_status="")
    return absent - set(decided.values_list("user", flat=True))


def _staff(session: Occurrence, alerts: AbsenceAlerts) -> dict[UUID, User]:
    """Return who of the school is to be told of whoever is missing."""
    staff: dict[UUID, User] = {}
    if Told.ADMINS in alerts.tells:
        staff |= {admin.pk: admin for admin in User.objects.filter(role=Role.ADMIN, is_active=True)}
    if Told.TEACHER in alerts.tells:
        staff |= User.objects.filter(is_active=True).in_bulk([session.teacher_id])
    return staff


def _readers(
    missing: Collection[UUID], staff: Mapping[UUID, User], alerts: AbsenceAlerts
) -> dict[UUID, Mapping[UUID, User]]:
    """Return by student who is to be told that they are missing."""
    if Told.GUARDIANS not in alerts.tells:
        return dict.fromkeys(missing, staff)
    return {student: {**_guardians(student), **staff} for student in missing}


def _guardians(student: UUID) -> dict[UUID, User]:
    """Return the guardians who want to hear that this child is missing."""
    return {
        guardian.pk: guardian
        for guardian in guardians_of(student)
        if preferences_of(guardian).wants_of(student, Topic.ABSENCES)
    }


def _take_turns(session: Occurrence, readers: Mapping[UUID, Iterable[UUID]], now: datetime) -> dict[UUID, list[UUID]]:
    """Note who is told of whom and return it by reader, without what was noted before."""
    pairs = [(student, reader) for student, theirs in readers.items() for reader in theirs]
    told: dict[UUID, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_TURNS,
            {
                "occurrence": session.pk,
                "students": [student for student, _reader in pairs],
                "readers": [reader for _student, reader in pairs],
                "now": now,
            },
        )
        for student, reader in cursor.fetchall():
            told[reader].append(student)
    return told


def _stale(session: Occurrence, now: datetime) -> datetime:
    """Return from when on it is too late to tell; a room that is open longer than planned is no reason to be silent."""
    return max(session.ends_at, now + timedelta(minutes=15))


def _path(session: Occurrence, reader: User) -> str:
    """Return where one looks on: the live board is for whoever keeps attendance."""
    if not can_keep_attendance_of(reader, session):
        return ""
    return f"{reverse('meeting-board', args=[session.meeting_id])}?occurrence={session.pk}"
