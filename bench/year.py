"""
A year of a university by plain SQL, of which a part is made.

13,000 students, each in five classes of 25 that meet once a week for thirty weeks. Nine in ten come, and drop out once; each
coming and going is a message of Zoom, and each session a reminder for everybody in it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import django
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.databases import ensure_migrated

STUDENTS, CLASSES, WEEKS, IN_A_CLASS = 13_000, 5, 30, 25
# One in so many is made; what is said for all is that times this.
PART = int(os.environ.get("BENCH_PART", "20"))
FIRST = datetime(2025, 9, 1, 8, tzinfo=UTC)
LIVED = (
    """
    INSERT INTO meetings_attendance (id, occurrence_id, user_id, computed_status, seconds, counted_seconds, source, reasons,
                                     override_status, override_reason, objection, objection_answer)
    SELECT gen_random_uuid(), o.id, m.user_id, CASE WHEN random() < 0.9 THEN 'present' ELSE 'absent' END, 3300, 3600,
           'webhook', '[{"of": 60, "code": "there_enough", "minutes": 55, "percent": 92}]', '', '', '', ''
    FROM meetings_occurrence o JOIN meetings_meeting t ON t.id = o.meeting_id JOIN groups_membership m USING (group_id)
    """,
    """
    INSERT INTO meetings_participation (id, occurrence_id, user_id, zoom_instance_uuid, connection, zoom_user_id, name, email,
        registrant_id, customer_key, phone, joined_at, left_at, leave_reason, source, matched_by)
    SELECT gen_random_uuid(), a.occurrence_id, u.id, 'run-' || a.occurrence_id, gen_random_uuid()::text, '16778240',
           u.first_name || ' ' || u.last_name, u.email, '', '', false, a.occurrence_starts_at,
           a.occurrence_starts_at + interval '55 minutes', 'left the meeting', 'webhook', 'email'
    FROM meetings_attendance a JOIN accounts_user u ON u.id = a.user_id
    CROSS JOIN LATERAL generate_series(1, 2) WHERE a.computed_status = 'present'
    """,
    """
    INSERT INTO meetings_webhookevent (id, event, digest, body, zoom_meeting_id, zoom_instance_uuid, connection, happened_at,
                                       received_at, due_at, processed_at, attempts, error)
    SELECT gen_random_uuid(), what, sha256((p.id::text || what)::bytea), jsonb_build_object('event', what, 'event_ts',
               1790000000000, 'payload', jsonb_build_object('account_id', 'an-account-at-zoom-0001', 'object',
               jsonb_build_object('uuid', p.zoom_instance_uuid, 'id', '81234567890', 'host_id', 'a-host-at-zoom-0000001',
               'topic', 'Introduction to algebra', 'type', 8, 'timezone', 'UTC', 'duration', 60, 'start_time', p.joined_at,
               'participant', jsonb_build_object('user_id', p.zoom_user_id, 'user_name', p.name, 'email', p.email, 'id',
               'somebody-at-zoom-00001', 'participant_uuid', p.connection, 'join_time', p.joined_at)))),
           '81234567890', p.zoom_instance_uuid, p.connection, p.joined_at, p.joined_at, p.joined_at, p.joined_at, 0, ''
    FROM meetings_participation p
    CROSS JOIN (VALUES ('meeting.participant_joined'), ('meeting.participant_left')) AS told(what)
    """,
    """
    INSERT INTO notices_notice (id, user_id, kind, facts, subject, text, path, created_at)
    SELECT gen_random_uuid(), a.user_id, 'reminder', jsonb_build_object('title', 'Introduction to algebra', 'starts_at',
           a.occurrence_starts_at), '', '', '/meetings/' || a.occurrence_id || '/', a.occurrence_starts_at
    FROM meetings_attendance a
    """,
    """
    INSERT INTO notices_reminder (meeting_id, user_id, starts_at, reminded_at)
    SELECT o.meeting_id, a.user_id, a.occurrence_starts_at, a.occurrence_starts_at
    FROM meetings_attendance a JOIN meetings_occurrence o ON o.id = a.occurrence_id
    """,
)


@contextmanager
def a_year() -> Iterator[None]:
    """Have the part of the year in Django's database; it is gone afterwards."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    ensure_migrated()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        _live()
        yield
    finally:
        teardown_databases(databases, verbosity=0)


def _live() -> None:
    from classbell.accounts.models import User  # noqa: PLC0415 -- only once Django is set up
    from classbell.groups.models import Group, Membership  # noqa: PLC0415
    from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus  # noqa: PLC0415

    teacher = User.objects.create(email="teacher@university.example", role="teacher")
    numbers = range(STUDENTS // PART)
    people = [
        User(email=f"student{n}@university.example", first_name="Student", last_name=f"Number {n}") for n in numbers
    ]
    User.objects.bulk_create(people)
    size, hour = IN_A_CLASS, timedelta(hours=1)
    for number in range(len(people) // size * CLASSES):
        group = Group.objects.create(kind="class", name=f"Class {number}")
        members = people[number // CLASSES * size :][:size]
        Membership.objects.bulk_create(Membership(group=group, user=user) for user in members)
        meeting = Meeting.objects.create(
            teacher=teacher, group=group, title="Algebra", starts_at=FIRST, duration_minutes=60, timezone="UTC"
        )
        starts = [FIRST + timedelta(weeks=week) for week in range(WEEKS)]
        Occurrence.objects.bulk_create(
            Occurrence(
                meeting=meeting, original_starts_at=at, starts_at=at, ends_at=at + hour, status=OccurrenceStatus.ENDED
            )
            for at in starts
        )
    with connection.cursor() as cursor:
        for statement in LIVED:
            cursor.execute(statement)
