"""
The register: of every field in the database, what kind of thing it says, whose it is, how long it is kept, and what an
erasure does to it.

Export, erasure, the page "What is kept about you" and docs/data.md read it and have no lists of their own. A model or field
that is not in it fails `tests/privacy/test_register.py`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from classbell.privacy.classification import About, Erasure, Kept, Kind, Purpose, Table, columns_of
from classbell.privacy.kept import TABLES

# What is no table of its own: what the database, or a library, makes of others when it is read.
VIEWS: Final = frozenset({"meetings.Expected", "pghistory.Events", "pghistory.MiddlewareEvents"})


@cache
def register() -> Mapping[str, Table]:
    """Return the whole register by the label of the model, histories included, in the order of the models."""
    said = {one.model: one for one in TABLES}
    said |= {history.model: history for history in map(_history, _tracked(said)) if history}
    return {label: said[label] for label in _labels() if label in said}


def not_in_register() -> list[str]:
    """Return what is stored and not classified, and what is classified and not stored, as "app.Model.field"."""
    wrong = [label for label in _labels() if label not in register()]
    for label, one in register().items():
        names = {column.name for column in columns_of(one.rows)}
        mentioned = {name for about in one.about for name in (*about.emptied, *about.withheld)}
        wrong += [f"{label}.{name}" for name in sorted((names ^ one.classified) | (mentioned - names))]
    return wrong


def about_people() -> list[Table]:
    """Return the tables whose rows are somebody's."""
    return [one for one in register().values() if one.about]


def _labels() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    labels = [model._meta.label for model in models if not model._meta.proxy]
    return sorted(label for label in labels if label not in VIEWS)


def _tracked(said: Mapping[str, Table]) -> Iterator[Table]:
    return (one for one in said.values() if hasattr(one.rows, "pgh_event_model"))


def _history(one: Table) -> Table:
    """Return what is kept in the history of a table: its fields have the kinds that they have there."""
    events = one.rows.pgh_event_model  # type: ignore[attr-defined]  # django-pghistory makes it
    names = [column.name for column in columns_of(events)]
    own = [name for name in names if not name.startswith("pgh_")]
    main = Kind.IDENTITY if one.purpose is Purpose.ACCOUNT else Kind.TEACHING
    kinds: dict[Kind, tuple[str, ...]] = {}
    for name in own:
        kind = one.kind_of(name)
        kinds[kind] = (*kinds.get(kind, ()), name)
    kinds[main] = (*kinds.get(main, ()), "pgh_label", "pgh_created_at")
    kinds[Kind.TECHNICAL] = (*kinds.get(Kind.TECHNICAL, ()), "pgh_id", "pgh_obj", "pgh_context", "pgh_context_id")
    return Table(
        model=events._meta.label,
        purpose=Purpose.PROOF,
        kept=Kept.HISTORY,
        kinds=kinds,
        title=_("What was changed before"),
        about=tuple(_in_history(about, own) for about in one.about if about.person in own or about.person == "pk"),
        of=one,
    )


def _in_history(about: About, own: list[str]) -> About:
    return About(
        person="pgh_obj" if about.person == "pk" else about.person,
        erasure=Erasure.ANONYMISE if set(about.emptied) & set(own) else Erasure.KEEP,
        emptied=tuple(name for name in about.emptied if name in own),
        withheld=tuple(name for name in about.withheld if name in own),
    )
