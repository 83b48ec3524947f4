"""What an answer is held against: types, values and parts of it, and the first differences in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SECRET = ("token", "password", "url", "zak", "key", "pin", "email")
"""What stands in the names of values that are never printed."""
MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of these values."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Has:
    """A list in which at least one item is as `item`."""

    item: object


@dataclass(frozen=True, slots=True)
class Kept:
    """The value that an earlier answer gave, under a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing of that name."""


def differences(expected: object, got: object, kept: dict[str, Any], where: str = "") -> Iterator[str]:
    """
    Yield in words where an answer is not as expected.

    Expected is a type, a value, one of the marks above, a list of one shape that each item has, or an object of which each
    named part is looked at; what is not named may be anything. True and False are no numbers.
    """
    if isinstance(expected, Kept):
        expected = kept.get(expected.name)
    if isinstance(expected, dict):
        yield from _of_object(expected, got, kept, where)
    elif isinstance(expected, list) and len(expected) == 1:
        yield from _of_list(expected[0], got, kept, where)
    elif isinstance(expected, Has):
        yield from _of_any(expected.item, got, kept, where)
    elif isinstance(expected, OneOf):
        if got not in expected.values:
            yield f"{where} is {_shown(where, got)}, none of {', '.join(map(repr, expected.values))}"
    elif isinstance(expected, type):
        if not isinstance(got, expected) or (isinstance(got, bool) and expected is not bool):
            yield f"{where or 'the answer'} is {_shown(where, got)}, not {_name(expected)}"
    elif got != expected:
        yield f"{where} is {_shown(where, got)}, not {_shown(where, expected)}"


def _of_object(parts: dict[str, object], got: object, kept: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(got, dict):
        yield f"{where or 'the answer'} is {_shown(where, got)}, not an object"
        return
    for name, part in parts.items():
        inner = f"{where}.{name}" if where else name
        if isinstance(part, Missing):
            if name in got:
                yield f"{inner} is there"
        elif name not in got:
            yield f"{inner} is missing"
        else:
            yield from differences(part, got[name], kept, inner)


def _of_list(shape: object, got: object, kept: dict[str, Any], where: str) -> Iterator[str]:
    if not isinstance(got, list):
        yield f"{where} is {_shown(where, got)}, not a list"
        return
    for number, item in enumerate(got):
        yield from differences(shape, item, kept, f"{where}[{number}]")


def _of_any(item: object, got: object, kept: dict[str, Any], where: str) -> Iterator[str]:
    items = got if isinstance(got, list) else []
    if all(list(differences(item, one, kept, where)) for one in items):
        yield f"{where} has nothing like {_expected(item, kept)}"


def _shown(where: str, value: object) -> str:
    last = where.rpartition(".")[2].lower()
    if isinstance(value, str) and any(part in last for part in SECRET):
        return "a text"
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _name(kind: type) -> str:
    return {"str": "a text", "int": "a whole number", "bool": "true or false", "list": "a list"}.get(
        kind.__name__, kind.__name__
    )


def _expected(item: object, kept: dict[str, Any]) -> str:
    if isinstance(item, dict):
        item = {name: kept.get(part.name) if isinstance(part, Kept) else part for name, part in item.items()}
    return _shown("", item)
