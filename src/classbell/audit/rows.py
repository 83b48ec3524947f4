"""
Entries of many kinds by one statement, each with what a change has made.

Every kind has a table of its own with other columns, so the database hands rows over as JSON, and their columns read it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import connection

from classbell.audit.kinds import KINDS
from classbell.history import CHANGED

# What a change has made stands in the next entry about the same thing or, after the last one, in the thing itself. By its
# bare number the next one might be looked for among the entries of all things.
_READ: Final = """
SELECT %s, to_json(entry), CASE WHEN entry.pgh_label = %s THEN coalesce(
    (
        SELECT to_json(later) FROM (
            SELECT {columns} FROM {events} WHERE pgh_obj_id = entry.pgh_obj_id AND pgh_id > entry.pgh_id
            ORDER BY pgh_id + 0 LIMIT 1
        ) later
    ),
    (SELECT to_json(thing) FROM (SELECT {columns} FROM {things} WHERE {key} = entry.pgh_obj_id) thing)
) END
FROM {events} entry WHERE entry.pgh_id = ANY(%s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """An entry's row, and the columns of what the change has made: None where that is gone, and where nothing was changed."""

    event: Any
    after: Mapping[str, Any] | None


def read(numbers: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], Read]:
    """Return by kind and number the entries of these numbers of each kind. One statement."""
    if not numbers:
        return {}
    parameters = [value for name, of_kind in numbers.items() for value in (name, CHANGED, list(of_kind))]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_statement, numbers)), parameters)
        rows = cursor.fetchall()
    found = {}
    for name, entry, after in rows:
        events = KINDS[name].events
        event = events(**_values(events, entry))
        found[name, event.pgh_id] = Read(event=event, after=None if after is None else _values(events, after))
    return found


def _statement(name: str) -> str:
    kind, quote = KINDS[name], connection.ops.quote_name
    key: Any = kind.model._meta.pk
    columns: list[str] = [kind.events._meta.get_field(column).column for column in kind.columns]
    return _READ.format(
        columns=", ".join(map(quote, columns)),
        events=quote(kind.events._meta.db_table),
        things=quote(kind.model._meta.db_table),
        key=quote(key.column),
    )


def _values(events: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON says of a row, as Python has it, by the names of its columns."""
    return {
        column.attname: _value(column, row[column.column])
        for column in events._meta.concrete_fields
        if column.column in row
    }


def _value(column: Any, said: Any) -> Any:
    if said is None:
        return None
    if isinstance(column, ArrayField):
        return [_value(column.base_field, item) for item in said]
    return column.to_python(said)
