"""How far behind Zoom has been: read every minute, kept for two days, looked at as a picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from classbell.meetings.models import Reading

KEPT_FOR: Final = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """
    What was read in one stretch of time: the most at once; None where nothing was read, because nothing ran. `changes` is a
    day's counter, `changes_before` what it said first in the stretch.
    """

    starts_at: datetime
    pending: int | None
    failed: int | None
    changes: int | None
    changes_before: int | None


def take_reading(*, now: datetime) -> None:
    """Keep how far behind Zoom is at `now`, and forget what is too old. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_reading (taken_at, pending, failed, changes)
            SELECT %(now)s,
                   count(*) FILTER (WHERE sync_status = 'pending'),
                   count(*) FILTER (WHERE sync_status = 'failed'),
                   (SELECT coalesce(sum(used), 0) FROM meetings_dailybudget
                    WHERE key LIKE 'host:%%' AND day = (%(now)s AT TIME ZONE 'UTC')::date)
            FROM meetings_meeting WHERE sync_status IN ('pending', 'failed')
            ON CONFLICT (taken_at) DO NOTHING
            """,
            {"now": now},
        )
    Reading.objects.filter(taken_at__lt=now - KEPT_FOR).delete()


def stretches(*, start: datetime, count: int, length: timedelta) -> list[Stretch]:
    """Return `count` stretches of `length` from `start` on, each with the most that was read in it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT at, max(pending), max(failed), max(changes), min(changes)
            FROM generate_series(%(start)s, %(last)s, make_interval(secs => %(seconds)s)) AS at
            LEFT JOIN meetings_reading ON taken_at >= at AND taken_at < at + make_interval(secs => %(seconds)s)
            GROUP BY at ORDER BY at
            """,
            {"start": start, "last": start + (count - 1) * length, "seconds": length.total_seconds()},
        )
        rows = cursor.fetchall()
    return [
        Stretch(starts_at=at, pending=pending, failed=failed, changes=sent, changes_before=before)
        for at, pending, failed, sent, before in rows
    ]
