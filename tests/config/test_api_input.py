"""What the API refuses to read, before any field is looked at."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
from django.test import Client, RequestFactory
from ninja.params.models import BodyModel
from pydantic import BaseModel, ValidationError

from classbell.config.api import api as classbell_api
from classbell.groups.models import Group
from classbell.wire import Input
from tests.api_client import ApiClient
from tests.config.test_api import OPERATIONS
from tests.factories import make_class, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
CLASSES = "/api/zoom/classes"


def sent(api: Api, body: bytes, content_type: str = "application/json") -> Any:
    client = api(make_teacher())
    return client._client.generic("POST", CLASSES, data=body, content_type=content_type, headers=client._headers)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b'"AAA"', "The body must be an object.", id="text, which has a title of its own"),
        pytest.param(b"[null, null]", "The body must be an object.", id="a list"),
        pytest.param(b"5", "The body must be an object.", id="a number"),
        pytest.param(b"null", "The body must be an object.", id="null"),
        pytest.param(b'{"name": "A", "x": NaN}', "The body holds NaN, which is no number.", id="NaN"),
        pytest.param(b'{"name": "A", "x": 1e999}', "The body holds 1e999, which is no number.", id="infinite"),
        pytest.param(
            b'{"x": ' + b"9" * 50 + b"}", "The body holds a number of more than 40 digits.", id="a number of 50 digits"
        ),
        pytest.param(b"[" * 100_000, "The body is nested too deeply.", id="100 000 lists"),
        pytest.param(b'{"a":' * 30 + b"1" + b"}" * 30, "a is nested too deeply.", id="30 objects"),
        pytest.param(
            b'{"name": "a\\u0000"}', "name must not contain the character NUL, or half of a character.", id="NUL"
        ),
        pytest.param(
            b'{"name": "A", "x": [{"y": "\\ud800"}]}',
            "x.0.y must not contain the character NUL, or half of a character.",
            id="half of a character, deep inside",
        ),
        pytest.param(
            b'{"\\udfff": 1}', "? must not contain the character NUL, or half of a character.", id="half of a name"
        ),
        pytest.param(b'{"name": "A", "name": "B"}', "name must not stand there twice.", id="a name twice"),
        pytest.param(b'{"name": "\xff"}', "The body is not valid JSON.", id="no UTF-8"),
    ],
)
def test_body_that_cannot_be_kept_is_refused_by_name(api: Api, body: bytes, text: str) -> None:
    answer = sent(api, body)

    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (400, "invalid_input", text)
    assert not Group.objects.exists()


def test_upload_without_a_boundary_is_unreadable(api: Api) -> None:
    teacher = make_teacher()
    client, path = api(teacher), f"{CLASSES}/{make_class(teacher=teacher).pk}/import"

    answer = client._client.generic(
        "POST", path, data=b"x", content_type="multipart/form-data", headers=client._headers
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_query_with_nul_names_the_parameter() -> None:
    answer = Client().get("/api/bookings/teachers", {"q": "a\0"})

    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, "q")


def test_title_is_kept_as_one_line(api: Api) -> None:
    made = api(make_teacher()).post(CLASSES, {"name": "Hi\r\nBcc: x\u202e\u200b", "description": "a\r\nb\x07"})

    assert made.status_code == 201
    kept = Group.objects.get()
    assert (kept.name, kept.description) == ("Hi Bcc: x", "a\nb")


def test_operations_read_objects_and_no_attributes_of_text() -> None:
    sources = {"body", "query"}
    models = [model for one in OPERATIONS.values() for model in one.models if model.__ninja_param_source__ in sources]

    read = {one for model in models for field in model.model_fields.values() for one in read_by(field)}

    assert [one for one in read if not issubclass(one, Input)] == []
    assert len(read) > 30


def read_by(field: Any) -> list[type]:
    """Return the models that a parameter of an operation is read into, those inside them too."""
    found: list[type] = []
    waiting = [field.annotation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in found:
            found.append(one)
            waiting += [inner.annotation for inner in one.model_fields.values()]
        waiting += get_args(one)
    return found


@pytest.mark.parametrize("name", ["startDate", "endDate"])
@pytest.mark.parametrize("day", ["0001-01-01", "0163-05-05", "9999-12-31"])
def test_report_of_years_that_nobody_means_is_refused(api: Api, name: str, day: str) -> None:
    answer = api(make_teacher()).get("/api/zoom/reports", **{name: day})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert name in answer.json()["error"]


OPTIONAL = {
    name: model
    for name, operation in OPERATIONS.items()
    for model in operation.models
    if issubclass(model, BodyModel) and not any(field.is_required() for field in model.model_fields.values())
}


def test_description_asks_for_a_body_only_where_a_field_of_it_must_be_given() -> None:
    """Bodies that are read by hand, such as files and what Zoom sends, have no fields to look at."""
    document = classbell_api.get_openapi_schema()
    bodies = {
        one["operationId"]: (one["requestBody"], one["requestBody"]["content"]["application/json"]["schema"])
        for methods in document["paths"].values()
        for one in methods.values()
        if "application/json" in one.get("requestBody", {}).get("content", {})
    }
    named = {
        name: (body, ref.rpartition("/")[2])
        for name, (body, schema) in bodies.items()
        if (ref := {**schema, **schema.get("allOf", [{}])[0]}.get("$ref"))
    }
    schemas = document["components"]["schemas"]

    assert [name for name, (body, schema) in named.items() if body["required"] != ("required" in schemas[schema])] == []
    assert sum(not body["required"] for body, _schema in named.values()) > 15


@pytest.mark.parametrize("name", OPTIONAL)
def test_operation_that_needs_no_field_reads_no_body_as_an_empty_one(name: str) -> None:
    read = [_read(OPTIONAL[name], body) for body in (b"", b"{}")]

    assert read[0] == read[1]


def _read(model: type[BodyModel], body: bytes) -> object:
    request = RequestFactory().generic("POST", "/", body, content_type="application/json")
    try:
        (value,) = model.resolve(request, classbell_api, {}).model_dump().values()
    except ValidationError as error:
        return [(each["loc"], each["msg"]) for each in error.errors()]
    return value


@pytest.mark.django_db
def test_call_without_a_body_is_told_what_is_missing_in_it_or_changes_nothing(api: Api) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher)

    nobody = api(teacher).post(f"/api/zoom/classes/{group.pk}/students")
    nothing = api(teacher).patch("/api/bookings/settings")

    assert (nobody.status_code, nobody.json()["error"]) == (400, "The body must have student_ids or emails.")
    assert nothing.status_code == 200, nothing.content
