"""How the whole installation stands, read in one statement: for the page that answers whether Monday will work."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from classbell.meetings.models import FREE_MINUTES

# A worker says that it lives every ten seconds.
WORKER_SILENT_SECONDS = 30
LOOK_BACK_DAYS = 3
# A room opens, or its teacher waits before it, within this of the planned beginning, and Zoom says so.
OPENS_WITHIN = timedelta(minutes=5)
# One class that nobody came to means nothing; several in a row mean that Zoom's messages do not arrive.
OCCURRENCES_UNHEARD = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class InstallationStatus:
    """
    `unheard` counts the sessions of the last three days that began after Zoom's latest message and are over, those among them
    that only Zoom's report told of. The open objection is the one that has waited longest. `lost_hosts` are hosts without a
    right to host, or that Zoom no longer lists, which `meetings_on_lost_hosts` to come are assigned to; `meetings_overruled`
    show something else at Zoom than was accepted there; `meetings_pending` are on their way to Zoom by themselves, and
    `meetings_failed` wait for a person. `meetings_cut_short` have sessions to come that Zoom will end before
    their time, for their host has no licence. `meetings_crowded` have more people than their hosts let in, as
    `audience.crowds_of` counts them; `crowded_meeting` is the first of them. Both are None where nobody asked for them.
    """

    workers: int
    circuit_open_since: datetime | None
    webhooks_failing: int
    latest_webhook_at: datetime | None
    unheard: int
    jobs_failed: int
    objections: int
    objection_occurrence: UUID | None
    objection_meeting: UUID | None
    lost_hosts: int
    meetings_on_lost_hosts: int
    meetings_overruled: int
    meetings_cut_short: int
    meetings_pending: int
    meetings_failed: int
    meetings_crowded: int | None
    crowded_meeting: UUID | None


def status(*, now: datetime, crowds: bool = False) -> InstallationStatus:
    """
    Return how things stand at `now`, with `crowds` also which meetings have too many people. One statement over indexed,
    recent rows; crowds are looked for among the members of all classes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH heard AS (SELECT max(received_at) AS at FROM meetings_webhookevent),
            objections AS (
                SELECT a.occurrence_id, o.meeting_id, a.objected_at
                FROM meetings_attendance a JOIN meetings_occurrence o ON o.id = a.occurrence_id
                WHERE a.objected_at IS NOT NULL AND a.answered_at IS NULL
            ),
            on_lost_hosts AS (
                SELECT m.id, s.host_id
                FROM meetings_zoomhost h
                JOIN meetings_hostseat s ON s.host_id = h.id
                JOIN meetings_meeting m ON m.seat_id = s.id
                WHERE NOT (h.is_active AND (h.is_licensed OR h.is_basic)) AND m.wanted AND EXISTS (
                    SELECT 1 FROM meetings_occurrence o
                    WHERE o.meeting_id = m.id AND o.ends_at > %(now)s AND o.status <> 'cancelled'
                )
            ),
            -- Class and invited people together are too many only where one of them fills half of the smallest room.
            half AS (SELECT min(capacity) / 2 AS room FROM meetings_zoomhost WHERE is_active),
            possible AS (
                SELECT m.id, m.teacher_id, m.audience, m.starts_at, m.group_id, h.capacity
                FROM meetings_zoomhost h
                JOIN meetings_hostseat s ON s.host_id = h.id
                JOIN meetings_meeting m ON m.seat_id = s.id
                WHERE h.capacity IS NOT NULL AND m.wanted AND (
                    m.audience IN ('students', 'teachers', 'all')
                    OR m.group_id IN (SELECT group_id FROM groups_membership
                                      GROUP BY 1 HAVING count(*) >= (SELECT room FROM half))
                    OR m.id IN (SELECT meeting_id FROM meetings_registrant WHERE is_invited
                                GROUP BY 1 HAVING count(*) >= (SELECT room FROM half))
                )
            ),
            crowded AS (
                SELECT id, starts_at FROM possible
                WHERE capacity < 1 + greatest(
                    -- Who is both, or may not sign in, is found only where all of them would be too many.
                    CASE WHEN capacity < 1
                        + (SELECT count(*) FROM groups_membership c WHERE c.group_id = possible.group_id)
                        + (SELECT count(*) FROM meetings_registrant r WHERE r.meeting_id = possible.id AND r.is_invited)
                    THEN (SELECT count(*) FROM meetings_expected e JOIN accounts_user u ON u.id = e.user_id AND u.is_active
                          WHERE e.meeting_id = possible.id AND e.user_id <> possible.teacher_id) END,
                    -- Each is counted once, however many meetings are for them all, and not where none is.
                    CASE possible.audience
                        WHEN 'all' THEN (SELECT count(*) FROM accounts_user WHERE is_active)
                        WHEN 'teachers' THEN (SELECT count(*) FROM accounts_user WHERE is_active AND role = 'teacher')
                        WHEN 'students' THEN (SELECT count(*) FROM accounts_user
                                              WHERE is_active AND (role = 'student' OR learns))
                        ELSE 0
                    END
                ) AND EXISTS (
                    SELECT 1 FROM meetings_occurrence o
                    WHERE o.meeting_id = possible.id AND o.ends_at > %(now)s AND o.status <> 'cancelled'
                )
            ),
            oldest AS (SELECT * FROM objections ORDER BY objected_at LIMIT 1)
            SELECT
                (SELECT count(*) FROM procrastinate_workers
                 WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %(silent)s)),
                (SELECT min(opened_at) FROM meetings_circuit
                 WHERE open_until > %(now)s - interval '1 minute' AND (
                     account_id = %(of_settings)s OR account_id IN (
                         SELECT account_id FROM meetings_zoomaccount WHERE client_id <> '' AND NOT by_consent))),
                (SELECT count(*) FROM meetings_webhookevent WHERE processed_at IS NULL AND error <> ''),
                (SELECT at FROM heard),
                (SELECT count(*) FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
                 WHERE o.starts_at > greatest(%(now)s - make_interval(days => %(look_back)s), (SELECT at FROM heard))
                   AND o.starts_at < %(now)s AND o.ends_at < %(now)s AND o.status <> 'cancelled' AND m.wanted
                   AND m.zoom_meeting_id <> ''),
                (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
                (SELECT count(*) FROM objections),
                (SELECT occurrence_id FROM oldest),
                (SELECT meeting_id FROM oldest),
                (SELECT count(DISTINCT host_id) FROM on_lost_hosts),
                (SELECT count(*) FROM on_lost_hosts),
                (SELECT count(*) FROM meetings_meeting
                 WHERE sync_status IN ('pending', 'failed') AND sync_error_code = 'zoom_disagrees'),
                (SELECT count(DISTINCT m.id) FROM meetings_zoomhost h
                 JOIN meetings_hostseat s ON s.host_id = h.id
                 JOIN meetings_meeting m ON m.seat_id = s.id
                 JOIN meetings_occurrence o ON o.meeting_id = m.id
                 WHERE h.is_basic AND h.is_active AND m.wanted AND o.ends_at > %(now)s AND o.status <> 'cancelled'
                   AND o.ends_at - o.starts_at > make_interval(mins => %(free)s)),
                (SELECT count(*) FROM meetings_meeting WHERE sync_status <> 'synced' AND sync_status = 'pending'),
                (SELECT count(*) FROM meetings_meeting WHERE sync_status <> 'synced' AND sync_status = 'failed'),
                CASE WHEN %(crowds)s THEN (SELECT count(*) FROM crowded) END,
                CASE WHEN %(crowds)s THEN (SELECT id FROM crowded ORDER BY starts_at, id LIMIT 1) END
            """,
            {
                "now": now,
                "crowds": crowds,
                "free": FREE_MINUTES,
                "look_back": LOOK_BACK_DAYS,
                "silent": WORKER_SILENT_SECONDS,
                "of_settings": settings.ENVIRONMENT.zoom_account_id,
            },
        )
        row = cursor.fetchone()
    return InstallationStatus(
        workers=row[0],
        circuit_open_since=row[1],
        webhooks_failing=row[2],
        latest_webhook_at=row[3],
        unheard=row[4],
        jobs_failed=row[5],
        objections=row[6],
        objection_occurrence=row[7],
        objection_meeting=row[8],
        lost_hosts=row[9],
        meetings_on_lost_hosts=row[10],
        meetings_overruled=row[11],
        meetings_cut_short=row[12],
        meetings_pending=row[13],
        meetings_failed=row[14],
        meetings_crowded=row[15],
        crowded_meeting=row[16],
    )


def is_silent(*, now: datetime) -> bool:
    """
    Return whether Zoom's messages seem not to arrive just now: several sessions should have begun since the latest one. Who
    was not seen then may be there. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM meetings_occurrence o JOIN meetings_meeting m ON m.id = o.meeting_id
            WHERE o.starts_at > greatest(%(since)s, (SELECT max(received_at) FROM meetings_webhookevent))
              AND o.starts_at <= %(begun)s AND o.status <> 'cancelled' AND m.wanted AND m.zoom_meeting_id <> ''
            """,
            {"since": now - timedelta(days=LOOK_BACK_DAYS), "begun": now - OPENS_WITHIN},
        )
        begun: int = cursor.fetchone()[0]
    return begun >= OCCURRENCES_UNHEARD
