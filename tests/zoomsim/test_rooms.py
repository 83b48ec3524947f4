"""Meetings taking place: who may come in, under which ids, and what remains of it."""

import pytest

from tests.zoomsim.conftest import in_utc
from tests.zoomsim.shapes import payload

STUDENT = payload("POST_meetings_registrants.request")
HOST = "host01@zoomsim.example"


def room(simulator, meeting):
    """Return what the control API tells about a meeting."""
    return simulator.meeting(meeting["id"])


def refused(simulator, meeting, **body):
    """Try to join and return the reason of the refusal."""
    answer = simulator.http.post(f"/sim/meetings/{meeting['id']}/join", json={"name": "Ali", **body})
    assert answer.status_code == 409, answer.text
    return answer.json()["code"]


def test_start_brings_the_host_in_and_twice_is_once(simulator, schedule):
    meeting = schedule()

    first, again = simulator.start_meeting(meeting["id"]), simulator.start_meeting(meeting["id"])

    (host,) = room(simulator, meeting)["participants"]
    assert first["uuid"] == again["uuid"] == meeting["uuid"]
    assert (host["email"], host["user_id"], host["is_host"], host["leave_time"]) == (HOST, "16778240", True, None)


def test_each_connection_has_ids_of_its_own(simulator, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    first = simulator.join(meeting["id"], "Ali")
    simulator.leave(meeting["id"], first)
    second = simulator.join(meeting["id"], "Ali")

    people = room(simulator, meeting)["participants"]

    assert first != second
    assert [person["user_id"] for person in people] == ["16778240", "16779264", "16780288"]


def test_each_run_has_a_uuid_of_its_own(simulator, schedule, v2):
    meeting = schedule(type=3)
    uuids = []
    for _run in range(3):
        uuids.append(simulator.start_meeting(meeting["id"])["uuid"])
        simulator.join(meeting["id"], "Ali")
        simulator.end_meeting(meeting["id"])

    listed = v2.get(f"/past_meetings/{meeting['id']}/instances").json()["meetings"]

    assert len(set(uuids)) == 3
    assert uuids[0] == meeting["uuid"]
    assert [one["uuid"] for one in listed] == uuids
    assert v2.get(f"/meetings/{meeting['id']}").json()["uuid"] == uuids[-1]


def test_times_can_be_set(simulator, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"], at="2026-11-29T14:57:40Z")
    uuid = simulator.join(meeting["id"], "Ali", at="2026-11-29T17:02:03+02:00")
    simulator.leave(meeting["id"], uuid, at="2026-11-29T15:20:33Z")
    simulator.end_meeting(meeting["id"], at="2026-11-29T15:46:05Z")

    host, ali = room(simulator, meeting)["participants"]

    assert (ali["join_time"], ali["leave_time"]) == ("2026-11-29T15:02:03Z", "2026-11-29T15:20:33Z")
    assert (host["join_time"], host["leave_time"]) == ("2026-11-29T14:57:40Z", "2026-11-29T15:46:05Z")


def test_people_wait_for_the_host(simulator, schedule):
    meeting = schedule()

    assert refused(simulator, meeting) == "not_started"
    assert room(simulator, meeting)["participants"] == []


def test_host_who_joins_starts_the_meeting(simulator, schedule):
    meeting = schedule()

    simulator.join(meeting["id"], "Host", email=HOST)

    assert room(simulator, meeting)["status"] == "started"


@pytest.mark.parametrize(
    ("minutes", "ahead", "admitted"), [(0, 600, True), (5, 600, False), (15, 10, True)], ids=["any", "early", "in time"]
)
def test_join_before_host_opens_as_early_as_the_meeting_says(simulator, schedule, minutes, ahead, admitted):
    meeting = schedule(start_time=in_utc(minutes=ahead), settings={"join_before_host": True, "jbh_time": minutes})

    if admitted:
        simulator.join(meeting["id"], "Ali")
    else:
        assert refused(simulator, meeting) == "not_started"

    assert [person["name"] for person in room(simulator, meeting)["participants"]] == (["Ali"] if admitted else [])


def test_registrant_comes_in_while_approved(simulator, schedule, v2):
    meeting = schedule(settings={"approval_type": 0})
    student = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()["registrant_id"]
    simulator.start_meeting(meeting["id"])

    simulator.join(meeting["id"], "Student Seven", registrant_id=student)
    v2.put(
        f"/meetings/{meeting['id']}/registrants/status",
        json={"action": "cancel", "registrants": [{"id": student}]},
    )

    person = room(simulator, meeting)["participants"][1]
    assert (person["registrant_id"], person["email"]) == (student, STUDENT["email"])
    assert refused(simulator, meeting, registrant_id=student) == "not_registered"


def test_leaving_twice_is_refused(simulator, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    uuid = simulator.join(meeting["id"], "Ali")
    simulator.leave(meeting["id"], uuid)

    answer = simulator.http.post(f"/sim/meetings/{meeting['id']}/leave", json={"participant_uuid": uuid})

    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_meeting")


def test_end_of_a_meeting_that_does_not_run_changes_nothing(simulator, schedule):
    meeting = schedule()

    assert simulator.end_meeting(meeting["id"]) == {}
    assert room(simulator, meeting)["runs"] == []


def test_host_beyond_the_limit_ends_the_oldest_meeting(simulator, schedule):
    first, second, third, other = schedule(), schedule(), schedule(), schedule("host02@zoomsim.example")
    for meeting in (other, first, second):
        simulator.start_meeting(meeting["id"])
    simulator.join(first["id"], "Ali")

    simulator.start_meeting(third["id"])

    assert [room(simulator, meeting)["status"] for meeting in (other, first, second, third)] == [
        "started",
        "waiting",
        "started",
        "started",
    ]
    reasons = {person["leave_reason"] for person in room(simulator, first)["participants"]}
    assert "Ali left the meeting.<br>Reason: Host started a new meeting." in reasons


@pytest.mark.parametrize("what", ["start", "end", "join", "leave"])
def test_unknown_meeting_has_no_room(simulator, what):
    answer = simulator.http.post(f"/sim/meetings/123/{what}", json={"name": "Ali"})

    assert (answer.status_code, answer.json()) == (404, {"error": "There is no such meeting."})
