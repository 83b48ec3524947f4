"""Each operation of the API has one scope for keys, or is for people alone; the OpenAPI document says which."""

import re

import pytest

from classbell.accounts.keys.scopes import PARTS, SCOPES
from classbell.config.api import api
from classbell.config.key_scopes import OF_PEOPLE, PARTS_BY_PATH, scope_of

SCHEMA = api.get_openapi_schema()
OPERATIONS = {f"{m.upper()} {path}": one for path, ways in SCHEMA["paths"].items() for m, one in ways.items()}
SIGNED_IN = {name: one for name, one in OPERATIONS.items() if one.get("security")}


def scopes_in(operation: dict[str, object]) -> list[str]:
    """Return the scopes that the document asks of a key for an operation."""
    security: list[dict[str, list[str]]] = operation.get("security", [])  # type: ignore[assignment]
    return [scope for way in security for scope in way.get("ApiKeyBearer", [])]


@pytest.mark.parametrize("name", SIGNED_IN)
def test_operation_asks_one_scope_of_a_key_or_is_for_people_alone(name: str) -> None:
    _method, path = name.split()
    for_people = any(re.fullmatch(pattern, path) for pattern in OF_PEOPLE)

    scopes = scopes_in(SIGNED_IN[name])

    assert len(scopes) == (0 if for_people else 1), f"say in config/key_scopes.py which part {path} belongs to"
    assert set(scopes) <= set(SCOPES)


@pytest.mark.parametrize("name", OPERATIONS.keys() - SIGNED_IN.keys())
def test_open_operation_asks_nothing(name: str) -> None:
    assert scopes_in(OPERATIONS[name]) == []


def test_document_shows_how_keys_are_sent() -> None:
    described = SCHEMA["components"]["securitySchemes"]["ApiKeyBearer"]

    assert (described["type"], described["scheme"]) == ("http", "bearer")


def test_every_scope_opens_something_and_every_pattern_is_needed() -> None:
    asked = {scope for one in OPERATIONS.values() for scope in scopes_in(one)}
    paths = list(SCHEMA["paths"])

    assert asked == set(SCOPES)
    assert {part for _pattern, part in PARTS_BY_PATH} == PARTS.keys()
    for pattern in (*OF_PEOPLE, *(pattern for pattern, _part in PARTS_BY_PATH)):
        assert any(re.fullmatch(pattern, path) for path in paths), pattern


@pytest.mark.parametrize(
    ("asked", "scope"),
    [
        ("GET /api/bookings/bookings/0190/meeting_info", "bookings:read"),
        ("HEAD /api/bookings/bookings", "bookings:read"),
        ("POST /api/courses/0190/sessions/batch", "courses:write"),
        ("POST /api/zoom/sessions/meeting", "courses:write"),
        ("GET /api/zoom/meetings/9123/attendance", "attendance:read"),
        ("PATCH /api/zoom/meetings/9123/attendance/0190", "attendance:write"),
        ("GET /api/zoom/meetings/9123/join", None),
        ("GET /api/zoom/meetings/join", "meetings:read"),
        ("GET /api/elsewhere", None),
    ],
)
def test_scope_is_by_part_and_by_reading_or_writing(asked: str, scope: str | None) -> None:
    assert scope_of(*asked.split()) == scope
