"""
A term's reports over a million stays, against the bare statements on a plain connection, taking turns in one run.

1,000 sessions of 500 students, two stays of each, which overlap for one in three. The union of stays is measured both
ways: in pieces cut by a window function, as the reports do it, and by range_agg; the faster one is the bare statement.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import psycopg
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from tests import settings as _settings  # noqa: F401 -- starts the throw-away database server
from tests.databases import ensure_migrated

OCCURRENCES = 1_000
STUDENTS = 500
ROUNDS = 5
LIMIT = 1.5

STAYS = """
INSERT INTO meetings_participation (id, occurrence_id, user_id, zoom_instance_uuid, connection, zoom_user_id, name, email,
                                    registrant_id, customer_key, phone, joined_at, left_at, leave_reason, source, matched_by)
SELECT gen_random_uuid(), o.id, u.id, 'run-' || o.id, 'connection-' || u.id || n, '', u.first_name, u.email, '', '', false,
       o.starts_at + n * interval '25 minutes' + random() * interval '5 minutes',
       o.starts_at + n * interval '25 minutes' + interval '22 minutes' + random() * interval '8 minutes',
       '', 'webhook', 'email'
FROM meetings_occurrence o CROSS JOIN accounts_user u CROSS JOIN generate_series(0, 1) AS n WHERE u.role = 'student'
"""
RECORDS = """
INSERT INTO meetings_attendance (id, occurrence_id, user_id, computed_status, seconds, counted_seconds, source, reasons,
                                 override_status, override_reason, objection, objection_answer)
SELECT gen_random_uuid(), o.id, u.id, (ARRAY['present', 'late', 'partial', 'absent'])[1 + floor(random() * 4)],
       2400, 3600, 'webhook', '[]', '', '', '', ''
FROM meetings_occurrence o CROSS JOIN accounts_user u WHERE u.role = 'student'
"""

UNION_BY_WINDOW = """
SELECT occurrence_id, user_id,
       sum(extract(epoch FROM GREATEST(left_at - GREATEST(joined_at, covered), interval '0'))) AS seconds
FROM (
    SELECT occurrence_id, user_id, joined_at, left_at, max(left_at) OVER (
        PARTITION BY occurrence_id, user_id ORDER BY joined_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM meetings_participation
) piece GROUP BY occurrence_id, user_id
"""
UNION_BY_RANGES = """
SELECT occurrence_id, user_id, (SELECT sum(extract(epoch FROM upper(r) - lower(r))) FROM unnest(ranges) AS r) AS seconds
FROM (
    SELECT occurrence_id, user_id, range_agg(tstzrange(joined_at, left_at)) AS ranges
    FROM meetings_participation GROUP BY occurrence_id, user_id
) person
"""
OCCURRENCES_FROM = """
SELECT seen.occurrence_id, seen.participants, seen.seconds, record.expected, record.attended
FROM (SELECT occurrence_id, count(*) AS participants, sum(seconds) AS seconds FROM ({union}) u GROUP BY 1) seen
JOIN (
    SELECT occurrence_id, count(*) AS expected, count(*) FILTER (WHERE status IN ('present', 'late', 'partial')) AS attended
    FROM meetings_attendance GROUP BY 1
) record USING (occurrence_id) ORDER BY 1
"""
PER_STUDENT = """
SELECT user_id, count(*) FILTER (WHERE status = 'present'), count(*) FILTER (WHERE status = 'late'),
       count(*) FILTER (WHERE status = 'partial'), count(*) FILTER (WHERE status = 'absent'),
       count(*) FILTER (WHERE status = 'unknown')
FROM meetings_attendance GROUP BY user_id ORDER BY user_id
"""


def main() -> None:
    """Print what each report takes, what its bare statement takes, and their ratio."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    ensure_migrated()
    before = setup_databases(verbosity=0, interactive=False)
    try:
        _fill()
        _measure()
    finally:
        teardown_databases(before, verbosity=0)


def _fill() -> None:
    from classbell.accounts.models import Role, User  # noqa: PLC0415 -- only once Django is set up
    from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus  # noqa: PLC0415

    teacher = User.objects.create(email="teacher@school.example", role=Role.TEACHER)
    User.objects.bulk_create(User(email=f"{n}@school.example", first_name=f"Student {n}") for n in range(STUDENTS))
    first = datetime(2026, 9, 1, 8, tzinfo=UTC)
    meeting = Meeting.objects.create(
        teacher=teacher, title="Algebra", starts_at=first, duration_minutes=60, timezone="UTC"
    )
    starts = [first + timedelta(days=n // 10, hours=n % 10) for n in range(OCCURRENCES)]
    Occurrence.objects.bulk_create(
        Occurrence(
            meeting=meeting,
            original_starts_at=start,
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            actual_starts_at=start,
            actual_ends_at=start + timedelta(hours=1),
            status=OccurrenceStatus.ENDED,
        )
        for start in starts
    )
    with connection.cursor() as cursor:
        cursor.execute(STAYS)
        print(f"{cursor.rowcount:,} stays in {OCCURRENCES:,} sessions", end=", ")
        cursor.execute(RECORDS)
        print(f"{cursor.rowcount:,} attendance records")
        cursor.execute("VACUUM ANALYZE")


def _measure() -> None:
    from classbell.accounts.models import User  # noqa: PLC0415 -- only once Django is set up
    from classbell.meetings.reports.occurrences import by_occurrence, totals  # noqa: PLC0415
    from classbell.meetings.reports.over_time import by_student, reported_occurrences  # noqa: PLC0415

    teacher = User.objects.get(role="teacher")
    term = reported_occurrences(teacher).between(datetime(2026, 9, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    with psycopg.connect(_address(), autocommit=True) as plain:
        took = _in_turns(
            {
                "every session": lambda: by_occurrence(term),
                "totals": lambda: totals(term),
                "every student": lambda: by_student(term),
                "bare, window": lambda: plain.execute(OCCURRENCES_FROM.format(union=UNION_BY_WINDOW)).fetchall(),
                "bare, range_agg": lambda: plain.execute(OCCURRENCES_FROM.format(union=UNION_BY_RANGES)).fetchall(),
                "bare, students": lambda: plain.execute(PER_STUDENT).fetchall(),
            }
        )
    print(", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.items() if name.startswith("bare")))
    union = min(took["bare, window"], took["bare, range_agg"])
    for name, bare in (("every session", union), ("totals", union), ("every student", took["bare, students"])):
        print(f"{name}: {took[name]:.2f} s, {took[name] / bare:.2f} times the bare statement (limit {LIMIT})")


def _in_turns(actions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each action, run one after the other in every round, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            started = time.monotonic()
            action()
            times[name].append(time.monotonic() - started)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def _address() -> str:
    parameters: dict[str, Any] = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("host", "port", "user", "password", "dbname") if parameters.get(name)}
    return psycopg.conninfo.make_conninfo("", **wanted)
