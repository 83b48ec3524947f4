"""Whether an answer is one that the API's description names: its status, its kind of content, the shape of its JSON."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from classbell.config.api import api as classbell_api

SCHEMA = classbell_api.get_openapi_schema()
DESCRIBED = {f"{m.upper()} {path}": one for path, methods in SCHEMA["paths"].items() for m, one in methods.items()}
CONVERTER = re.compile(r"{\w+:")
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}
FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID,
}


def undocumented(operation: str, answer: Any) -> list[str]:
    """Return what an operation, named as the router has it, answered that its description does not say."""
    known = described(operation)["responses"].get(answer.status_code)
    if known is None:
        return [f"status {answer.status_code}"]
    kind, content = answer.headers.get("Content-Type", "").partition(";")[0], known.get("content", {})
    if not answer.content and not content:
        return []
    if kind not in content:
        return [f"{answer.status_code} as {kind or 'nothing'}"]
    return list(mistakes(answer.json(), content[kind]["schema"])) if kind == "application/json" else []


def described(operation: str) -> dict[str, Any]:
    """Return the description of an operation, named as the router has it."""
    method, path = operation.split()
    found: dict[str, Any] = DESCRIBED[f"{method} /api{CONVERTER.sub('{', path)}"]
    return found


def mistakes(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield where JSON is not what a schema says; fields that it does not name are mistakes too."""
    if "$ref" in schema:
        schema = SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "type" in schema and not is_a(value, schema["type"]):
        yield f"{at} is no {schema['type']}: {value!r}"
    elif "const" in schema and value != schema["const"]:
        yield f"{at} is not {schema['const']!r}: {value!r}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}: {value!r}"
    elif "format" in schema and not is_written_as(value, schema["format"]):
        yield f"{at} is no {schema['format']}: {value!r}"
    else:
        yield from within(value, schema, at)


def within(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    """Yield the mistakes in the parts of a value."""
    if "anyOf" in schema:
        found = [list(mistakes(value, one, at)) for one in schema["anyOf"]]
        yield from min(found, key=len)
    elif "items" in schema:
        for number, one in enumerate(value):
            yield from mistakes(one, schema["items"], f"{at}.{number}")
    elif "properties" in schema:
        yield from of_an_object(value, schema, at)
    elif isinstance(schema.get("additionalProperties"), dict):
        for name, one in value.items():
            yield from mistakes(one, schema["additionalProperties"], f"{at}.{name}")


def of_an_object(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    """Yield what is missing of an object, what is too much, and what is wrong in it."""
    properties = schema["properties"]
    for name in sorted(set(schema.get("required", [])) - value.keys()):
        yield f"{at}.{name} is missing"
    for name, one in value.items():
        if name in properties:
            yield from mistakes(one, properties[name], f"{at}.{name}")
        else:
            yield f"{at}.{name} is not described"


def is_a(value: Any, meant: str) -> bool:
    """Say whether a value is of a type of JSON's: true and false are no numbers."""
    return isinstance(value, TYPES[meant]) and (meant == "boolean" or not isinstance(value, bool))


def is_written_as(value: Any, meant: str) -> bool:
    """Say whether a text is a date, a moment or an id, where that is meant."""
    try:
        FORMATS.get(meant, str)(value)
    except ValueError:
        return False
    return True
