"""The JavaScript client, run by Node: against the API's own description, and against a running server."""

import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from classbell.config.api import api
from tests import processes
from tests.node import NODE
from tests.simulator import Simulator, free_port
from tests.system import System, fresh_system

pytestmark = pytest.mark.xdist_group("javascript")

CLIENT = Path(__file__).parents[2] / "clients/javascript"
STORY = Path(__file__).with_name("story.mjs")
EMAIL, PASSWORD = "host01@zoomsim.example", "a-long-enough-password"
MAKE_TEACHER = f"""
from classbell.accounts.models import Role
from classbell.accounts.services import PersonInput, create_person
teacher = create_person(
    PersonInput(email="{EMAIL}", first_name="Amina", last_name="Haddad", timezone="UTC", role=Role.TEACHER),
    password="{PASSWORD}")
from classbell.bookings import hours
from classbell.bookings.kinds.services import create_kind
from classbell.door import services
hours.set_week(teacher=teacher, windows={{day: [(0, 1440)] for day in range(7)}})
services.change_school({{"is_open": True, "name": "Nour Academy", "confirms_guests_by": "at_once"}})
services.change_teacher_page(teacher, {{"is_public": True, "address": "amina"}})
create_kind({{"name": "Trial", "minutes": [30], "open_to": "everybody", "teachers": [teacher.pk]}})
"""


