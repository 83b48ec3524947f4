"""Registration: who may, what comes of it, and what Zoom says when it does not work."""

import pytest

from tests.zoomsim.shapes import payload

STUDENT = payload("POST_meetings_registrants.request")
OTHER = {"email": "student08@school.example", "first_name": "Student", "last_name": "Eight"}


@pytest.fixture
def automatic(schedule):
    """A meeting that lets everybody register."""
    return schedule(settings={"approval_type": 0})["id"]


@pytest.fixture
def manual(schedule):
    """A meeting whose registrants must be approved."""
    return schedule(settings={"approval_type": 1})["id"]


def add(v2, meeting, person=STUDENT, **params):
    """Register somebody and return the answer."""
    return v2.post(f"/meetings/{meeting}/registrants", json=person, params=params)


def listed(v2, meeting, **params):
    """Return the e-mails of a list of registrants."""
    answer = v2.get(f"/meetings/{meeting}/registrants", params=params)
    return [registrant["email"] for registrant in answer.json()["registrants"]]


def decide(v2, meeting, action, *registrants, **params):
    """Approve, cancel or deny registrants."""
    return v2.put(
        f"/meetings/{meeting}/registrants/status",
        json={"action": action, "registrants": list(registrants)},
        params=params,
    )


def test_registrant_gets_a_link_of_their_own(v2, automatic, simulator):
    first, second = add(v2, automatic).json(), add(v2, automatic, OTHER).json()

    assert first["join_url"].startswith(f"{simulator.url}/w/{automatic}?tk=")
    assert first["join_url"] != second["join_url"]
    assert len(first["registrant_id"]) == 22


def test_same_email_again_gives_the_same_registrant(v2, automatic):
    first, again = add(v2, automatic).json(), add(v2, automatic, STUDENT | {"email": STUDENT["email"].upper()}).json()

    assert again == first
    assert len(listed(v2, automatic)) == 1


def test_list_shows_approved_ones_unless_asked_and_never_cancelled_ones(v2, manual):
    waiting = add(v2, manual).json()
    other = add(v2, manual, OTHER | {"auto_approve": True}).json()
    decide(v2, manual, "deny", {"id": waiting["registrant_id"]})
    denied = listed(v2, manual, status="denied")
    decide(v2, manual, "cancel", {"id": other["registrant_id"], "email": OTHER["email"]})

    assert denied == [STUDENT["email"]]
    assert [listed(v2, manual), listed(v2, manual, status="pending")] == [[], []]
    assert v2.get(f"/meetings/{manual}/registrants", params={"status": "cancelled"}).status_code == 400


def test_approved_registrant_gets_the_link(v2, manual):
    waiting = add(v2, manual).json()

    answer = decide(v2, manual, "approve", {"id": waiting["registrant_id"], "email": STUDENT["email"]})

    one = v2.get(f"/meetings/{manual}/registrants/{waiting['registrant_id']}").json()
    assert ("join_url" in waiting, answer.status_code, answer.content) == (False, 204, b"")
    assert (one["status"], "join_url" in one) == ("approved", True)


def test_cancelled_registrant_may_register_again(v2, manual):
    first = add(v2, manual).json()
    decide(v2, manual, "cancel", {"email": STUDENT["email"]})

    again = add(v2, manual).json()

    assert again["registrant_id"] == first["registrant_id"]
    assert listed(v2, manual, status="pending") == [STUDENT["email"]]


def test_deleted_registrant_is_gone(v2, automatic):
    path = f"/meetings/{automatic}/registrants/{add(v2, automatic).json()['registrant_id']}"

    assert v2.delete(path).status_code == 204
    assert v2.get(path).status_code == 404
    assert listed(v2, automatic) == []


def test_profile_and_answers_come_back(v2, automatic):
    person = STUDENT | {"city": "Cairo", "custom_questions": [{"title": "Level?", "value": "B1"}], "unknown": 1}
    add(v2, automatic, person)

    (one,) = v2.get(f"/meetings/{automatic}/registrants").json()["registrants"]

    assert (one["city"], one["custom_questions"], one["address"]) == ("Cairo", person["custom_questions"], "")


@pytest.mark.parametrize(
    ("person", "fields"),
    [
        pytest.param({"first_name": "A"}, ["email"], id="no e-mail"),
        pytest.param({"email": "a@b.example"}, ["first_name"], id="no name"),
        pytest.param({"email": "nobody", "first_name": "A"}, ["email"], id="no address"),
        pytest.param({"email": "a@b.example", "first_name": "A" * 65}, ["first_name"], id="long name"),
    ],
)
def test_incomplete_registration_is_refused(v2, automatic, person, fields):
    answer = add(v2, automatic, person)

    assert [error["field"] for error in answer.json()["errors"]] == fields


