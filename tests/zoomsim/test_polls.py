"""Polls of meetings: which Zoom takes, who answered what, and what was asked."""

from typing import Any

import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import signed_in
from tests.zoomsim.shapes import differences

POLL = {
    "title": "Where are we?",
    "questions": [
        {"name": "Clear so far?", "type": "single", "answers": ["Yes", "No"]},
        {"name": "What next?", "type": "multiple", "answers": ["Examples", "Theory", "A break"]},
    ],
}
SHOWN = {
    "id": "",
    "status": "",
    "title": "",
    "anonymous": False,
    "poll_type": 1,
    "questions": [{"name": "", "type": "", "answer_required": False, "answers": [""]}],
}
HOST = "host01@zoomsim.example"


def make(v2, meeting, **changes):
    answer = v2.post(f"/meetings/{meeting['id']}/polls", json=POLL | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def held(simulator, v2, meeting, polls):
    """Let a meeting take place in which Omar answers these polls and asks one thing; return the run's uuid."""
    simulator.start_meeting(meeting["id"])
    omar = simulator.join(meeting["id"], "Omar Aziz", email="omar@school.example")
    for poll in polls:
        simulator.control(
            f"meetings/{meeting['id']}/answer",
            poll_id=poll["id"],
            participant_uuid=omar,
            answers={"Clear so far?": "Yes", "What next?": ["Theory", "A break"]},
        )
    simulator.control(f"meetings/{meeting['id']}/ask", participant_uuid=omar, question="Why?", answer="Because.")
    return simulator.end_meeting(meeting["id"])["uuid"]


def test_poll_is_made_shown_changed_and_deleted(schedule, v2):
    meeting = schedule()
    made = make(v2, meeting)
    path = f"/meetings/{meeting['id']}/polls"

    listed = v2.get(path).json()
    changed = v2.put(f"{path}/{made['id']}", json=POLL | {"title": "And now?"})
    shown = v2.get(f"{path}/{made['id']}").json()
    deleted = v2.delete(f"{path}/{made['id']}")
    gone = v2.get(f"{path}/{made['id']}")

    assert differences(SHOWN, made) == []
    assert (made["status"], made["anonymous"], made["poll_type"]) == ("notstart", False, 1)
    assert listed == {"total_records": 1, "polls": [made]}
    assert (changed.status_code, changed.content, shown["title"], shown["id"]) == (204, b"", "And now?", made["id"])
    assert deleted.status_code == 204
    assert (gone.status_code, gone.json()) == (404, {"code": 404, "message": "Meeting poll not found."})


def test_polls_are_made_together_or_not_at_all(schedule, v2):
    meeting = schedule()
    path = f"/meetings/{meeting['id']}"

    refused = v2.post(f"{path}/batch_polls", json={"polls": [POLL, {"title": "No questions"}]})
    made = v2.post(f"{path}/batch_polls", json={"polls": [POLL, POLL | {"anonymous": True}]})

    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"field": "polls[1].questions", "message": "This field is required."}]
    assert (made.status_code, [poll["anonymous"] for poll in made.json()["polls"]]) == (201, [False, True])
    assert v2.get(f"{path}/polls", params={"anonymous": "true"}).json()["polls"] == made.json()["polls"][1:]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 65}, "title"),
        ({"poll_type": 4}, "poll_type"),
        ({"questions": [{"name": "Why?", "type": "essay"}]}, "questions[0].type"),
        ({"questions": [{"name": "Why?", "type": "long_answer"}]}, "questions[0].type"),
        ({"questions": [{"name": "Which?", "type": "single", "answers": ["One"]}]}, "questions[0].answers"),
        ({"questions": [{"type": "single", "answers": ["One", "Two"]}]}, "questions[0].name"),
    ],
    ids=str,
)
def test_what_makes_no_poll_is_named(schedule, v2, changes, field):
    answer = v2.post(f"/meetings/{schedule()['id']}/polls", json=POLL | changes)

    assert (answer.status_code, answer.json()["code"]) == (400, 300)
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_quiz_keeps_what_is_right_and_takes_every_kind_of_question(schedule, v2):
    questions: list[dict[str, Any]] = [
        {"name": "2 + 2?", "type": "single", "answers": ["3", "4"], "right_answers": ["4"], "answer_required": True},
        {"name": "Say why.", "type": "long_answer", "answer_max_character": 500},
        {"name": "How sure?", "type": "rating_scale", "rating_min_value": 0, "rating_max_value": 5},
        {
            "name": "Which goes with which?",
            "type": "matching",
            "answers": ["a", "b"],
            "prompts": [{"prompt_question": "1", "prompt_right_answers": ["a"]}],
        },
    ]

    made = make(v2, schedule(), poll_type=3, questions=questions)

    kept = made["questions"]
    assert (kept[0]["right_answers"], kept[0]["answer_required"]) == (["4"], True)
    assert (kept[1]["answer_max_character"], kept[2]["rating_max_value"]) == (500, 5)
    assert kept[3]["prompts"] == questions[3]["prompts"]


