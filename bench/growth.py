"""A school's records by plain SQL: what a term leaves behind, and the whole school several times over."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

# What an imported term looks like some weeks on: on Zoom, held, attended. One in eight did not come, one in ten came late.
# The demo's teacher teaches five of its classes along, the demo's student is in eleven, as many as others are.
LIVED: tuple[LiteralString, ...] = (
    """
    INSERT INTO groups_group_teachers (group_id, user_id)
    SELECT s.group_id, u.id FROM (SELECT group_id FROM courses_section ORDER BY code LIMIT 5) s,
           accounts_user u WHERE u.email = 'teacher@classbell.example'
    """,
    """
    INSERT INTO groups_membership (id, group_id, user_id, created_at)
    SELECT gen_random_uuid(), s.group_id, u.id, now() FROM (SELECT group_id FROM courses_section ORDER BY code LIMIT 11) s,
           accounts_user u WHERE u.email = 'student@classbell.example'
    """,
    """
    UPDATE meetings_meeting m SET sync_status = 'synced', synced_revision = revision, synced_at = now(),
           zoom_host_id = seat.host_id, zoom_meeting_id = (1e9 + place)::bigint::text, join_url = 'https://zoom.example/j'
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM meetings_meeting) numbered,
         meetings_hostseat seat
    WHERE numbered.id = m.id AND seat.id = m.seat_id AND m.zoom_meeting_id = '' AND m.wanted
    """,
    """
    UPDATE meetings_occurrence SET status = 'ended', actual_starts_at = starts_at, actual_ends_at = ends_at,
           zoom_instance_uuid = id::text
    WHERE status = 'scheduled' AND ends_at < now() - interval '5 minutes'
    """,
    """
    INSERT INTO meetings_meetingrun (id, zoom_instance_uuid, zoom_meeting_id, occurrence_id, started_at, ended_at, seen_at)
    SELECT gen_random_uuid(), o.zoom_instance_uuid, m.zoom_meeting_id, o.id, o.starts_at, o.ends_at, o.ends_at
    FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
    WHERE o.status = 'ended' AND NOT EXISTS (SELECT FROM meetings_meetingrun r WHERE r.occurrence_id = o.id)
    """,
    """
    INSERT INTO meetings_occurrenceoutcome (
        occurrence_id, result, reasons, counted_from, counted_until, teacher_status, teacher_seconds,
        teacher_late_seconds, teacher_early_seconds, teacher_reasons, differences, policy, computed_at)
    SELECT o.id, 'held', '[]', o.starts_at, o.ends_at, 'present', extract(epoch FROM o.ends_at - o.starts_at),
           0, 0, '[]', '[]', (SELECT policy FROM meetings_occurrenceoutcome LIMIT 1), o.ends_at
    FROM meetings_occurrence o
    WHERE o.status = 'ended' AND NOT EXISTS (SELECT FROM meetings_occurrenceoutcome s WHERE s.occurrence_id = o.id)
    """,
    """
    INSERT INTO meetings_attendance (
        id, occurrence_id, user_id, computed_status, seconds, counted_seconds, first_joined_at, last_left_at, source,
        reasons, override_status, override_reason, objection, objection_answer)
    SELECT gen_random_uuid(), o.id, member.user_id,
           CASE WHEN dice < 0.125 THEN 'absent' WHEN dice < 0.225 THEN 'late' ELSE 'present' END,
           CASE WHEN dice < 0.125 THEN 0 ELSE o.seconds - 600 * dice END, o.seconds,
           CASE WHEN dice >= 0.125 THEN o.starts_at + interval '10 minutes' * dice END,
           CASE WHEN dice >= 0.125 THEN o.ends_at END, CASE WHEN dice >= 0.125 THEN 'webhook' ELSE '' END,
           '[{"of": 60, "code": "there_enough", "minutes": 55, "percent": 92}]', '', '', '', ''
    FROM (
        SELECT o.*, m.group_id, extract(epoch FROM o.ends_at - o.starts_at) AS seconds
        FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
        WHERE o.status = 'ended' AND NOT EXISTS (SELECT FROM meetings_attendance a WHERE a.occurrence_id = o.id)
    ) o
    JOIN groups_membership member ON member.group_id = o.group_id
    CROSS JOIN LATERAL (SELECT random() AS dice WHERE member.id IS NOT NULL) thrown
    """,
    """
    INSERT INTO meetings_participation (
        id, occurrence_id, user_id, zoom_instance_uuid, connection, zoom_user_id, name, email, registrant_id, customer_key,
        phone, joined_at, left_at, leave_reason, source, matched_by)
    SELECT gen_random_uuid(), a.occurrence_id, a.user_id, o.zoom_instance_uuid, a.user_id::text, '', u.first_name, u.email,
           '', '', false, a.first_joined_at, a.last_left_at, '', 'webhook', 'email'
    FROM meetings_attendance a
    JOIN meetings_occurrence o ON o.id = a.occurrence_id
    JOIN accounts_user u ON u.id = a.user_id
    WHERE a.first_joined_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM meetings_participation p WHERE p.occurrence_id = o.id)
    """,
)

# The account's own things, of which a school of any size has one, and what is kept of requests.
ONCE = (
    "accounts_apikey",
    "accounts_idempotencykey",
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "bookings_bookingpolicy",
    "meetings_attendancepolicy",
    "meetings_circuit",
    "meetings_dailybudget",
    "meetings_sendslot",
    "meetings_zoomaccount",
    "meetings_zoomtoken",
)
# Text that differs from copy to copy, besides what an index says is unique by itself.
UNIQUE = {"email", "external_id", "code", "zoom_instance_uuid", "zoom_user_id", "token", "token_digest"}
UNIQUE_BY_INDEX: LiteralString = """
SELECT a.attrelid::regclass::text, a.attname
FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indisunique AND i.indnkeyatts = 1 AND a.atttypid IN ('text'::regtype, 'varchar'::regtype)
"""
NEW_TEXT: LiteralString = "CASE WHEN {0} = '' THEN '' ELSE {0} || '-' || copy END"
# Keeps the first half of an id, which is its time, so that copies are stored beside what they are copies of: each index is
# written from its beginning to its end, however large it is. Ids made together may differ in their last digits only.
COPY_OF: LiteralString = """
CREATE FUNCTION pg_temp.copy_of(id uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (left(id::text, 19) || right(md5(id::text || copy), 16))::uuid
$$
"""
COPIED: LiteralString = "^(accounts|groups|meetings|bookings|halakat|courses|notices)_"
COLUMNS: LiteralString = f"""
SELECT table_name, array_agg(column_name::text), array_agg(data_type::text)
FROM information_schema.columns JOIN information_schema.tables USING (table_catalog, table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' AND is_identity = 'NO'
  AND table_name <> ALL(%s)
  AND table_name ~ '{COPIED}' GROUP BY table_name
"""


INDEXES: LiteralString = f"""
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid AND t.relnamespace = 'public'::regnamespace
WHERE t.relname ~ '{COPIED}' AND NOT i.indisunique AND NOT i.indisprimary AND NOT i.indisexclusion
"""
APART: LiteralString = f"""
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE c.contype = 'x' AND c.conrelid::regclass::text ~ '{COPIED}'
"""


def live_through(database_url: str) -> None:
    """Give an imported term its past: what is over was held and attended, and everything wanted is on Zoom."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in LIVED:
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")


def grow(database_url: str, *, times: int, before: int = 1) -> None:
    """
    Make the school `times` as large: people, hosts, classes, sessions, records, history; every copy its own school. It has
    grown `before` times already, whose copies have other numbers.

    Indexes that hold nothing together are built afterwards, at once, and so is what keeps claims apart.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(COPY_OF)
        connection.execute("SET synchronous_commit = off")
        # The copies are as consistent as what they are copies of, and are nobody's doing.
        connection.execute("SET session_replication_role = replica")
        unique = set(connection.execute(UNIQUE_BY_INDEX).fetchall())
        with _built_afterwards(connection):
            for table, names, types in connection.execute(COLUMNS, [list(ONCE)]).fetchall():
                copied = [_copied(table, name, kind, unique) for name, kind in zip(names, types, strict=True)]
                connection.execute(
                    sql.SQL(
                        "INSERT INTO {0} ({1}) SELECT {2} FROM"
                        " (SELECT *, generate_series(%s::int, %s::int) AS copy FROM {0}) AS copied ON CONFLICT DO NOTHING"
                    ).format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(map(sql.Identifier, names)),
                        sql.SQL(", ").join(copied),
                    ),
                    [before + 1, before + times - 1],
                )
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _built_afterwards(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Have no indexes meanwhile but those of keys; each row entered into all of them takes several times as long."""
    indexes = connection.execute(INDEXES).fetchall()
    apart = connection.execute(APART).fetchall()
    for name, _definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    for table, name, _definition in apart:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(*map(sql.Identifier, (table, name))))
    yield
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        connection.execute(definition)
    for table, name, definition in apart:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(*map(sql.Identifier, (table, name)))
            + sql.SQL(definition)
        )


