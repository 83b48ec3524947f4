"""Every field that an operation takes, from the API's own description."""

import copy
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

# A step into an object by name, into a list by number.
Path = tuple[str | int, ...]


def fields_of(schema: dict[str, Any], components: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Yield where each field of a body stands; of lists the first entry's."""
    for part in _meant(schema, components):
        for name, inner in part.get("properties", {}).items():
            yield (*path, name)
            if len(path) < 6:
                yield from fields_of(inner, components, (*path, name))
        if "items" in part:
            yield (*path, 0)
            yield from fields_of(part["items"], components, (*path, 0))


def put(body: Any, path: Path, value: Any) -> Any:
    """Return a body with a value in one field, and whatever has to be around it."""
    changed = copy.deepcopy(body) if isinstance(body, dict) else {}
    place: Any = changed
    for step, following in pairwise(path):
        around: Any = [] if isinstance(following, int) else {}
        if isinstance(place, list):
            if not place or not isinstance(place[0], type(around)):
                place[:] = [around]
            place = place[0]
        else:
            if not isinstance(place.get(step), type(around)):
                place[step] = around
            place = place[step]
    if isinstance(place, list):
        place[:] = [value]
    else:
        place[path[-1]] = value
    return changed


def _meant(schema: dict[str, Any], components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schemas that one stands for."""
    if "$ref" in schema:
        yield from _meant(components[schema["$ref"].rpartition("/")[2]], components)
        return
    yield schema
    for kind in ("anyOf", "allOf", "oneOf"):
        for part in schema.get(kind, []):
            yield from _meant(part, components)
