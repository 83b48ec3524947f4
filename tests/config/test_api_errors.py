"""Errors: one shape for all, whatever raised them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.api_client import ApiClient
from tests.factories import make_student, make_teacher

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
failing = pytest.mark.urls("tests.config.failing_api")


@failing
@pytest.mark.parametrize(
    ("kind", "status", "code", "text"),
    [
        ("domain", 400, "slot_unavailable", "Time slot is not available"),
        ("conflict", 409, "conflict", "Somebody was faster."),
        ("not-allowed", 403, "not_allowed", "Only teachers can confirm bookings"),
        ("not-there", 404, "not_found", "Teacher not found"),
        ("too-many", 429, "too_many_requests", "Slow down."),
        ("zoom-failed", 500, "zoom_failed", "Failed to create Zoom meeting: Zoom said no."),
        ("django-404", 404, "not_found", "There is no such thing here."),
        ("django-403", 403, "not_allowed", "You may not do this."),
        ("zoom-not-configured", 503, "zoom_not_configured", "Zoom integration not configured"),
        ("zoom-circuit", 503, "zoom_unavailable", "Zoom has been failing and is being left alone for a moment."),
        (
            "zoom-down",
            500,
            "zoom_failed",
            "Failed to get this done by Zoom: Zoom cannot be reached at the moment: no answer.",
        ),
        ("zoom-invalid", 500, "zoom_failed", "Failed to get this done by Zoom: Zoom refused the request: bad topic."),
        ("crash", 500, "server_error", "Something went wrong on our side. Try again later."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_error_has_its_status_code_and_sentence(api: Api, kind: str, status: int, code: str, text: str) -> None:
    client = api(make_student())

    plain, enveloped = client.get(f"/api/fail/{kind}"), client.get(f"/api/v1/fail/{kind}")

    details = [{"at": "09:00"}] if kind == "domain" else []
    assert plain.status_code == enveloped.status_code == status
    assert plain.json() == {"error": text, "code": code, "details": details}
    assert enveloped.json() == {"status": "error", "message": text, "code": code, "details": details}


@failing
@pytest.mark.parametrize(("kind", "seconds"), [("too-many", "7"), ("zoom-circuit", "30")])
def test_error_says_when_to_ask_again(api: Api, kind: str, seconds: str) -> None:
    assert api(make_student()).get(f"/api/fail/{kind}").headers["Retry-After"] == seconds


@failing
def test_crash_is_logged_with_its_cause(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api(make_student()).get("/api/fail/crash")

    assert "secret detail" in caplog.text


@failing
@override_settings(DEBUG=True)
def test_crash_is_not_shown_in_debug_mode_either(api: Api) -> None:
    answer = api(make_student()).get("/api/fail/crash")

    assert "secret detail" not in answer.content.decode()
    assert answer.json()["code"] == "server_error"


@failing
def test_moments_are_written_in_utc_and_text_as_it_is(api: Api) -> None:
    answer = api(make_student()).get("/api/moment")

    assert answer.content.decode() == '{"at": "2026-03-01T09:00:00Z", "name": "مريم"}'


def test_nobody_signed_in_is_401(api: Api) -> None:
    answer = api().get("/api/zoom/classes")

    assert answer.status_code == 401
    assert answer.json() == {
        "error": "Sign in first: send a valid access token.",
        "code": "not_signed_in",
        "details": [],
    }


def test_wrong_method_is_405_and_says_which_are_right(api: Api) -> None:
    answer = api(make_teacher()).delete("/api/zoom/classes")

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert sorted(answer.headers["Allow"].split(", ")) == ["GET", "POST"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/nothing/", "/api/zoom/classes/1", "/api/a%0D%0Ab"]
)
def test_unknown_path_is_404_in_json(api: Api, path: str) -> None:
    answer = api(make_teacher()).get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_unknown_path_under_v1_has_the_envelope(api: Api) -> None:
    assert sorted(api().get("/api/v1/nothing").json()) == ["code", "details", "message", "status"]


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe", b"[]", b'"text"', b"null"], ids=["cut", "empty", "bytes", "list", "text", "null"]
)
def test_body_that_is_no_json_object_is_400(body: bytes) -> None:
    answer = Client().post("/api/auth/token", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


@pytest.mark.parametrize(
    ("body", "text", "fields"),
    [
        ({}, "name is required.", ["name"]),
        ({"name": 1}, "name must be text.", ["name"]),
        ({"name": " "}, "name must have at least 1 characters.", ["name"]),
        ({"name": "x" * 201}, "name must have at most 200 characters.", ["name"]),
        (
            {"name": "A", "timezone": "Mars/Base"},
            "timezone must be an IANA timezone such as Europe/Lisbon.",
            ["timezone"],
        ),
        ({"timezone": 1}, "name is required.", ["name", "timezone"]),
        ({"name": "A", "teacher_id": "1"}, "teacher_id must be an id (UUID).", ["teacher_id"]),
    ],
    ids=["missing", "type", "blank", "long", "timezone", "several", "id"],
)
def test_invalid_input_names_the_field_and_what_to_write(api: Api, body: Any, text: str, fields: list[str]) -> None:
    answer = api(make_teacher()).post("/api/zoom/classes", body)

    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (400, "invalid_input", text)
    assert [detail["field"] for detail in answer.json()["details"]] == fields


def test_nested_field_is_named_with_dots(api: Api) -> None:
    client = api(make_teacher())
    created = client.post("/api/zoom/classes", {"name": "A"}).json()["class"]["id"]

    answer = client.post(f"/api/zoom/classes/{created}/students", {"student_ids": ["x"]})

    assert answer.json()["error"] == "student_ids.0 must be an id (UUID)."


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"limit": "0"}, "limit must be at least 1."),
        ({"limit": "201"}, "limit must be at most 200."),
        ({"limit": "many"}, "limit must be a whole number."),
        ({"cursor": "made up"}, "This cursor does not belong to this list. Start without one."),
    ],
    ids=str,
)
def test_invalid_query_is_400(api: Api, query: dict[str, str], text: str) -> None:
    answer = api(make_teacher()).get("/api/zoom/classes", **query)

    assert (answer.status_code, answer.json()["error"]) == (400, text)


def test_body_too_large_is_refused_in_json(api: Api) -> None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    answer = api(make_teacher()).post("/api/zoom/classes", {"name": "A", "description": "x" * most})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
