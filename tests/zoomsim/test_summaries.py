"""What the AI Companion writes of meetings: when, who reads it, and what is announced."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.zoomsim.conftest import NOW
from tests.zoomsim.shapes import differences

AUTOMATIC = {"settings": {"auto_start_meeting_summary": True}}
LISTED: dict[str, Any] = {
    "meeting_id": 1,
    **{f"meeting_{name}": "" for name in ("host_id", "host_email", "uuid", "topic", "start_time", "end_time")},
    **{f"summary_{name}_time": "" for name in ("start", "end", "created", "last_modified")},
}
WHOLE = LISTED | {
    "summary_title": "",
    "summary_overview": "",
    "summary_details": [{"label": "", "summary": ""}],
    "next_steps": [""],
    "summary_content": "",
}


@pytest.fixture
def held(schedule, simulator):
    """Return a function that lets a meeting take place with one more person than its host, and returns it."""

    def run(guests=("Omar",), **body):
        meeting = schedule(**{**AUTOMATIC, **body})
        simulator.start_meeting(meeting["id"])
        for name in guests:
            simulator.join(meeting["id"], name)
        meeting["uuid"] = simulator.end_meeting(meeting["id"])["uuid"]
        return meeting

    return run


def test_meeting_that_asks_for_it_is_summed_up_and_announced(held, v2, receiver):
    meeting = held()
    event = receiver.wait_for("meeting.summary_completed")

    by_number = v2.get(f"/meetings/{meeting['id']}/meeting_summary").json()
    by_uuid = v2.get(f"/meetings/{quote(quote(meeting['uuid'], safe=''), safe='')}/meeting_summary").json()

    assert differences(WHOLE, by_number) == []
    assert by_number == by_uuid == event.object
    assert (by_number["meeting_id"], by_number["meeting_uuid"]) == (meeting["id"], meeting["uuid"])
    assert "Omar" in by_number["summary_overview"]
    assert by_number["summary_overview"] in by_number["summary_content"]
    assert v2.get(f"/past_meetings/{meeting['id']}").json()["has_meeting_summary"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"settings": {"auto_start_meeting_summary": False}},
        {"settings": {"auto_start_meeting_summary": True, "encryption_type": "e2ee"}},
        {"guests": ()},
    ],
    ids=["not asked for", "encrypted", "host alone"],
)
def test_others_are_not(held, v2, body):
    meeting = held(**body)

    answer = v2.get(f"/meetings/{meeting['id']}/meeting_summary")

    assert (answer.status_code, answer.json()["code"]) == (404, 3001)
    assert v2.get(f"/past_meetings/{meeting['id']}").json()["has_meeting_summary"] is False
    assert v2.get("/meetings/meeting_summaries").json()["summaries"] == []


def test_list_has_the_latest_first_in_pages_and_of_the_days_asked_for(held, v2):
    numbers = [held(topic=f"Lesson {number}")["id"] for number in range(3)]

    first = v2.get("/meetings/meeting_summaries", params={"page_size": 2}).json()
    second = v2.get(
        "/meetings/meeting_summaries", params={"page_size": 2, "next_page_token": first["next_page_token"]}
    ).json()
    day = f"{NOW:%Y-%m-%d}"
    before = v2.get("/meetings/meeting_summaries", params={"from": "2026-10-01", "to": "2026-10-31"}).json()

    assert differences(LISTED, first["summaries"][0]) == []
    assert first["from"] < day <= first["to"]
    assert sorted(one["meeting_id"] for page in (first, second) for one in page["summaries"]) == sorted(numbers)
    assert (second["next_page_token"], before["summaries"]) == ("", [])
    wrong = v2.get("/meetings/meeting_summaries", params={"from": "soon"})
    assert wrong.json()["errors"][0]["field"] == "from"


def test_words_of_a_test_are_written_changed_and_announced(held, v2, simulator, receiver):
    meeting = held(settings={})
    words = {"overview": "Fractions.", "details": [{"label": "Halves", "summary": "Cut."}], "next_steps": ["Page 4"]}

    simulator.control(f"meetings/{meeting['id']}/summary", **words)
    receiver.wait_for("meeting.summary_completed")
    simulator.clock(60)
    simulator.control(f"meetings/{meeting['id']}/summary", **words | {"overview": "Fractions, again."})
    updated = receiver.wait_for("meeting.summary_updated")
    shown = v2.get(f"/meetings/{meeting['id']}/meeting_summary").json()

    assert shown["summary_overview"] == updated.object["summary_overview"] == "Fractions, again."
    assert shown["summary_details"] == words["details"]
    assert shown["next_steps"] == ["Page 4"]
    assert updated.body["payload"]["operator"] == "host01@zoomsim.example"


def test_deleted_summary_is_gone_and_announced_without_its_words(held, v2, receiver):
    meeting = held()
    path = f"/meetings/{meeting['id']}/meeting_summary"

    deleted, again = v2.delete(path), v2.delete(path)
    event = receiver.wait_for("meeting.summary_deleted")

    assert (deleted.status_code, deleted.content, again.status_code) == (204, b"", 404)
    assert event.object["meeting_uuid"] == meeting["uuid"]
    assert "summary_overview" not in event.object


def test_nothing_is_summed_up_that_has_not_taken_place(schedule, simulator):
    answer = simulator.http.post(f"/sim/meetings/{schedule()['id']}/summary", json={"overview": "x"})

    assert answer.status_code == 409


def test_names_of_calls_are_no_numbers_of_meetings(v2):
    for method, path in (
        ("DELETE", "/meetings/meeting_summaries"),
        ("GET", "/past_meetings/qa"),
        ("GET", "/meetings/polls"),
    ):
        assert v2.request(method, path).json()["code"] == 2300, path
