"""How many sessions days have, and how many at one time. The database adds them up and hands over a row a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from classbell.meetings.models.occurrence import LONGEST

# Of the periods `held` of each day, the most at one time and when first. Many begin together, so they are put together first;
# of two at one moment, what ends makes room for what begins.
PEAKS: Final = """
turns AS (
    SELECT day, moment, sum(change) AS change
    FROM held CROSS JOIN LATERAL (VALUES (starts_at, 1), (ends_at, -1)) AS turn (moment, change)
    GROUP BY day, moment
),
running AS (SELECT day, moment, sum(change) OVER (PARTITION BY day ORDER BY moment) AS most FROM turns),
peaks AS (
    SELECT highest.*, (SELECT min(ends_at) FROM held WHERE held.day = highest.day AND ends_at > highest.moment) AS until
    FROM (SELECT DISTINCT ON (day) * FROM running ORDER BY day, most DESC, moment) AS highest
)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Peak:
    """The most that happen at one time: how many, and the first time it is so, [starts_at, ends_at)."""

    count: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HostsAtOnce:
    """The most meetings that hosts have at one time, and how many of the hosts in use have any."""

    peak: Peak | None
    busy: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolDay:
    """One day of the school: sessions held, cancelled, not yet on Zoom, and the most at one time."""

    date: date
    held: int
    cancelled: int
    not_on_zoom: int
    peak: Peak | None


def school_days(days: Sequence[date], start: datetime, end: datetime, *, zone: ZoneInfo) -> list[SchoolDay]:
    """
    Count each of these days in a row, of `zone`, which are [start, end). One statement.

    A session is counted on the day on which it begins; what runs into the first day, on that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH sessions AS (
                SELECT greatest((starts_at AT TIME ZONE %(zone)s)::date, %(first)s) AS day, starts_at, ends_at,
                       status = 'cancelled' AS is_cancelled, meeting_id IN (
                           SELECT id FROM meetings_meeting
                           WHERE sync_status <> 'synced' AND sync_status IN ('pending', 'failed')
                       ) AS waits
                FROM meetings_occurrence
                WHERE starts_at > %(earliest)s AND ends_at > %(start)s AND starts_at < %(end)s
            ),
            held AS (SELECT * FROM sessions WHERE NOT is_cancelled),
            {PEAKS},
            counted AS (
                SELECT day, count(*) FILTER (WHERE NOT is_cancelled) AS held, count(*) FILTER (WHERE is_cancelled) AS gone,
                       count(*) FILTER (WHERE waits AND NOT is_cancelled) AS waiting
                FROM sessions GROUP BY day
            )
            SELECT day, held, gone, waiting, most, moment, until FROM counted LEFT JOIN peaks USING (day)
            """,
            {"zone": zone.key, "first": days[0], "earliest": start - LONGEST, "start": start, "end": end},
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_school_day(day, *found.get(day, (0, 0, 0, None, None, None))) for day in days]


def hosts_at_once(start: datetime, end: datetime) -> HostsAtOnce:
    """Return what all hosts hold within [start, end), with what was made outside Classbell. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH held AS (
                SELECT 1 AS day, session.starts_at, session.ends_at, seat.host_id
                FROM meetings_occurrence session
                JOIN meetings_meeting meeting ON meeting.id = session.meeting_id
                JOIN meetings_hostseat seat ON seat.id = meeting.seat_id
                WHERE session.starts_at > %(earliest)s AND session.ends_at > %(start)s AND session.starts_at < %(end)s
                      AND session.status <> 'cancelled'
                UNION ALL
                SELECT 1, starts_at, ends_at, host_id FROM meetings_foreignmeeting
                WHERE ends_at > %(start)s AND starts_at < %(end)s
            ),
            {PEAKS}
            SELECT most, moment, until,
                   (SELECT count(*) FROM meetings_zoomhost WHERE is_active AND id IN (SELECT host_id FROM held))
            FROM peaks
            """,
            {"earliest": start - LONGEST, "start": start, "end": end},
        )
        row = cursor.fetchone()
    return HostsAtOnce(peak=_peak(*row[:3]), busy=row[3]) if row else HostsAtOnce(peak=None, busy=0)


def _school_day(
    day: date, held: int, gone: int, waiting: int, most: int | None, moment: datetime | None, until: datetime | None
) -> SchoolDay:
    return SchoolDay(date=day, held=held, cancelled=gone, not_on_zoom=waiting, peak=_peak(most, moment, until))


def _peak(most: int | None, moment: datetime | None, until: datetime | None) -> Peak | None:
    if most is None or moment is None or until is None:
        return None
    return Peak(count=int(most), starts_at=moment, ends_at=until)