def test_where_there_are_no_polls(schedule, v2):
    unscheduled = schedule(type=3)
    v2.patch("/users/host02@zoomsim.example", json={"type": 1})
    unlicensed = schedule("host02@zoomsim.example")

    for meeting in (unscheduled, unlicensed):
        answer = v2.get(f"/meetings/{meeting['id']}/polls")
        assert (answer.status_code, answer.json()["code"]) == (400, 4400)
    assert v2.get("/meetings/81/polls").json()["code"] == 3001


def test_a_meeting_has_fifty_polls_at_most(schedule, v2):
    meeting = schedule()
    v2.post(f"/meetings/{meeting['id']}/batch_polls", json={"polls": [POLL] * 50})

    answer = v2.post(f"/meetings/{meeting['id']}/polls", json=POLL)

    assert (answer.status_code, answer.json()["code"]) == (400, 4400)
    assert "maximum of 50" in answer.json()["message"]


def test_answers_are_told_by_person_afterwards_and_nobodys_where_a_poll_is_anonymous(schedule, v2, simulator):
    meeting = schedule()
    named, nameless = make(v2, meeting), make(v2, meeting, anonymous=True)
    uuid = held(simulator, v2, meeting, [named, nameless])

    past = v2.get(f"/past_meetings/{meeting['id']}/polls").json()
    report = v2.get(f"/report/meetings/{meeting['id']}/polls").json()

    assert (past["id"], past["uuid"]) == (meeting["id"], uuid)
    assert [row["name"] for row in past["questions"]] == ["Omar Aziz", "Anonymous Attendee"]
    first = past["questions"][0]["question_details"]
    assert [(one["question"], one["answer"], one["polling_id"]) for one in first] == [
        ("Clear so far?", "Yes", named["id"]),
        ("What next?", "Theory;A break", named["id"]),
    ]
    # A stranger's address is not told, as in all reports.
    assert past["questions"][0]["email"] == ""
    assert (report["questions"][0]["first_name"], report["questions"][0]["last_name"]) == ("Omar", "Aziz")
    assert [poll["status"] for poll in v2.get(f"/meetings/{meeting['id']}/polls").json()["polls"]] == ["ended"] * 2


def test_questions_are_told_with_their_answers(schedule, v2, simulator):
    meeting = schedule()
    held(simulator, v2, meeting, [])

    past = v2.get(f"/past_meetings/{meeting['id']}/qa").json()
    report = v2.get(f"/report/meetings/{meeting['id']}/qa").json()

    assert past["questions"] == [
        {"email": "", "name": "Omar Aziz", "question_details": [{"question": "Why?", "answer": "Because."}]}
    ]
    (asked,) = report["questions"][0]["question_details"]
    assert (asked["question_status"], asked["answer_details"][0]["email"]) == ("answered", HOST)


def test_nothing_is_told_of_what_has_not_taken_place(schedule, v2, simulator):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])

    for path in ("past_meetings/{}/polls", "past_meetings/{}/qa", "report/meetings/{}/polls", "report/meetings/{}/qa"):
        answer = v2.get(f"/{path.format(meeting['id'])}")
        assert (answer.status_code, answer.json()["code"]) == (404, 3001), path
    simulator.end_meeting(meeting["id"])
    assert v2.get(f"/past_meetings/{meeting['id']}/polls").json()["questions"] == []


def test_only_who_is_inside_answers(schedule, v2, simulator):
    meeting = schedule()
    poll = make(v2, meeting)
    body = {"poll_id": poll["id"], "participant_uuid": "nobody", "answers": {"Clear so far?": "Yes"}}

    def answered(**changes):
        return simulator.http.post(f"/sim/meetings/{meeting['id']}/answer", json=body | changes).status_code

    before = answered()
    simulator.start_meeting(meeting["id"])
    omar = simulator.join(meeting["id"], "Omar")

    assert (before, answered(), answered(participant_uuid=omar)) == (409, 409, 200)
    assert answered(participant_uuid=omar, poll_id="other") == 404
    assert answered(participant_uuid=omar, answers={"Other?": "Yes"}) == 400


def test_polls_need_their_scopes(schedule, v2):
    meeting = schedule()
    with Simulator(hosts=1, scope=["meeting:write:meeting:admin"]) as other, signed_in(other) as client:
        number = client.post("/users/me/meetings", json={"topic": "Algebra"}).json()["id"]
        answer = client.get(f"/meetings/{number}/polls")

    assert answer.json()["code"] == 4711
    assert "meeting:read:list_polls:admin" in answer.json()["message"]
    assert v2.get(f"/meetings/{meeting['id']}/polls").status_code == 200
