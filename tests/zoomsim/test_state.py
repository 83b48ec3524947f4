"""A simulator with a state file goes on where it was, even after it was killed."""

import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import NOW, in_utc, signed_in
from tests.zoomsim.receiver import Receiver

pytestmark = pytest.mark.slow

DAY_S = 86_400
SERIES = {
    "type": 8,
    "recurrence": {"type": 1, "end_times": 3},
    "settings": {"approval_type": 1, "registration_type": 2},
}


@pytest.fixture
def kept(tmp_path):
    """A simulator that keeps its state in a file."""
    with Simulator(plan="unlimited", hosts=2, state=tmp_path / "state.jsonl") as simulator:
        simulator.set_clock(NOW)
        yield simulator


def without_links(meeting):
    """A new token of the host stands in each answer's start_url."""
    return {**meeting, "start_url": ""}


def test_everything_is_there_after_a_kill(kept):
    with signed_in(kept) as v2:
        v2.post("/users", json={"action": "autoCreate", "user_info": {"email": "new@school.example", "type": 2}})
        series = v2.post(
            "/users/new@school.example/meetings", json={"topic": "جبر", "start_time": in_utc(days=2), **SERIES}
        ).json()
        path, (first, second, _third) = f"/meetings/{series['id']}", series["occurrences"]
        v2.delete(path, params={"occurrence_id": first["occurrence_id"]})
        v2.patch(path, params={"occurrence_id": second["occurrence_id"]}, json={"duration": 25})
        person = v2.post(f"{path}/registrants", json={"email": "a@x.example", "first_name": "Amal"}).json()
        named = {"registrants": [{"id": person["registrant_id"]}]}
        v2.put(f"{path}/registrants/status", json={"action": "approve", **named})
        gone = v2.post("/users/me/meetings", json={"topic": "gone"}).json()
        v2.delete(f"/meetings/{gone['id']}")
        kept.start_meeting(series["id"], occurrence_id=second["occurrence_id"])
        kept.join(series["id"], "Amal", registrant_id=person["registrant_id"])
        kept.end_meeting(series["id"])
        kept.start_meeting(series["id"])
        before = kept.state()

        kept.restart()

        after = kept.state()
        assert [without_links(meeting) for meeting in after["meetings"]] == [
            without_links(meeting) for meeting in before["meetings"]
        ]
        assert [host["email"] for host in after["hosts"]] == [host["email"] for host in before["hosts"]]
        assert after["hosts"][-1]["live"] == [series["id"]]
        # The token from before the kill is still good.
        assert v2.get(path).json()["status"] == "started"
        assert v2.get(f"/meetings/{gone['id']}").status_code == 404


def test_polls_with_their_answers_and_summaries_are_there_after_a_kill(kept):
    question = {"name": "Clear?", "type": "single", "answers": ["Yes", "No"]}
    summed_up = {"topic": "Algebra", "type": 2, "settings": {"auto_start_meeting_summary": True}}
    with signed_in(kept) as v2:
        number = v2.post("/users/me/meetings", json=summed_up).json()["id"]
        poll = v2.post(f"/meetings/{number}/polls", json={"title": "Now", "questions": [question]}).json()
        kept.start_meeting(number)
        omar = kept.join(number, "Omar")
        answers = {"poll_id": poll["id"], "participant_uuid": omar, "answers": {"Clear?": "Yes"}}
        kept.control(f"meetings/{number}/answer", **answers)
        kept.control(f"meetings/{number}/ask", participant_uuid=omar, question="Why?")
        kept.end_meeting(number)
        paths = [
            f"/meetings/{number}/polls",
            f"/past_meetings/{number}/polls",
            f"/past_meetings/{number}/qa",
            f"/meetings/{number}/meeting_summary",
        ]
        before = [v2.get(path).json() for path in paths]

        kept.restart()

        assert [v2.get(path).json() for path in paths] == before


def test_endpoint_and_moved_clock_are_there_after_a_kill(kept):
    with Receiver("a secret") as receiver:
        kept.send_webhooks_to(receiver.url, receiver.secret)
        kept.clock(3 * DAY_S)

        kept.restart()

        state = kept.state()
        assert (state["webhook"]["url"], state["webhook"]["validated"]) == (receiver.url, True)
        assert state["offset_s"] == kept.ahead_s + 3 * DAY_S
        with signed_in(kept) as v2:
            v2.post("/users/me/meetings", json={"topic": "after"})
        assert receiver.wait_for("meeting.created").object["topic"] == "after"


def test_torn_last_line_is_left_out(kept):
    with signed_in(kept) as v2:
        meeting = v2.post("/users/me/meetings", json={"topic": "whole"}).json()
    kept.kill()
    (path,) = [argument for argument in kept.arguments if argument.endswith(".jsonl")]
    with open(path, "ab") as file:  # noqa: PTH123 -- the argument is text
        file.write(b'{"kind":"meeting","key":"1","val')

    kept.restart()

    assert [found["id"] for found in kept.state()["meetings"]] == [meeting["id"]]


def test_reset_is_kept_too(kept):
    with signed_in(kept) as v2:
        v2.post("/users/me/meetings", json={"topic": "forgotten"})
    kept.reset()

    kept.restart()

    state = kept.state()
    assert (state["meetings"], len(state["hosts"]), state["offset_s"]) == ([], 2, 0)
