"""JSON as it goes over the wire."""

import json
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]


class Answer(NamedTuple):
    """What a handler answers: a status, and a body unless it is a 204."""

    status: int
    body: Json | None = None


def compact(value: object) -> str:
    """Write JSON without spaces and without escapes, so that re-serialising it in JavaScript gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
