"""Entries of the history as no change made them: of any kind, with any values."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    NOT_PROVIDED,
    BooleanField,
    DateField,
    DateTimeField,
    IntegerField,
    JSONField,
    TimeField,
    UUIDField,
)

from classbell.audit.kinds import KINDS
from classbell.ids import uuid7

NOW = datetime.now(UTC)


def make_entry(kind: str, what: str, /, **given: object) -> Any:
    """Write an entry of a kind, with what its table asks for and what is given."""
    events = KINDS[kind].events
    required = {
        column.attname: a_value_of(column)
        for column in events._meta.concrete_fields
        if not column.null and not column.has_default() and column.db_default is NOT_PROVIDED and not column.primary_key
    }
    return events.objects.create(**required | {"pgh_label": what} | given)


def a_value_of(column: Any) -> object:
    """Return something that a column may hold; histories point at nothing that must be there."""
    if column.name == "pgh_obj":
        return 1 if isinstance(column.related_model._meta.pk, IntegerField) else uuid7()
    if column.choices:
        return column.choices[0][0]
    if isinstance(column, ArrayField):
        return [a_value_of(column.base_field)]
    kinds: list[tuple[Any, object]] = [
        (JSONField, {"first": [1, "two"], "second": None}),
        (DateTimeField, NOW),
        (DateField, NOW.date()),
        (TimeField, NOW.time()),
        (BooleanField, False),
        (UUIDField, uuid7()),
    ]
    return next((value for kind, value in kinds if isinstance(column, kind)), 1)
