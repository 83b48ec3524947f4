"""Whatever is sent, the simulator says what is wrong with it and goes on as before."""

import http.client
import json

import pytest

JSON_OBJECT_WANTED = {"code": 300, "message": "Request Body should be a valid JSON object."}
LONG_NUMBER = "9" * 5000


def ask(simulator, method, path, *, body=b"", **headers):
    """Send bytes as they are, which no decent client would, and return status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=10)
    connection.putrequest(method, path)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, text


@pytest.fixture
def signed(v2):
    """The header of somebody signed in."""
    return {"Authorization": v2.headers["Authorization"]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{", id="torn"),
        pytest.param(b'{"topic":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"topic":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"topic":"\xed\xa0\x80"}', id="half a surrogate pair in bytes"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, id="too deep"),
        pytest.param(f'{{"duration":{LONG_NUMBER}}}'.encode(), id="endless number"),
    ],
)
def test_body_that_is_no_json_object_is_refused(simulator, signed, body):
    status, text = ask(simulator, "POST", "/v2/users/me/meetings", body=body, **signed)

    assert (status, json.loads(text)) == (400, JSON_OBJECT_WANTED)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            {"type": 8, "recurrence": {"type": 1, "end_date_time": "9999-12-31T23:59:59Z"}}, id="end of a series"
        ),
        pytest.param({"settings": {"breakout_room": {"rooms": "all"}}}, id="rooms"),
        pytest.param({"settings": {"breakout_room": {"rooms": [{"participants": 5}]}}}, id="people of a room"),
        pytest.param({"settings": {"waiting_room_options": {"mode": "none"}}}, id="waiting room"),
        pytest.param({"settings": {"meeting_invitees": [{"email": ["a"]}]}}, id="invitees"),
        pytest.param({"tracking_fields": [{"field": {"a": 1}}]}, id="tracking fields"),
    ],
)
def test_meeting_that_could_not_be_shown_is_not_made(v2, body):
    answer = v2.post("/users/me/meetings", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, 300)
    assert v2.get("/users/me/meetings").json()["total_records"] == 0


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param(f"/v2/meetings/{LONG_NUMBER}", 404, 3001, id="long number"),
        pytest.param(f"/v2/past_meetings/{LONG_NUMBER}", 404, 3001, id="long past number"),
        pytest.param("/v2/meetings/%D9%A1", 404, 3001, id="other digits"),
        pytest.param("/v2/past_meetings/%C2%B2", 404, 3001, id="no digits"),
        pytest.param("/v2/users/%FF", 404, 1001, id="no UTF-8"),
        pytest.param("/v2/users/me/meetings?from=9999-12-31&timezone=Asia/Tokyo", 400, 300, id="last day"),
        pytest.param("/v2/users/me/meetings?to=0001-01-01", 400, 300, id="first day"),
        pytest.param(f"/v2/users/me/meetings?page_size={LONG_NUMBER}", 400, 300, id="page size"),
        pytest.param("/v2/users/me/meetings?next_page_token=%C3%A9", 400, 300, id="page token"),
        pytest.param("/v2", 400, 2300, id="nothing"),
    ],
)
def test_odd_path_is_answered_as_any_other(simulator, signed, path, status, code):
    got, text = ask(simulator, "GET", path, **signed)

    assert (got, json.loads(text)["code"]) == (status, code)


def test_authorization_outside_ascii_is_refused(simulator):
    api, text = ask(simulator, "GET", "/v2/users/me", Authorization=b"Bearer \xff\xe9")
    token, _text = ask(simulator, "POST", "/oauth/token", Authorization=b"Basic \xff")

    assert (api, json.loads(text)["code"]) == (401, 124)
    assert token == 400


@pytest.mark.parametrize(
    ("person", "field"),
    [
        pytest.param({"no_of_employees": "a few"}, "no_of_employees", id="choice"),
        pytest.param({"language": "tlh"}, "language", id="language"),
        pytest.param({"auto_approve": "perhaps"}, "auto_approve", id="truth"),
        pytest.param({"custom_questions": [{"title": "Why?", "value": {}}]}, "custom_questions[0].value", id="answer"),
    ],
)
def test_registration_with_a_wrong_field_names_it(v2, schedule, person, field):
    meeting = schedule(settings={"approval_type": 0})

    answer = v2.post(
        f"/meetings/{meeting['id']}/registrants", json={"email": "a@school.example", "first_name": "Amal", **person}
    )

    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        pytest.param({"title": "Why?", "type": "essay"}, "custom_questions[0].type", id="type"),
        pytest.param({"title": "Why?", "type": "single", "answers": 5}, "custom_questions[0].answers", id="answers"),
    ],
)
def test_question_of_a_wrong_kind_is_refused(v2, schedule, question, field):
    meeting = schedule(settings={"approval_type": 0})

    answer = v2.patch(f"/meetings/{meeting['id']}/registrants/questions", json={"custom_questions": [question]})

    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/sim/clock", {"offset_s": 1e13}, id="clock far ahead"),
        pytest.param("/sim/clock", {"offset_s": "nan"}, id="clock nowhere"),
        pytest.param("/sim/faults", {"kind": "latency", "ms": "nan"}, id="latency"),
        pytest.param("/sim/faults", {"kind": "status", "status": 1000}, id="status"),
        pytest.param("/sim/faults", {"kind": "status", "times": 0}, id="times"),
        pytest.param("/sim/faults", {"kind": "status", "probability": 2}, id="probability"),
        pytest.param("/sim/webhooks", {"duplicate": 2}, id="duplicates"),
        pytest.param("/sim/webhooks", {"delay_ms": -1}, id="delay"),
        pytest.param("/sim/webhooks/url", {"url": "nowhere"}, id="endpoint"),
    ],
)
def test_control_call_with_an_impossible_number_changes_nothing(simulator, v2, path, body):
    answer = simulator.http.post(path, json=body)

    state = simulator.state()
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (state["offset_s"], state["faults"], state["webhook"]["delay_ms"]) == (simulator.ahead_s, [], 0)
    assert v2.get("/users/me").status_code == 200


def test_control_call_about_nothing_does_not_exist(simulator, schedule):
    meeting = schedule()

    long_number = simulator.http.post(f"/sim/meetings/{LONG_NUMBER}/start")
    occurrence = simulator.http.post(f"/sim/meetings/{meeting['id']}/start", json={"occurrence_id": "1"})

    assert [long_number.status_code, occurrence.status_code] == [404, 404]
