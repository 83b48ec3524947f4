"""JSON as it goes over the wire."""

import json
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import PydanticSerializationError, to_json

Json: TypeAlias = dict[str, Any]


class Answer(NamedTuple):
    """What a handler answers: a status, and a body unless it is a 204; bytes are JSON that is written already."""

    status: int
    body: Json | bytes | None = None


def parse_object(raw: bytes) -> Json:
    """
    Read a JSON object. Raises ValueError for anything else.

    That includes what could be read but never be written again: half a surrogate pair, or hundreds of levels.
    """
    try:
        value = json.loads(raw)
        written(value)
    except (RecursionError, PydanticSerializationError) as error:
        raise ValueError("The JSON cannot be written again.") from error
    if isinstance(value, dict):
        return value
    raise ValueError("The JSON is no object.")


def written(value: object) -> bytes:
    """Write JSON as answers have it: as `compact` does, in less than half of its time."""
    return to_json(value)


def compact(value: object) -> str:
    """Write JSON without spaces and without escapes, so that re-serialising it in JavaScript gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
