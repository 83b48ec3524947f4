"""The API's description of itself: one name, one schema; every answer and every error documented."""

import inspect
from collections import defaultdict
from collections.abc import Iterator
from types import NoneType
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

import pytest
from django.http import HttpResponse, JsonResponse
from ninja import Schema

from classbell.errors import DomainError
from classbell.sheets import FILE_TYPES
from tests.config.test_api import OPERATIONS
from tests.config.test_api_input import read_by
from tests.roles.documented import DESCRIBED, mistakes


def test_every_name_is_one_schema() -> None:
    named: dict[str, set[type]] = defaultdict(set)
    for operation in OPERATIONS.values():
        models = [*operation.models, *operation.response_models.values()]
        for model in (model for model in models if hasattr(model, "model_fields")):
            for field in model.model_fields.values():
                for one in read_by(field):
                    named[one.__name__].add(one)

    assert {name: sorted(one.__module__ for one in ones) for name, ones in named.items() if len(ones) > 1} == {}
    assert len(named) > 80


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_returns_what_its_description_names(name: str) -> None:
    operation = OPERATIONS[name]
    named = [model.model_fields["response"].annotation for model in operation.response_models.values() if is_one(model)]

    returned = kinds_in(get_type_hints(inspect.unwrap(operation.view_func))["return"])

    # What writes its answer by itself is checked where it is asked, role by role.
    written = returned <= {HttpResponse, JsonResponse}
    assert written or returned - {HttpResponse} == {kind for one in named for kind in kinds_in(one)}


def test_nothing_that_was_built_is_looked_at_again() -> None:
    answers = [
        kind
        for one in OPERATIONS.values()
        for model in one.response_models.values()
        if is_one(model)
        for kind in read_by(model.model_fields["response"])
    ]

    assert [kind.__name__ for kind in answers if issubclass(kind, Schema)] == []


# And the way on to a file.
GOOD: Final = {*range(200, 300), 302}


def test_every_good_answer_says_what_it_holds() -> None:
    good = {
        name: {int(status): answer for status, answer in one["responses"].items() if status in GOOD}
        for name, one in DESCRIBED.items()
    }

    assert [name for name, answers in good.items() if not answers] == []
    assert [
        name
        for name, answers in good.items()
        for status, one in answers.items()
        if status not in {204, 302} and not one.get("content")
    ] == []


def test_every_error_is_described() -> None:
    for name, one in DESCRIBED.items():
        described = {status for status in one["responses"] if status == "default" or status >= 400}
        expected = {400, 429, 500, 503, "default"} | ({401, 403} if "security" in one else set())
        expected |= {413} if "requestBody" in one else set()
        assert expected <= described, name
        assert 404 in described or "{" not in name, name


# Any operation may answer these, or those that take what may be wrong in that way.
COMMON: Final = {400, 401, 403, 404, 413, 429, 500, 503}
# What is only tried is tried on pages.
ON_PAGES: Final = {"being_changed"}


def test_an_error_with_a_status_of_its_own_is_named_by_operations_and_is_among_their_answers() -> None:
    """In words and for programs at once: the one is read from the other."""
    uncommon = {(one.status, one.code) for one in errors_of(DomainError) if one.status not in COMMON}
    named = {
        (status, code)
        for status, code in uncommon
        if any(status in one["responses"] and f"`{code}`" in one.get("description", "") for one in DESCRIBED.values())
    }

    assert {code for _status, code in uncommon - named} == ON_PAGES
    assert 409 in DESCRIBED["POST /api/purchases"]["responses"]


def test_every_error_is_described_in_the_shape_of_its_path() -> None:
    for name, one in DESCRIBED.items():
        shape = "ErrorEnvelope" if "/api/v1/" in name else "Error"
        for status, answer in one["responses"].items():
            if status == "default" or status >= 400:
                assert answer["description"], name
                assert answer["content"] == {
                    "application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}
                }, f"{name} {status}"


@pytest.mark.parametrize(
    ("operation", "statuses"),
    [
        ("POST /api/auth/token", {401}),
        ("GET /api/bookings/slots/available", {404}),
        ("POST /api/bookings/bookings", {404, 413}),
        ("POST /api/v1/zoom/signature", {404}),
        ("POST /api/zoom/webhook", {401, 413}),
        ("GET /api/zoom/reports", {404}),
    ],
)
def test_what_an_operation_takes_decides_which_errors_it_has(operation: str, statuses: set[int]) -> None:
    assert statuses <= set(DESCRIBED[operation]["responses"])


def test_who_needs_not_sign_in_is_not_told_to() -> None:
    described = set(DESCRIBED["GET /api/bookings/teachers"]["responses"])

    assert not described & {401, 403, 404, 413}


def test_files_are_described_beside_json() -> None:
    assert set(FILE_TYPES) < set(DESCRIBED["GET /api/zoom/reports"]["responses"][200]["content"])
    assert "text/calendar" in DESCRIBED["GET /api/calendar/{token}.ics"]["responses"][200]["content"]


def test_a_wrong_shape_is_noticed() -> None:
    me = {"$ref": "#/components/schemas/Me"}
    whole = {"id": str(UUID(int=1)), "email": "", "name": "Ms A", "first_name": "A", "last_name": "", "role": "teacher",
             "roles": ["teacher"], "timezone": "UTC", "locale": "en", "avatar": ""}  # fmt: skip

    assert list(mistakes(whole, me)) == []
    assert list(mistakes(whole | {"id": "1"}, me)) == [".id is no uuid: '1'"]
    assert list(mistakes(whole | {"name": None}, me)) == [".name is no string: None"]
    assert list(mistakes(whole | {"password": "x"}, me)) == [".password is not described"]
    assert list(mistakes({name: whole[name] for name in whole if name != "role"}, me)) == [".role is missing"]


def is_one(model: Any) -> bool:
    """Say whether ninja has a model for an answer: not for empty ones, and not for those that are no JSON."""
    return hasattr(model, "model_fields")


def kinds_in(hint: Any) -> set[type]:
    """Return the types that a return annotation stands for, without the status around them and without nothing."""
    parts = get_args(hint)
    if parts:
        return {kind for part in parts for kind in kinds_in(part)}
    return set() if hint in (None, NoneType) else {hint}


def errors_of(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """Yield the program's own errors of a kind, and of those kinds of it."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("classbell."):
            yield one
        yield from errors_of(one)
