"""Every answer has the shape of the captured one: the same keys with the same types."""

from typing import Any

import pytest

from tests.zoomsim.conftest import signed_in
from tests.zoomsim.shapes import differences, payload

SINGLE = payload("POST_users_userId_meetings.request_scheduled")
SERIES = payload("POST_users_userId_meetings.request_recurring")
STUDENT = payload("POST_meetings_registrants.request")
DAY_S = 86_400


@pytest.fixture
def over(simulator, v2, schedule):
    """A meeting with a host, a registered student who came twice, and its reports there."""
    meeting = schedule(settings={"approval_type": 0})
    student = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()
    simulator.start_meeting(meeting["id"])
    for _visit in range(2):
        uuid = simulator.join(meeting["id"], "Student Seven", registrant_id=student["registrant_id"])
        simulator.leave(meeting["id"], uuid)
    simulator.end_meeting(meeting["id"])
    simulator.clock(120)
    return meeting


def test_token_answer(simulator):
    answer = simulator.http.post(
        "/oauth/token",
        data={"grant_type": "account_credentials", "account_id": "sim-account"},
        auth=("sim-client", "sim-secret"),
    )

    assert differences(payload("oauth_token.200"), answer.json()) == []


@pytest.mark.parametrize("path", ["/users/me", "/users/host02%40zoomsim.example"])
def test_user(v2, path):
    assert differences(payload("GET_users_userId.200"), v2.get(path).json()) == []


def test_user_list(v2):
    assert differences(payload("GET_users.200"), v2.get("/users", params={"page_size": 1}).json()) == []


def test_zak(v2):
    answer = v2.get("/users/me/token", params={"type": "zak"}).json()

    assert differences(payload("GET_users_userId_token_zak.200"), answer) == []
    assert len(answer["token"]) <= 512


def test_created_meeting_and_the_same_again(v2):
    created = v2.post("/users/me/meetings", json=SINGLE).json()
    got = v2.get(f"/meetings/{created['id']}").json()

    assert differences(payload("POST_users_userId_meetings.201"), created) == []
    assert differences(payload("GET_meetings_meetingId.200"), got) == []
    # A new token of the host stands in each answer's start_url.
    assert {**got, "start_url": ""} == {**created, "start_url": ""}


def test_live_meeting(v2, schedule, simulator):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])

    got = v2.get(f"/meetings/{meeting['id']}").json()

    assert differences(payload("GET_meetings_meetingId_live.200"), got, optional=frozenset({"agenda"})) == []
    assert got["status"] == "started"


def test_created_series_has_its_first_start_and_the_same_later_has_not(v2):
    created = v2.post("/users/me/meetings", json=SERIES).json()
    v2.delete(f"/meetings/{created['id']}", params={"occurrence_id": created["occurrences"][1]["occurrence_id"]})
    got = v2.get(f"/meetings/{created['id']}").json()

    assert differences(payload("POST_users_userId_meetings_recurring.201"), created) == []
    assert differences(payload("GET_meetings_recurring_one_cancelled.200"), got) == []
    assert [one["status"] for one in got["occurrences"]] == ["available", "deleted", "available", "available"]


def test_list_of_meetings(v2):
    v2.post("/users/me/meetings", json=SINGLE)
    v2.post("/users/me/meetings", json=SERIES)

    answer = v2.get("/users/me/meetings").json()

    captured = payload("GET_users_userId_meetings.200")
    assert differences({**captured, "meetings": []}, {**answer, "meetings": []}) == []
    by_type = {meeting["type"]: meeting for meeting in answer["meetings"]}
    for expected in captured["meetings"]:
        assert differences(expected, by_type[expected["type"]]) == []


def test_registrant_of_a_series(v2):
    meeting = v2.post("/users/me/meetings", json=SERIES).json()

    answer = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()

    assert differences(payload("POST_meetings_registrants.201"), answer) == []


def test_registrant_who_waits_for_approval(v2, schedule):
    meeting = schedule(settings={"approval_type": 1})

    answer = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()

    assert differences(payload("POST_meetings_registrants_pending.201"), answer) == []