def node(*arguments: str) -> Any:
    """Run Node and return the JSON that it prints."""
    done = processes.run([NODE, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """What the client calls, by the client's own word."""
    script = (
        f"import({json.dumps((CLIENT / 'classbell.js').as_uri())}).then(c => console.log(JSON.stringify(c.OPERATIONS)))"
    )
    return dict(node("--eval", script))


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The API's OpenAPI document with its references resolved, as far as bodies and answers need."""
    document = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str))

    def resolve(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return resolve(document["components"]["schemas"][part["$ref"].rpartition("/")[2]])
            return {name: resolve(value) for name, value in part.items()}
        return [resolve(one) for one in part] if isinstance(part, list) else part

    return dict(resolve(document["paths"]))


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body, also of one that may be left out; empty where there is none."""
    if "requestBody" not in operation:
        return {}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    (schema,) = schema.get("allOf", [schema])
    return dict(next(one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"))


def interface(name: str) -> dict[str, bool]:
    """Return the fields of an interface of the type declarations, and whether each may be missing."""
    text = (CLIENT / "classbell.d.ts").read_text()
    found = re.search(rf"export interface {name}(?: extends (\w+))? \{{\n(.*?)\n\}}", text, re.DOTALL)
    assert found, name
    fields = {field: bool(mark) for field, mark in re.findall(r"^  (\w+)(\??):", found[2], re.MULTILINE)}
    return (interface(found[1]) if found[1] else {}) | fields


def test_every_call_is_one_that_the_api_describes(operations, described):
    unknown = {
        name: called["path"]
        for name, called in operations.items()
        if called["method"].lower() not in described.get(called["path"], {})
    }

    assert unknown == {}
    assert {"getStatus", "createMeeting", "getMeeting", "updateMeeting", "deleteMeeting", "listMeetings"} < set(
        operations
    )


def test_every_call_sends_the_fields_that_the_api_describes(operations, described):
    for name, called in operations.items():
        operation = described[called["path"]][called["method"].lower()]
        schema = body_of(operation)
        query = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}

        optional_at_sign_in = {"code"} if name == "signIn" else set()
        assert set(called.get("body", [])) == set(schema.get("properties", {})) - optional_at_sign_in, name
        assert set(called.get("query", [])) == query - set(called.get("body", [])), name
        assert set(schema.get("required", [])) <= set(called.get("body", [])), name


@pytest.mark.parametrize(
    ("name", "path", "method", "inside"),
    [
        ("Meeting", "/api/zoom/meetings/{meeting_id}", "get", ("meeting",)),
        ("Meeting", "/api/zoom/sessions/meeting", "post", ("meeting",)),
        ("ListedMeeting", "/api/zoom/meetings", "get", ("meetings", "items")),
        ("Occurrence", "/api/zoom/meetings/{meeting_id}", "get", ("meeting", "occurrences", "items")),
        ("Participant", "/api/zoom/meetings/{meeting_id}", "get", ("meeting", "participants", "items")),
        ("Status", "/api/zoom/status", "get", ()),
        ("Tokens", "/api/auth/token", "post", ()),
        ("PublicSchool", "/api/public/school", "get", ()),
        ("PublicTeacher", "/api/public/teachers/{address}", "get", ()),
        ("PublicKind", "/api/public/kinds", "get", ("kinds", "items")),
        ("Slots", "/api/public/slots", "get", ()),
        ("Slot", "/api/public/slots", "get", ("days", "items", "available_slots", "items")),
        ("GuestBooking", "/api/public/bookings", "post", ("booking",)),
        ("GuestBooking", "/api/public/bookings/{token}", "get", ("booking",)),
    ],
)
def test_declared_answers_have_the_fields_that_the_api_describes(described, name, path, method, inside):
    responses = described[path][method]["responses"]
    schema = (responses.get("200") or responses["201"])["content"]["application/json"]["schema"]

    for step in inside:
        schema = schema["items"] if step == "items" else schema["properties"][step]

    assert set(interface(name)) == set(schema["properties"])


@pytest.mark.parametrize(("name", "operation"), [("NewMeeting", "createMeeting"), ("MeetingChanges", "updateMeeting")])
def test_declared_requests_have_the_fields_that_are_sent(operations, name, operation):
    assert set(interface(name)) == set(operations[operation]["body"]) | {"topic", "agenda", "start_time"}


def test_what_a_guest_books_is_declared_with_all_its_fields(operations):
    assert list(interface("NewGuestBooking")) == operations["bookAsGuest"]["body"]
    assert list(interface("SlotsQuery")) == operations["findPublicSlots"]["query"]


@pytest.mark.parametrize(("part", "declared"), [("zoom", "ZoomAPI"), ("open", "OpenAPI")])
def test_declarations_name_what_the_module_offers(part, declared):
    url = json.dumps((CLIENT / "classbell.js").as_uri())
    script = f"""import({url}).then(c => console.log(JSON.stringify({{
        exports: Object.keys(c), calls: Object.keys(c.createAPI({{baseUrl: "http://localhost"}}).{part})}})))"""
    text = (CLIENT / "classbell.d.ts").read_text()
    methods = re.search(rf"export interface {declared} \{{\n(.*?)\n\}}", text, re.DOTALL)

    offered = node("--eval", script)

    assert set(offered["exports"]) == set(re.findall(r"^export (?:class|function|const) (\w+)", text, re.MULTILINE))
    assert methods is not None
    assert set(offered["calls"]) == set(re.findall(r"^  (\w+)\(", methods[1], re.MULTILINE))


@pytest.fixture(scope="module")
def server(simulator_process: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A running installation with SDK keys and one teacher, who has a Zoom account of her own."""
    simulator_process.reset()
    keys = {"ZOOM_SDK_KEY": "sdk-key", "ZOOM_SDK_SECRET": "s" * 32}
    with fresh_system(simulator_process, tmp_path_factory.mktemp("system"), **keys) as system:
        system.command("manage", "shell", "-c", MAKE_TEACHER)
        system.start_web()
        system.wait_for_web()
        yield system


@pytest.fixture(scope="module")
def session_id(server: System) -> str:
    """A session of a course of the teacher's."""
    tokens = httpx.post(f"{server.url}/api/auth/token", json={"email": EMAIL, "password": PASSWORD}, timeout=20).json()
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=20
    ) as client:
        course = client.post("/api/courses", json={"title": "Algebra", "timezone": "UTC"}).raise_for_status()
        sessions = client.post(
            f"/api/courses/{course.json()['course']['id']}/sessions/batch",
            json={"sessions": [{"title": "First", "start_time": _hour(14), "duration": 60}]},
        )
        return str(sessions.raise_for_status().json()["sessions"][0]["id"])


