"""JSON as it goes over the wire."""

import json
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]


class Answer(NamedTuple):
    """What a handler answers: a status, and a body unless it is a 204."""

    status: int
    body: Json | None = None


def parse_object(raw: bytes) -> Json:
    """
    Read a JSON object. Raises ValueError for anything else.

    That includes what could be read but never be written again: half a surrogate pair, or a thousand levels.
    """
    try:
        value = json.loads(raw)
        compact(value).encode()
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error
    if isinstance(value, dict):
        return value
    raise ValueError("The JSON is no object.")


def compact(value: object) -> str:
    """Write JSON without spaces and without escapes, so that re-serialising it in JavaScript gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
