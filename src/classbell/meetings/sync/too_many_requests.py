"""Counting 429s, Zoom's to us and ours to others, for all processes together."""

from typing import Final

from django.db import connection

LONGEST_KIND: Final = 80


def count_too_many_requests(kind: str) -> None:
    """Count one more of this kind. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO meetings_refusal AS refusal (kind, count, latest_at) VALUES (%s, 1, clock_timestamp())
            ON CONFLICT (kind) DO UPDATE SET count = refusal.count + 1, latest_at = excluded.latest_at
            """,
            [kind[:LONGEST_KIND]],
        )