def test_required_questions_must_be_answered(v2, automatic):
    form = {
        "questions": [{"field_name": "city", "required": True}],
        "custom_questions": [{"title": "Level?", "type": "single", "required": True, "answers": ["A1", "B1"]}],
    }
    changed = v2.patch(f"/meetings/{automatic}/registrants/questions", json=form)

    refused = add(v2, automatic)
    accepted = add(v2, automatic, STUDENT | {"city": "Cairo", "custom_questions": [{"title": "Level?", "value": "B1"}]})

    assert changed.status_code == 204
    assert v2.get(f"/meetings/{automatic}/registrants/questions").json() == form
    assert [error["field"] for error in refused.json()["errors"]] == ["city", "custom_questions"]
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        pytest.param("POST", "registrants", STUDENT, 404, id="add"),
        pytest.param("POST", "batch_registrants", {"registrants": [STUDENT]}, 404, id="batch"),
        pytest.param("DELETE", "registrants/x", None, 300, id="delete"),
    ],
)
def test_meeting_without_registration_says_so(v2, schedule, method, path, body, code):
    meeting = schedule()["id"]

    answer = v2.request(method, f"/meetings/{meeting}/{path}", json=body)

    expected = f"Registration has not been enabled for this meeting: {meeting}."
    assert (answer.status_code, answer.json()) == (400, {"code": code, "message": expected})


def test_batch_is_for_single_meetings_and_thirty_people(v2, automatic, schedule):
    series = schedule(type=8, recurrence={"type": 1, "end_times": 2}, settings={"approval_type": 0})["id"]
    people = [{"email": f"s{number}@school.example", "first_name": "S"} for number in range(31)]

    for_series = v2.post(f"/meetings/{series}/batch_registrants", json={"registrants": people[:1]})
    too_many = v2.post(f"/meetings/{automatic}/batch_registrants", json={"registrants": people})
    thirty = v2.post(f"/meetings/{automatic}/batch_registrants", json={"registrants": people[:30]})

    assert (for_series.status_code, for_series.json()["code"]) == (400, 303)
    assert (too_many.status_code, too_many.json()["code"]) == (400, 300)
    assert (thirty.status_code, len(thirty.json()["registrants"])) == (201, 30)


def test_batch_waits_for_approval_unless_it_approves(v2, manual):
    waiting = v2.post(f"/meetings/{manual}/batch_registrants", json={"registrants": [STUDENT]}).json()
    approved = v2.post(
        f"/meetings/{manual}/batch_registrants", json={"registrants": [OTHER], "auto_approve": True}
    ).json()

    assert ["join_url" in answer["registrants"][0] for answer in (waiting, approved)] == [False, True]


def test_registering_for_single_occurrences(v2, schedule):
    series = schedule(
        type=8, recurrence={"type": 1, "end_times": 3}, settings={"approval_type": 0, "registration_type": 3}
    )
    meeting, (first, second, third) = series["id"], [one["occurrence_id"] for one in series["occurrences"]]

    answer = add(v2, meeting, occurrence_ids=f"{first},{third}").json()
    path = f"/meetings/{meeting}/registrants/{answer['registrant_id']}"
    unnamed, from_first = v2.delete(path), v2.delete(path, params={"occurrence_id": first})

    assert [one["occurrence_id"] for one in answer["occurrences"]] == [first, third]
    assert (unnamed.status_code, from_first.status_code) == (400, 204)
    assert [listed(v2, meeting, occurrence_id=number) for number in (first, second, third)] == [
        [],
        [],
        [STUDENT["email"]],
    ]


def test_decision_about_one_occurrence_leaves_the_others(v2, schedule):
    series = schedule(type=8, recurrence={"type": 1, "end_times": 2}, settings={"approval_type": 0})
    first, second = (one["occurrence_id"] for one in series["occurrences"])
    add(v2, series["id"])

    decide(v2, series["id"], "cancel", {"email": STUDENT["email"]}, occurrence_id=first)

    assert listed(v2, series["id"], occurrence_id=first) == []
    assert listed(v2, series["id"], occurrence_id=second) == [STUDENT["email"]]


def test_registration_needs_a_licensed_host(v2, schedule):
    v2.post("/users", json={"action": "custCreate", "user_info": {"email": "basic@school.example", "type": 1}})
    meeting = schedule("basic@school.example", settings={"approval_type": 0})["id"]

    answer = add(v2, meeting)

    assert (answer.status_code, answer.json()["code"]) == (400, 3161)


def test_unknown_registrant_does_not_exist(v2, automatic):
    answers = [
        v2.get(f"/meetings/{automatic}/registrants/nobody"),
        v2.delete(f"/meetings/{automatic}/registrants/nobody"),
        decide(v2, automatic, "approve", {"email": "nobody@school.example"}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, 3001)] * 3