def _hour(hour: int) -> str:
    day = datetime.now(UTC) + timedelta(days=7)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def seen(server: System, session_id: str) -> dict[str, Any]:
    """What an app saw that went through all calls once."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        facts = {
            "url": server.url,
            "email": EMAIL,
            "password": PASSWORD,
            "zoomUser": EMAIL,
            "start": _hour(10),
            "others": [_hour(16), _hour(18)],
            "session": session_id,
            "nowhere": f"http://127.0.0.1:{free_port()}",
            "silent": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        return dict(node(str(STORY), json.dumps(facts)))


@pytest.mark.slow
def test_status_is_that_of_the_documentation(seen):
    assert seen["status"]["configured"] is True
    assert seen["status"]["status"]["message"] == "Zoom credentials are valid"


@pytest.mark.slow
def test_meeting_is_created_with_the_documented_names_and_once(seen):
    created = seen["created"]

    assert (created["title"], created["start_time"], created["duration"]) == ("Manual Meeting", _hour(10), 60)
    assert created["zoom_meeting_id"]
    assert created["start_url"]
    assert seen["again"] == created["id"]


@pytest.mark.slow
def test_meeting_is_read_changed_listed_and_deleted(seen):
    assert (seen["got"], seen["gotByNumber"]) == ("Manual Meeting", seen["created"]["id"])
    assert (seen["updated"]["title"], seen["updated"]["duration"]) == ("Other", 45)
    assert len(seen["page"]["meetings"]) == 2
    assert seen["page"]["next_cursor"]
    assert len(seen["all"]) == len(set(seen["all"])) == 4
    assert seen["deleted"] == {"success": True}


@pytest.mark.slow
def test_session_gets_its_meeting_and_the_sdk_its_keys(seen):
    assert seen["session"]["zoom_meeting_id"]
    assert len(seen["signature"].split(".")) == 3
    assert seen["zak"]


@pytest.mark.slow
def test_refusals_are_errors_of_their_kind(seen):
    ours = {"isOurs": True}

    assert seen["strangers"] == {"name": "NotSignedIn", "status": 401, "code": "not_signed_in"} | ours
    assert seen["wrongPassword"]["name"] in ("NotSignedIn", "InvalidRequest")
    assert seen["errors"] == {
        "invalid": {"name": "InvalidRequest", "status": 400, "code": "invalid_input"} | ours,
        "unknownField": {"name": "TypeError", "isOurs": False},
        "notFound": {"name": "NotFound", "status": 404, "code": "not_found"} | ours,
        "notAllowed": {"name": "NotAllowed", "status": 403, "code": "not_allowed"} | ours,
        "forged": {"name": "NotSignedIn", "status": 401, "code": "not_signed_in"} | ours,
        "unreachable": {"name": "Unreachable", "status": 0, "code": "unreachable"} | ours,
        "slow": {"name": "Unreachable", "status": 0, "code": "unreachable"} | ours,
    }


@pytest.mark.slow
def test_somebody_without_an_account_finds_a_time_books_moves_and_cancels(seen):
    guest = seen["guest"]

    assert guest["school"] == "Nour Academy"
    assert guest["teacher"] == "Amina Haddad"
    assert guest["kind"] == "trial"
    assert len(guest["days"]) == 2
    assert guest["booked"] == guest["again"] == guest["read"]
    assert guest["booked"]["start_time"] != guest["moved"]
    assert guest["cancelled"] == "CANCELLED"
    ours = {"isOurs": True}
    assert guest["errors"] == {
        "taken": {"name": "InvalidRequest", "status": 400, "code": "slot_unavailable"} | ours,
        "forged": {"name": "NotFound", "status": 404, "code": "link_unusable"} | ours,
        "confirmed": {"name": "InvalidRequest", "status": 400, "code": "already_confirmed"} | ours,
    }
