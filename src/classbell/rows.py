"""
Changing a row that somebody else may be changing too: read it under its lock, then write what was asked and nothing else.

So two changes at once both hold, unless they are of the same thing; then the later one does.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def locked(rows: QuerySet[Row], key: object) -> Row | None:
    """
    Return the one of `rows` with this primary key as it is now, locked until the transaction ends; None when there is none.

    Give it nothing that is joined: beside a row that was waited for, that would be as of before the wait. What the row
    points to is read when it is asked for.
    """
    return rows.select_for_update().filter(pk=key).first()


def write(row: Row, changes: Mapping[str, Any]) -> Row:
    """Write these fields of a locked row, and leave its other columns alone. Returns the row."""
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return row