def test_list_of_registrants(v2, schedule):
    meeting = schedule(settings={"approval_type": 0})
    v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT)

    answer = v2.get(f"/meetings/{meeting['id']}/registrants").json()

    assert differences(payload("GET_meetings_registrants.200"), answer) == []


def test_batch_of_registrants(v2, schedule):
    meeting = schedule(settings={"approval_type": 0})

    answer = v2.post(
        f"/meetings/{meeting['id']}/batch_registrants", json=payload("POST_meetings_batch_registrants.request")
    ).json()

    assert differences(payload("POST_meetings_batch_registrants.201"), answer) == []


def test_past_meeting(v2, over):
    answer = v2.get(f"/past_meetings/{over['id']}").json()

    assert differences(payload("GET_past_meetings_meetingId.200"), answer) == []


def test_instances_of_a_past_meeting(v2, over):
    answer = v2.get(f"/past_meetings/{over['id']}/instances").json()

    assert differences(payload("GET_past_meetings_instances.200"), answer) == []


def test_participants_of_a_past_meeting(v2, over):
    answer = v2.get(f"/past_meetings/{over['id']}/participants").json()

    captured = payload("GET_past_meetings_participants.200")
    assert differences(captured, answer, optional=frozenset({"page_number"})) == []
    assert answer["page_number"] == 1


def test_report_of_a_meeting(v2, over):
    answer = v2.get(f"/report/meetings/{over['id']}").json()

    assert differences(payload("GET_report_meetings_meetingId.200"), answer) == []


def test_report_of_participants(v2, over):
    answer = v2.get(f"/report/meetings/{over['id']}/participants", params={"include_fields": "registrant_id"}).json()

    captured = payload("GET_report_meetings_participants_include_registrant.200")
    assert differences(captured, answer, optional=frozenset({"page_number"})) == []


def _errors(v2, schedule, simulator) -> dict[str, Any]:
    """Return the answers that must equal the captured errors, by the name of the capture."""
    plain, open_ = schedule(), schedule(settings={"approval_type": 0})
    gone = v2.delete(f"/meetings/{plain['id']}") and plain["id"]
    closed = schedule()
    answers = {
        "400_300_bad_json": v2.post("/users/me/meetings", content=b"no json"),
        "400_300_page_token": v2.get("/users", params={"next_page_token": "tK3mZx0qLrPn5vYb7sWd9uHc1jGf"}),
        "400_300_validation": v2.post("/users/me/meetings", json={"settings": {"approval_type": 5}}),
        "400_3027_host_register": v2.post(
            f"/meetings/{open_['id']}/registrants", json={"email": "host01@zoomsim.example", "first_name": "Host"}
        ),
        "400_404_registration_off": v2.post(f"/meetings/{closed['id']}/registrants", json=STUDENT),
        "401_124_invalid_token": v2.get("/users/me", headers={"Authorization": "Bearer forged"}),
        "404_1001_user": v2.get("/users/nobody@school.example"),
        "404_3001_meeting": v2.get(f"/meetings/{gone}"),
        "recordings": v2.get(f"/meetings/{closed['id']}/recordings"),
    }
    simulator.clock(3 * DAY_S)
    answers["401_124_expired_token"] = v2.get("/users/me")
    with signed_in(simulator) as later:
        answers["400_3038_meeting_over"] = later.post(f"/meetings/{open_['id']}/registrants", json=STUDENT)
    return {"gone": gone, "closed": closed["id"], **answers}


def test_errors_say_what_zoom_says(v2, schedule, simulator):
    answers = _errors(v2, schedule, simulator)
    gone, closed = answers.pop("gone"), answers.pop("closed")
    recordings = answers.pop("recordings")

    assert (recordings.status_code, recordings.json()) == (404, payload("GET_meetings_recordings.404"))
    for name, answer in answers.items():
        expected = payload(f"error.{name}")
        for captured_id, real_id in (("85240173966", gone), ("85240173966", closed)):
            if str(real_id) in answer.json()["message"]:
                expected["message"] = expected["message"].replace(captured_id, str(real_id))
        assert (answer.status_code, answer.json()) == (int(name[:3]), expected)
