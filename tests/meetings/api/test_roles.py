"""Who may do what, and who is told what: every operation of the whole API with every role, against a simulated Zoom."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings

from classbell.accounts.permissions import takes_wards
from tests.api_client import ApiClient
from tests.config.test_api import OPERATIONS
from tests.roles import rows_meetings, rows_people, rows_teaching
from tests.roles.documented import undocumented
from tests.roles.headers import lacking
from tests.roles.leaks import leaks, text_of
from tests.roles.row import Row
from tests.roles.world import CLOSED, GUARDIAN, GUEST, PRIVATE, ROLES, World, make_world
from tests.zoom_events import event, headers

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
ROWS = {row.name: row for row in (*rows_meetings.ROWS, *rows_teaching.ROWS, *rows_people.ROWS)}
CODES = {401: {"not_signed_in", "webhook_not_verified"}, 403: {"not_allowed", "not_their_guardian"}}
# What guardians may ask for as for themselves.
WARDS = [name for name, row in ROWS.items() if takes_wards(OPERATIONS[row.operation].view_func) and not row.lasting]
# What is hidden from others, and the rows that tell those who are meant: a start link, a passcode, an e-mail.
START_LINK = re.compile(r"/s/\d+\?zak=[\w.-]+")
PASSCODE = re.compile(r'"(zoom_)?password": ?"\w+"')
GUESTS_EMAIL, FELLOWS_EMAIL = re.compile(re.escape(GUEST)), re.compile(r"student-\d+@school\.example")
HOSTS = ("host", "admin")
SHOWN = [
    ("GET /zoom/meetings/{meeting_id}", START_LINK, HOSTS),
    ("GET /zoom/meetings/{meeting_id} of a circle", START_LINK, HOSTS),
    ("GET /zoom/meetings/{meeting_id}", PASSCODE, ("member", "class_teacher", *HOSTS)),
    ("GET /zoom/meetings/{meeting_id}/join", START_LINK, HOSTS),
    ("GET /zoom/meetings/{meeting_id}/join", PASSCODE, ("member", "class_teacher", *HOSTS)),
    ("PATCH /zoom/meetings/{meeting_id}", START_LINK, HOSTS),
    ("GET /v1/halaka/{uuidstr:halaka_id}", START_LINK, HOSTS),
    ("GET /v1/halaka/{uuidstr:halaka_id}", PASSCODE, ("member", *HOSTS)),
    ("GET /sessions/{uuidstr:session_id}", START_LINK, HOSTS),
    ("GET /sessions/{uuidstr:session_id}", PASSCODE, ("member", *HOSTS)),
    ("GET /bookings/bookings/{uuidstr:booking_id}/meeting_info", START_LINK, HOSTS),
    ("GET /bookings/bookings/{uuidstr:booking_id}", PASSCODE, ("member", *HOSTS)),
    ("POST /v1/zoom/zak-token", re.compile(r'"zak": ?"eyJ'), HOSTS),
    ("GET /zoom/meetings/{meeting_id} that was held", GUESTS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/meetings/{meeting_id}/participants", GUESTS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/meetings/{meeting_id}/participants", FELLOWS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/meetings/{meeting_id}/attendance", FELLOWS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/reports on one meeting", GUESTS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/reports as a file", GUESTS_EMAIL, ("class_teacher", *HOSTS)),
    ("GET /zoom/classes/{uuidstr:class_id}/students", FELLOWS_EMAIL, ("class_teacher", "admin")),
]


def test_every_operation_has_a_row() -> None:
    with_rows = {row.operation for row in ROWS.values()}

    assert sorted(OPERATIONS.keys() - with_rows) == [], "write a Row in tests/roles for each"
    assert sorted(with_rows - OPERATIONS.keys()) == [], "these operations are gone"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ROWS)
def test_operation_answers_who_may_and_tells_nobody_too_much(api: Api, world: World, name: str, role: str) -> None:
    row = ROWS[name]

    place = make_world("-again") if row.lasting and row.status(role) < 300 else world
    answer = ask(api, row, place, role)

    text = text_of(answer)
    assert answer.status_code == row.status(role), text
    assert leaks(place, role, text) == []
    assert lacking(answer, is_personal=not row.public) == []
    assert undocumented(row.operation, answer) == []
    if answer.status_code in CODES:
        assert answer.json()["code"] in CODES[answer.status_code]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.public])
def test_what_anybody_may_keep_is_the_same_for_everybody(api: Api, world: World, name: str) -> None:
    answers = [ask(api, ROWS[name], world, role) for role in ROLES]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=60"}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("private", [{}, *PRIVATE], ids=str)
@pytest.mark.parametrize("name", WARDS)
def test_guardian_is_answered_what_the_student_is_and_nothing_of_others(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, name: str, private: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=private))
    row = ROWS[name]

    other = ask(api, row, world, GUARDIAN, student="fellow")
    answer = ask(api, row, world, GUARDIAN, student="member")

    text = text_of(answer)
    assert answer.status_code == row.status("member"), text
    assert (other.status_code, other.json()["code"]) == (403, "not_their_guardian")
    assert leaks(world, GUARDIAN, text) == []
    assert undocumented(row.operation, answer) == []


@pytest.mark.parametrize("role", [role for role in ROLES if role not in {"anonymous", "member", GUARDIAN}])
def test_nobody_else_asks_for_a_student(api: Api, world: World, role: str) -> None:
    answer = ask(api, ROWS["GET /bookings/bookings/my"], world, role, student="member")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_their_guardian")


@pytest.mark.parametrize("closed", CLOSED, ids=str)
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.method == "GET"])
def test_who_is_not_let_in_is_not_told_how(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, name: str, closed: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=closed))

    for role in ("member", "class_teacher", "host"):
        text = text_of(ask(api, ROWS[name], world, role))
        assert leaks(world, role, text) == [], role


@pytest.mark.parametrize("private", PRIVATE, ids=str)
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.method == "GET"])
def test_addresses_and_names_are_said_as_far_as_the_school_has_set(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, name: str, private: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=private))

    for role in ("member", "class_teacher", "host", "admin"):
        answer = ask(api, ROWS[name], world, role)
        assert answer.status_code == ROWS[name].status(role)
        assert leaks(world, role, text_of(answer)) == [], role


@pytest.mark.parametrize(("name", "hidden", "roles"), SHOWN, ids=[f"{name} {what.pattern}" for name, what, _ in SHOWN])
def test_what_is_hidden_exists_and_is_told_to_those_it_is_for(
    api: Api, world: World, name: str, hidden: re.Pattern[str], roles: tuple[str, ...]
) -> None:
    told = [role for role in roles if hidden.search(text_of(ask(api, ROWS[name], world, role)))]

    assert told == list(roles)


@pytest.mark.parametrize("role", ROLES)
def test_webhook_is_believed_by_its_signature_whoever_is_signed_in(api: Api, world: World, role: str) -> None:
    body = event("meeting.started", datetime.now(UTC), id="1", uuid="a-run")

    answer = api(world.person(role)).post("/api/zoom/webhook", body, **signed(body))

    assert (answer.status_code, answer.json()) == (200, {"received": True})


def signed(body: dict[str, Any]) -> dict[str, str]:
    """Return Zoom's headers for a body as the client sends it."""
    return {name.replace("-", "_"): value for name, value in headers(json.dumps(body).encode()).items()}


def ask(api: Api, row: Row, world: World, role: str, *, student: str = "") -> Any:
    """Send a row's request as somebody, for a student if one is named."""
    client, address, body = api(world.person(role)), row.address(world), row.sent(world)
    if student:
        address += f"{'&' if '?' in address else '?'}student_id={world.ids[student]}"
    if row.method == "GET":
        return client.get(address)
    return getattr(client, row.method.lower())(address, body)
