"""Comparing the shape of an answer with a captured one: the same keys, the same types, whatever the values."""

import json
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> Any:
    """Return a captured body."""
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def differences(expected: Any, got: Any, *, at: str = "", optional: frozenset[str] = frozenset()) -> list[str]:
    """
    Return how the shape of `got` differs; `optional` names paths that may be missing or extra on either side.

    Lists are compared by their first items, empty ones with anything.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        found = []
        for key in sorted(expected.keys() | got.keys()):
            path = f"{at}.{key}" if at else key
            if path in optional:
                continue
            if key not in got:
                found.append(f"{path} is missing")
            elif key not in expected:
                found.append(f"{path} is too much")
            else:
                found += differences(expected[key], got[key], at=path, optional=optional)
        return found
    if isinstance(expected, list) and isinstance(got, list):
        return differences(expected[0], got[0], at=f"{at}[]", optional=optional) if expected and got else []
    if type(expected) is not type(got):
        return [f"{at} is {type(got).__name__}, not {type(expected).__name__}"]
    return []
