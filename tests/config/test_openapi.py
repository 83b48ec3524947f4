"""The API's description of itself: one name, one schema; every answer and every error documented."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from classbell.config.api import api as classbell_api
from classbell.sheets import FILE_TYPES
from tests.api_client import ApiClient
from tests.config.test_api import OPERATIONS
from tests.config.test_api_input import read_by
from tests.meetings.api.test_roles import ROWS, ask
from tests.roles.world import ROLES, World

SCHEMA = classbell_api.get_openapi_schema()
DESCRIBED = {f"{m.upper()} {path}": one for path, methods in SCHEMA["paths"].items() for m, one in methods.items()}


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


def test_every_good_answer_says_what_it_holds() -> None:
    good = {
        name: {int(status): answer for status, answer in one["responses"].items() if str(status).startswith("2")}
        for name, one in DESCRIBED.items()
    }

    assert [name for name, answers in good.items() if not answers] == []
    assert [
        name
        for name, answers in good.items()
        for status, one in answers.items()
        if status != 204 and not one.get("content")
    ] == []


def test_every_error_is_described() -> None:
    for name, one in DESCRIBED.items():
        described = {str(status) for status in one["responses"]}
        expected = {"400", "429", "default"} | ({"401", "403"} if "security" in one else set())
        assert expected <= described, name
        assert ("404" in described) or "{" not in name, name


def test_files_are_described_beside_json() -> None:
    assert set(FILE_TYPES) < set(DESCRIBED["GET /api/zoom/reports"]["responses"][200]["content"])
    assert "text/calendar" in DESCRIBED["GET /api/calendar/{token}.ics"]["responses"][200]["content"]


@pytest.mark.django_db
def test_good_answers_are_of_a_kind_that_is_described(api: Callable[..., ApiClient], world: World) -> None:
    wrong = []
    for name, row in ROWS.items():
        role = next((role for role in reversed(ROLES) if row.status(role) < 300), None)
        if role is None or row.lasting or row.method != "GET":
            continue
        answer: Any = ask(api, row, world, role)
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        path = answer.wsgi_request.resolver_match.route
        described = OPERATIONS[row.operation]
        documented = kinds_of(row.operation, answer.status_code)
        if kind not in documented:
            wrong.append(f"{name}: {kind} at {path}, {described.operation_id}")

    assert wrong == []


def kinds_of(operation: str, status: int) -> set[str]:
    """Return the kinds of content that are documented for an answer."""
    method, path = operation.split()
    for converter in ("uuidstr:", "uuid:"):
        path = path.replace(converter, "")
    return set(DESCRIBED[f"{method} /api{path}"]["responses"][status].get("content", {}))
