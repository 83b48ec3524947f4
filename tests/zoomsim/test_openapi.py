"""Answers keep to the description that Zoom once published, but for what has changed since."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.zoomsim.conftest import in_utc

DESCRIPTION = json.loads(Path(__file__).with_name("openapi-subset.json").read_text(encoding="utf-8"))
SERIES = {"type": 8, "recurrence": {"type": 2, "weekly_days": "1,3", "end_times": 3}}
REGISTRATION = {"settings": {"approval_type": 0}}
SINCE_NUMBERS = {"id", "pmi", "meetings.id", "users.pmi"}
SINCE_TEXT = {"host_id", "occurrences.occurrence_id"}
SINCE_EMPTY_WHEN_NOT_ASKED = {
    f"registrants.{name}" for name in ("no_of_employees", "purchasing_time_frame", "role_in_purchase_process")
}
CHANGED_SINCE = SINCE_NUMBERS | SINCE_TEXT | SINCE_EMPTY_WHEN_NOT_ASKED


def breaches(operation, body):
    """Return the fields of an answer that break the published schema, without positions in lists."""
    method, path = operation.split()
    (answer,) = [
        found for status, found in DESCRIPTION["paths"][path][method.lower()]["responses"].items() if status[0] == "2"
    ]
    schema = {**answer["schema"], "definitions": DESCRIPTION["definitions"]}
    errors = jsonschema.Draft4Validator(schema).iter_errors(body)
    return {".".join(step for step in error.absolute_path if isinstance(step, str)) for error in errors}


@pytest.fixture
def numbers(simulator, v2):
    """A series; and a meeting that took place, with its reports there."""
    series = v2.post("/users/me/meetings", json={"start_time": in_utc(days=1), **SERIES}).json()["id"]
    single = v2.post("/users/me/meetings", json={"start_time": in_utc(days=1), **REGISTRATION}).json()["id"]
    v2.post(f"/meetings/{single}/registrants", json={"email": "amal@x.example", "first_name": "Amal"})
    simulator.start_meeting(single)
    simulator.join(single, "Amal")
    simulator.end_meeting(single)
    simulator.clock(120)
    return {"series": series, "single": single, "day": in_utc()[:10]}


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GET /users", "/users"),
        ("GET /users/{userId}", "/users/me"),
        ("GET /users/{userId}/settings", "/users/me/settings"),
        ("GET /users/{userId}/token", "/users/me/token?type=zak"),
        ("GET /users/email", "/users/email?email=a@x.example"),
        ("GET /users/{userId}/assistants", "/users/me/assistants"),
        ("GET /users/{userId}/schedulers", "/users/me/schedulers"),
        ("GET /users/{userId}/meetings", "/users/me/meetings"),
        ("GET /meetings/{meetingId}", "/meetings/{series}"),
        ("GET /meetings/{meetingId}/invitation", "/meetings/{single}/invitation"),
        ("GET /meetings/{meetingId}/registrants", "/meetings/{single}/registrants"),
        ("GET /past_meetings/{meetingUUID}", "/past_meetings/{single}"),
        ("GET /past_meetings/{meetingId}/instances", "/past_meetings/{single}/instances"),
        ("GET /past_meetings/{meetingUUID}/participants", "/past_meetings/{single}/participants"),
        ("GET /report/meetings/{meetingId}", "/report/meetings/{single}"),
        ("GET /report/meetings/{meetingId}/participants", "/report/meetings/{single}/participants"),
        ("GET /report/users/{userId}/meetings", "/report/users/me/meetings?from={day}&to={day}"),
    ],
)
def test_answer_is_as_described(v2, numbers, operation, path):
    answer = v2.get(path.format_map(numbers))

    assert answer.status_code == 200
    assert breaches(operation, answer.json()) <= CHANGED_SINCE


def test_created_things_are_as_described(v2, numbers):
    meeting = v2.post("/users/me/meetings", json={"start_time": in_utc(days=1), **SERIES}).json()
    person = {"email": "badr@x.example", "first_name": "Badr"}
    registrant = v2.post(f"/meetings/{numbers['single']}/registrants", json=person).json()

    assert breaches("POST /users/{userId}/meetings", meeting) <= CHANGED_SINCE
    assert breaches("POST /meetings/{meetingId}/registrants", registrant) <= CHANGED_SINCE
