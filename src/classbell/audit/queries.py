"""
Reading the history, the latest first.

Each kind has its own table, read from its index and merged: a page costs three statements, however many kinds it shows and
however long the history is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Q, Value
from django.db.models.fields.json import KeyTextTransform

from classbell.audit import together as crowds
from classbell.audit.kinds import KINDS, Kind
from classbell.audit.rows import Read, read
from classbell.history import ACTOR, BY, BY_KEY, FOR, MADE
from classbell.paging import InvalidCursor

SIGNER: Final = Signer(salt="audit")
# What happened at one moment is told by the names of its kinds, the last first.
ORDER: Final = sorted(KINDS)

Position = tuple[datetime, str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """
    Which part of the history: of one kind, of one thing and its parts (`id`), by some people, in [since, until), or of one
    moment (`at`).

    `together` lets one entry stand for all of its kind that one transaction made, changed or removed, as an import does.
    """

    kind: str = ""
    id: UUID | int | None = None
    actors: Sequence[UUID] | None = None
    since: datetime | None = None
    until: datetime | None = None
    at: datetime | None = None
    together: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One column, as Python has its values: ids of people and things, aware times."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """
    One thing that happened: `what` is `made`, `changed` or `removed`. `about` are the columns that say what it is about.

    `actor_id` None: Classbell did it by itself, or, where `by` names one, an identity provider. `by_key` is the name of the
    API key that did it for them, "" for none; `for_id` the student for whom a guardian did it. `request_id` is the same for
    everything that one request did. `others` are how many of the same kind, not told one by one, it stands for besides
    itself; they are counted up to a thousand, and `has_more_others` says that there may be more.
    """

    kind: str
    number: int
    object_id: UUID | int
    what: str
    at: datetime
    actor_id: UUID | None
    by: str
    path: str
    request_id: UUID | None
    about: Mapping[str, Any]
    changes: Sequence[Change]
    others: int = 0
    by_key: str = ""
    for_id: UUID | None = None

    @property
    def has_more_others(self) -> bool:
        """Whether there may be more others than were counted."""
        return self.others + 1 >= crowds.MOST_COUNTED


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Some entries; `next_cursor` leads to the earlier ones, None at the beginning of time."""

    entries: Sequence[Entry]
    next_cursor: str | None


def history(asked: Asked, *, limit: int, cursor: str | None = None) -> History:
    """Return the latest entries that were asked for. Raises InvalidCursor."""
    before = _position(cursor) if cursor else None
    found = _numbers(asked, before, limit + 1)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for name, number in found[:limit]:
        by_kind[name].append(number)
    rows = read(by_kind)
    numerous = {name: of_kind for name, of_kind in by_kind.items() if asked.together and KINDS[name].comes_in_numbers}
    twins = crowds.counted({name: [rows[name, number].event for number in numerous[name]] for name in numerous})
    entries = [_entry(name, rows[name, number], twins) for name, number in found[:limit]]
    last = entries[-1] if len(found) > limit else None
    next_cursor = SIGNER.sign_object([last.at.isoformat(), last.kind, last.number]) if last else None
    return History(entries=entries, next_cursor=next_cursor)


def _numbers(asked: Asked, before: Position | None, limit: int) -> list[tuple[str, int]]:
    """Return kind and number of the latest entries that were asked for, the latest first. One statement."""
    first, *others = (
        _events(name, column, asked, before, limit)
        .annotate(place=Value(ORDER.index(name)))
        .values_list("pgh_created_at", "place", "pgh_id")[:limit]
        for name, column in _tables(asked).items()
    )
    found = first.union(*others, all=True).order_by("-pgh_created_at", "-place", "-pgh_id")[:limit] if others else first
    return [(ORDER[place], number) for _at, place, number in found]


def _tables(asked: Asked) -> dict[str, str]:
    """Return the kinds to read, and the column in which each names the thing that was asked for."""
    if not asked.kind:
        return dict.fromkeys((name for name, kind in KINDS.items() if not kind.only_when_asked), "pgh_obj")
    tables = {asked.kind: "pgh_obj"}
    return tables | dict(KINDS[asked.kind].parts) if asked.id else tables


def _events(name: str, column: str, asked: Asked, before: Position | None, limit: int) -> Any:
    events = KINDS[name].events.objects.order_by("-pgh_created_at", "-pgh_id")
    if asked.id:
        events = events.filter(**{f"{column}_id": asked.id})
    if asked.actors is not None:
        events = events.annotate(actor=KeyTextTransform(ACTOR, "pgh_context")).filter(
            pgh_context__isnull=False, actor__in=[str(id_) for id_ in asked.actors]
        )
    if asked.since:
        events = events.filter(pgh_created_at__gte=asked.since)
    if asked.until:
        events = events.filter(pgh_created_at__lt=asked.until)
    if asked.at:
        events = events.filter(pgh_created_at=asked.at)
    elif asked.together and not asked.id and KINDS[name].comes_in_numbers:
        # One more, as those of the time of the cursor may have been told already.
        bounds = {"since": asked.since, "until": asked.until, "up_to": before and before[0]}
        events = events.filter(crowds.is_latest(KINDS[name].events, times=limit + 1, **bounds))
    return events if before is None else events.filter(_earlier(name, *before))


def _earlier(name: str, at: datetime, kind: str, number: int) -> Q:
    """The order is by time, kind and number, as `_numbers` sorts."""
    if name > kind:
        return Q(pgh_created_at__lt=at)
    at_that_time = Q(pgh_created_at=at, pgh_id__lt=number) if name == kind else Q(pgh_created_at=at)
    return Q(pgh_created_at__lt=at) | at_that_time


def _position(cursor: str) -> Position:
    try:
        at, kind, number = SIGNER.unsign_object(cursor)
        return datetime.fromisoformat(at), str(kind), int(number)
    except (BadSignature, ValueError, TypeError) as error:
        raise InvalidCursor from error


def _entry(name: str, found: Read, twins: Mapping[tuple[str, datetime, str], int]) -> Entry:
    kind, event = KINDS[name], found.event
    context = event.pgh_context or {}
    actor = context.get(ACTOR)
    return Entry(
        kind=name,
        number=event.pgh_id,
        object_id=event.pgh_obj_id,
        what=event.pgh_label,
        at=event.pgh_created_at,
        actor_id=UUID(actor) if actor else None,
        by=context.get(BY, ""),
        path=context.get("path", ""),
        request_id=event.pgh_context_id,
        about={column: _value(event, column) for column in (*kind.about, *kind.columns)},
        changes=_changes(kind, found),
        others=twins.get((name, event.pgh_created_at, event.pgh_label), 1) - 1,
        by_key=context.get(BY_KEY, ""),
        for_id=UUID(context[FOR]) if context.get(FOR) else None,
    )


def _changes(kind: Kind, found: Read) -> list[Change]:
    event, after = found.event, found.after
    if event.pgh_label == MADE:
        values = [(column, None, _value(event, column)) for column in kind.columns]
        return [Change(column=c, before=b, after=a) for c, b, a in values if a not in (None, "", [], {}, False)]
    if after is None:
        return []
    pairs = [(column, _value(event, column), after[_attribute(event, column)]) for column in kind.columns]
    return [Change(column=column, before=old, after=new) for column, old, new in pairs if old != new]


def _value(event: Any, column: str) -> Any:
    return getattr(event, _attribute(event, column))


def _attribute(event: Any, column: str) -> str:
    return str(event._meta.get_field(column).attname)
