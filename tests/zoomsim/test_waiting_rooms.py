"""The waiting room: who is sent there waits, is admitted or goes, and stands in the reports."""

import pytest

from tests.zoomsim.shapes import differences, payload

WITH_ROOM = {"settings": {"waiting_room": True}}


@pytest.fixture
def meeting(schedule, simulator):
    """A meeting with a waiting room, which runs."""
    made = schedule(**WITH_ROOM)
    simulator.start_meeting(made["id"], at="2026-11-25T08:00:00Z")
    return made


def test_who_waits_is_admitted_and_each_step_is_announced(meeting, simulator, receiver):
    waiting = simulator.join(meeting["id"], "Omar", waits=True, customer_key="student-7", at="2026-11-25T08:01:00Z")
    before = simulator.meeting(meeting["id"])["participants"]

    simulator.control(f"meetings/{meeting['id']}/admit", participant_uuid=waiting, at="2026-11-25T08:03:00Z")

    told = {
        name: receiver.wait_for(f"meeting.participant_{name}")
        for name in ("joined_waiting_room", "admitted", "left_waiting_room")
    }
    for name, event in told.items():
        assert differences(payload(f"webhook.meeting.participant_{name}"), event.body) == [], name
        assert event.object["participant"]["participant_uuid"] == waiting
    joined = receiver.wait_for("meeting.participant_joined")
    assert [one["name"] for one in before] == ["Host 01"]
    assert joined.object["participant"]["join_time"] == "2026-11-25T08:03:00Z"
    assert joined.object["participant"]["participant_uuid"] == waiting
    assert told["joined_waiting_room"].object["participant"]["date_time"] == "2026-11-25T08:01:00Z"


def test_report_tells_waiting_from_being_there(meeting, simulator, v2):
    admitted = simulator.join(meeting["id"], "Omar", waits=True, at="2026-11-25T08:01:00Z")
    simulator.control(f"meetings/{meeting['id']}/admit", participant_uuid=admitted, at="2026-11-25T08:03:00Z")
    simulator.join(meeting["id"], "Stranger", waits=True, at="2026-11-25T08:05:00Z")
    simulator.end_meeting(meeting["id"], at="2026-11-25T08:45:00Z")
    simulator.clock(120)

    for path in ("report/meetings", "past_meetings"):
        rows = v2.get(f"/{path}/{meeting['id']}/participants").json()["participants"]
        assert [(row["name"], row["status"], row["duration"]) for row in rows] == [
            ("Host 01", "in_meeting", 2700),
            ("Omar", "in_waiting_room", 120),
            ("Omar", "in_meeting", 2520),
            ("Stranger", "in_waiting_room", 2400),
        ]


def test_who_goes_from_the_waiting_room_was_never_in(meeting, simulator, receiver):
    waiting = simulator.join(meeting["id"], "Omar", waits=True)

    simulator.leave(meeting["id"], waiting)

    assert receiver.wait_for("meeting.participant_left_waiting_room").object["participant"]["user_name"] == "Omar"
    assert [one["name"] for one in simulator.meeting(meeting["id"])["participants"]] == ["Host 01"]
    again = simulator.http.post(f"/sim/meetings/{meeting['id']}/admit", json={"participant_uuid": waiting})
    assert (again.status_code, again.json()["code"]) == (409, "not_waiting")


def test_nobody_waits_where_there_is_no_waiting_room(schedule, simulator):
    plain = schedule()
    simulator.start_meeting(plain["id"])

    answer = simulator.http.post(f"/sim/meetings/{plain['id']}/join", json={"name": "Omar", "waits": True})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_waiting_room")
