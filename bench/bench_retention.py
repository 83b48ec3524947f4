"""What a year of a university leaves behind, and what the nightly job forgets of it: `bench.year`, times its part."""

import time
from datetime import timedelta

from django.db import connection

from bench.year import FIRST, PART, WEEKS, a_year

TABLES = (
    "meetings_occurrence",
    "meetings_attendance",
    "meetings_participation",
    "meetings_webhookevent",
    "notices_notice",
    "notices_reminder",
)


def main() -> None:
    """Print the rows and gigabytes of each table after a year, and after the nights that follow."""
    with a_year():
        before = _sizes()
        said = [_forget(days) for days in (7 * WEEKS + 180, 7 * WEEKS + 551)]
        for table in TABLES:
            stages = " | ".join(
                f"{rows * PART:,} rows, {size * PART / 1e9:.1f} GB"
                for rows, size in (before[table], *(s[table] for s in said))
            )
            print(f"| `{table}` | {stages} |")


def _forget(days: int) -> dict[str, tuple[int, int]]:
    """Let the job run so many days after the first session, and return what is left."""
    from classbell.privacy.retention import forget_old  # noqa: PLC0415

    begun = time.monotonic()
    rows = sum(done.rows for done in forget_old(now=FIRST + timedelta(days=days)))
    print(f"{days} days after the first session: {rows:,} rows in {time.monotonic() - begun:.1f} s")
    return _sizes()


def _sizes() -> dict[str, tuple[int, int]]:
    """Return the rows and bytes of each table, indexes included."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM FULL {table}")
            cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}') FROM {table}")
            found[table] = cursor.fetchone()
    return found
