"""The API as a whole: its paths, its rules, its description."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.templatetags.static import static
from django.test import Client
from ninja.operation import Operation

from classbell.accounts.permissions import anyone, rule_of
from classbell.config.api import api as classbell_api
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_teacher


def operations() -> Iterator[tuple[str, Operation]]:
    for router in classbell_api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield f"{' '.join(operation.methods)} /{router.prefix.strip('/')}{path}", operation


OPERATIONS = dict(operations())


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_states_who_is_allowed(name: str) -> None:
    assert rule_of(OPERATIONS[name].view_func) is not None, f"{name} needs @allowed(...) below its route"


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_signs_people_in_unless_it_is_for_anyone(name: str) -> None:
    operation = OPERATIONS[name]

    assert bool(operation.auth_callbacks) != (rule_of(operation.view_func) is anyone)


@pytest.mark.parametrize("name", OPERATIONS)
def test_path_is_written_without_a_trailing_slash(name: str) -> None:
    assert not name.endswith("/"), "the slash is taken off before paths are looked up: nothing would match"


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_documentation_is_served_without_foreign_scripts(path: str) -> None:
    page = Client().get(path)

    assert page.status_code == 200
    assert static("ninja/swagger-ui-bundle.js") in page.content.decode()
    assert "cdn." not in page.content.decode()


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/openapi.json/"])
def test_description_names_every_operation_and_its_errors(path: str) -> None:
    schema = json.loads(Client().get(path).content)

    described = [operation for methods in schema["paths"].values() for operation in methods.values()]
    assert len(described) == len(OPERATIONS)
    assert all("default" in operation["responses"] for operation in described)
    assert {"Error", "ErrorEnvelope"} <= set(schema["components"]["schemas"])


def test_description_is_made_once() -> None:
    assert classbell_api.get_openapi_schema() is classbell_api.get_openapi_schema()


@pytest.mark.django_db
def test_nobody_on_the_way_keeps_an_answer(api: Callable[..., ApiClient]) -> None:
    person = make_teacher()
    answers = [
        api(person).get("/api/auth/me"),
        api().post("/api/auth/token", {"email": person.email, "password": PASSWORD}),
        api().post("/api/auth/token/refresh", {"refresh_token": "x"}),
        api().get("/api/calendar/nobodys.ics"),
    ]

    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store"] * 4


@pytest.mark.django_db
@pytest.mark.parametrize("slash", ["", "/"], ids=["without slash", "with slash"])
def test_paths_work_with_and_without_trailing_slash(api: Callable[..., ApiClient], slash: str) -> None:
    client = api(make_teacher())

    assert client.get(f"/api/auth/me{slash}").status_code == 200
    assert client.post(f"/api/zoom/classes{slash}", {"name": "A"}).status_code == 201
    assert client.get(f"/api/zoom/classes{slash}", limit=1).status_code == 200
