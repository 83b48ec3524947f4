"""
What one transaction did to many of a kind, as one entry: the latest of each such crowd, and how many others there are.

A transaction has one time. The database walks from time to time and from label to label by an index made for it, so that it
reads an entry of each crowd, however large the crowd is: an import may have made a million.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from classbell.audit.kinds import KINDS
from classbell.history import CHANGED, MADE, REMOVED

# More are not counted: whoever wants to know leads the list.
MOST_COUNTED: Final = 1000
LABELS: Final = [MADE, CHANGED, REMOVED]

# Rows are compared and sorted as that index has them: by equality the planner takes all times for equally common, and reads
# the whole table by its ids in hope of meeting the right one soon.
_IS_LATEST: Final = """
{table}.pgh_id = ANY(ARRAY(
    WITH RECURSIVE moment(at, place) AS (
        (
            SELECT pgh_created_at, 1 FROM {table}
            WHERE pgh_created_at >= %s AND pgh_created_at < %s AND pgh_created_at <= %s
            ORDER BY pgh_created_at DESC LIMIT 1
        )
        UNION ALL
        SELECT earlier.at, moment.place + 1
        FROM moment
        CROSS JOIN LATERAL (
            SELECT pgh_created_at AS at FROM {table} WHERE pgh_created_at >= %s AND pgh_created_at < moment.at
            ORDER BY pgh_created_at DESC LIMIT 1
        ) earlier
        WHERE moment.place < %s
    )
    SELECT latest.pgh_id
    FROM moment
    CROSS JOIN unnest(%s::text[]) AS did(label)
    CROSS JOIN LATERAL (
        SELECT pgh_id FROM {table}
        WHERE (pgh_created_at, pgh_label) >= (moment.at, did.label) AND (pgh_created_at, pgh_label) <= (moment.at, did.label)
        ORDER BY pgh_created_at DESC, pgh_label DESC, pgh_id DESC LIMIT 1
    ) latest
))
"""
_COUNTED: Final = """
SELECT %s, crowd.at, crowd.did, counted.number
FROM unnest(%s::timestamptz[], %s::text[]) AS crowd(at, did)
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM (
        SELECT FROM {table}
        WHERE (pgh_created_at, pgh_label) >= (crowd.at, crowd.did) AND (pgh_created_at, pgh_label) <= (crowd.at, crowd.did)
        ORDER BY pgh_created_at DESC, pgh_label DESC, pgh_id DESC LIMIT %s
    ) found
) counted
"""


def is_latest(
    events: Any, *, times: int, since: datetime | None, until: datetime | None, up_to: datetime | None
) -> RawSQL:
    """
    Return the condition on entries that they are the latest of what one transaction did of their label: those of the last so
    many times in [since, until) and not after `up_to`.
    """
    earliest, end, last = since or "-infinity", until or "infinity", up_to or "infinity"
    parameters = (earliest, end, last, earliest, times, LABELS)
    statement = _IS_LATEST.format(table=_table(events))
    return RawSQL(statement, parameters, output_field=BooleanField())  # noqa: S611 -- but for the table's name it is written above


def counted(shown: Mapping[str, Iterable[Any]]) -> dict[tuple[str, datetime, str], int]:
    """
    Return how many entries each transaction made of which some are shown, by kind, its time and what it did, MOST_COUNTED at
    most. One statement for all kinds.
    """
    statements, parameters = [], list[Any]()
    for name, events in shown.items():
        crowds: Sequence[tuple[datetime, str]] = list({(event.pgh_created_at, event.pgh_label) for event in events})
        statements.append(_COUNTED.format(table=_table(KINDS[name].events)))
        parameters += [name, [at for at, _label in crowds], [label for _at, label in crowds], MOST_COUNTED]
    if not statements:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        return {(name, at, label): number for name, at, label, number in cursor.fetchall()}


def _table(events: Any) -> str:
    return connection.ops.quote_name(events._meta.db_table)
