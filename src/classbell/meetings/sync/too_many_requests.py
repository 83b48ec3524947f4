"""Counting what is refused, for all processes: 429s, Zoom's to us and ours to others, and what is not taken in."""

from typing import Final

from django.db import connection

LONGEST_KIND: Final = 80
# How the kinds of what the front door does not take in begin.
AT_THE_DOOR: Final = "front_door:"


def count_too_many_requests(kind: str, *, times: int = 1) -> None:
    """Count one more of this kind, or several. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_refusal AS refusal (kind, count, latest_at) VALUES (%s, %s, clock_timestamp())
            ON CONFLICT (kind) DO UPDATE SET count = refusal.count + excluded.count, latest_at = excluded.latest_at
            """,
            [kind[:LONGEST_KIND], times],
        )
