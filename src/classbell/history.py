"""
History kept by the database: triggers write down who changed a row, when, and what it was before.

Whatever way a change takes, service, bulk statement or psql, it is written down in the same transaction, and nobody can
edit what was written. An entry about a change or a removal holds the row as it was *before*; what it became stands in the
next entry or, after the last one, in the row itself. So rows cost nothing until they are changed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import pghistory
import pgtrigger
from django.db.models import F, Index, Model, Q
from django.db.models.fields.json import KeyTextTransform

Tracked = TypeVar("Tracked", bound=type[Model])

MADE: Final = "made"
CHANGED: Final = "changed"
REMOVED: Final = "removed"

# The key of the context that names who did it. Without it, it was Classbell itself.
ACTOR: Final = "actor"
# The key that says what did it where nobody decided: the identity provider at which somebody signed in, and its rule.
BY: Final = "by"
# The name of the API key that acted for them, if it was one.
BY_KEY: Final = "key"
# The student for whom a guardian did it.
FOR: Final = "for"


def keeps_history(
    *fields: str,
    of: Sequence[str] = (MADE, CHANGED, REMOVED),
    when: pgtrigger.Condition | None = None,
    in_numbers: bool = False,
) -> Callable[[Tracked], Tracked]:
    """
    Let the database write down what happens to the rows of a model, as its `history`.

    `fields` are kept in each entry, and a change of one of them makes an entry, unless `when` says which changes do. What
    comes `in_numbers`, as from an import, has an index by which each such crowd is told as one (`audit.together`).
    Entries are `<app>.<Model>Event`.
    """
    trackers: Mapping[str, Callable[[], pghistory.RowEvent]] = {
        MADE: lambda: pghistory.InsertEvent(MADE),
        CHANGED: lambda: pghistory.UpdateEvent(CHANGED, row=pghistory.Old, condition=when or pgtrigger.AnyChange()),
        REMOVED: lambda: pghistory.DeleteEvent(REMOVED),
    }

    def decorate(model: Tracked) -> Tracked:
        name = f"{model.__name__}Event"
        track = pghistory.track(
            *(trackers[label]() for label in of),
            fields=list(fields),
            model_name=name,
            meta={"indexes": _indexes(model.__name__.lower(), in_numbers=in_numbers)},
        )
        return track(model)  # type: ignore[no-any-return]  # pghistory.track returns what it is given

    return decorate


def acts(user_id: object, *, by_key: str = "", for_id: object = None) -> None:
    """
    Say who makes the changes of this request, and for which ward of theirs; does nothing where no history is kept open, as
    when reading.
    """
    said = {ACTOR: str(user_id), BY_KEY: by_key, FOR: str(for_id or "")}
    pghistory.context(**{key: value for key, value in said.items() if value})


def _indexes(name: str, *, in_numbers: bool) -> list[Index]:
    by_time: Any = F("pgh_created_at").desc()
    together = Index(by_time, F("pgh_label").desc(), F("pgh_id").desc(), name=f"{name}_together")
    return [
        *([together] if in_numbers else []),
        Index(by_time, F("pgh_id").desc(), name=f"{name}_history"),
        Index(
            KeyTextTransform(ACTOR, "pgh_context"),
            by_time,
            condition=Q(pgh_context__isnull=False),
            name=f"{name}_by",
        ),
    ]