def sizes(database_url: str) -> dict[str, int]:
    """Return how many there are of what a school is measured by."""
    counted: dict[str, LiteralString] = {
        "people": "accounts_user",
        "classes": "courses_section",
        "occurrences": "meetings_occurrence",
        "attendance records": "meetings_attendance",
        "stays": "meetings_participation",
        "hosts": "meetings_zoomhost",
    }
    with psycopg.connect(database_url) as connection:
        rows: dict[str, Any] = {
            name: connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            for name, table in counted.items()
        }
    return {name: row[0] for name, row in rows.items()}


def _copied(table: str, column: str, kind: str, unique: Collection[tuple[str, str]]) -> sql.Composable:
    """Return what a column of a copy holds."""
    name = sql.Identifier(column)
    if kind == "uuid" and not (table == "meetings_zoomhost" and column == "account_id"):
        return sql.SQL("pg_temp.copy_of({}, copy)").format(name)
    if column in UNIQUE or (table, column) in unique:
        return sql.SQL(NEW_TEXT).format(name)
    if column == "zoom_meeting_id":  # Zoom's are numbers.
        return sql.SQL("CASE WHEN {0} = '' THEN '' ELSE {0} || copy END").format(name)
    if column == "digest":
        return sql.SQL("{} || copy::text::bytea").format(name)
    return name
