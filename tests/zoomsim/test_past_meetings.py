"""What is told about a meeting afterwards: when, to whom, and about whom."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.simulator import Simulator
from tests.zoomsim.conftest import NOW, signed_in
from tests.zoomsim.shapes import payload

STUDENT = payload("POST_meetings_registrants.request")
DAY_S = 86_400


@pytest.fixture
def take_place(simulator):
    """Return a function that lets a meeting take place with the host and some people, and its reports appear."""

    def run(meeting, *people):
        uuid = simulator.start_meeting(meeting["id"])["uuid"]
        for person in people:
            simulator.join(meeting["id"], **person)
        simulator.end_meeting(meeting["id"])
        return uuid

    return run


@pytest.fixture
def reported(simulator):
    """Return a function that waits until reports have appeared."""
    return lambda: simulator.clock(61)


def rows(v2, path, **params):
    """Return the participants that a call lists."""
    answer = v2.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["participants"]


def test_durations_are_minutes_of_the_meeting_and_seconds_of_a_stay(simulator, schedule, v2, reported):
    meeting = schedule()
    simulator.start_meeting(meeting["id"], at="2026-11-20T14:57:40Z")
    uuid = simulator.join(meeting["id"], "Ali", at="2026-11-20T15:02:03Z")
    simulator.leave(meeting["id"], uuid, at="2026-11-20T15:20:33Z")
    simulator.end_meeting(meeting["id"], at="2026-11-20T15:46:05Z")
    reported()

    past = v2.get(f"/past_meetings/{meeting['id']}").json()
    host, ali = rows(v2, f"/report/meetings/{meeting['id']}/participants")

    assert (past["duration"], past["total_minutes"], past["participants_count"]) == (49, 49 + 19, 2)
    assert (past["start_time"], past["end_time"]) == ("2026-11-20T14:57:40Z", "2026-11-20T15:46:05Z")
    assert (host["duration"], ali["duration"]) == (2905, 1110)


def test_number_means_the_latest_run_and_uuid_names_any(schedule, v2, take_place, reported):
    meeting = schedule(type=3)
    first = take_place(meeting, {"name": "Ali"})
    second = take_place(meeting, {"name": "Ali"}, {"name": "Badr"})
    reported()

    by_number = v2.get(f"/past_meetings/{meeting['id']}").json()
    by_uuid = v2.get(f"/past_meetings/{quote(first, safe='')}").json()
    twice_encoded = v2.get(f"/past_meetings/{quote(quote(first, safe=''), safe='')}").json()

    assert (by_number["uuid"], by_number["participants_count"]) == (second, 3)
    assert by_uuid == twice_encoded
    assert (by_uuid["uuid"], by_uuid["participants_count"]) == (first, 2)
    assert len(rows(v2, f"/report/meetings/{quote(quote(first, safe=''), safe='')}/participants")) == 2


def test_uuid_with_slashes_is_found(simulator, schedule, v2, take_place):
    meeting = schedule(type=3)
    uuids = [take_place(meeting, {"name": "Ali"}) for _run in range(60)]
    with_slash = next(uuid for uuid in uuids if "/" in uuid)

    for segment in (quote(with_slash, safe=""), quote(quote(with_slash, safe=""), safe="")):
        assert v2.get(f"/past_meetings/{segment}").json()["uuid"] == with_slash


def test_meeting_that_has_not_ended_is_not_past(schedule, v2, simulator):
    meeting = schedule()
    before = v2.get(f"/past_meetings/{meeting['id']}")
    simulator.start_meeting(meeting["id"])
    during = v2.get(f"/past_meetings/{meeting['id']}")

    assert [(answer.status_code, answer.json()["code"]) for answer in (before, during)] == [(404, 3001)] * 2


@pytest.mark.parametrize(
    "call", ["past_meetings/{}/participants", "report/meetings/{}/participants", "report/meetings/{}"]
)
def test_report_appears_some_time_after_the_end(schedule, v2, take_place, reported, call):
    meeting = schedule()
    take_place(meeting, {"name": "Ali"})
    path = f"/{call.format(meeting['id'])}"

    early = v2.get(path)
    reported()

    assert (early.status_code, early.json()["code"]) == (404, 3001)
    assert v2.get(path).status_code == 200


def test_meeting_of_one_person_is_not_reported(schedule, v2, take_place, reported):
    meeting = schedule()
    take_place(meeting)
    reported()

    assert v2.get(f"/report/meetings/{meeting['id']}/participants").status_code == 404
    assert v2.get(f"/past_meetings/{meeting['id']}/participants").status_code == 404
    assert v2.get(f"/past_meetings/{meeting['id']}").status_code == 200


def test_email_is_shown_only_of_people_zoom_knows(schedule, v2, take_place, reported):
    meeting = schedule(settings={"approval_type": 0, "meeting_invitees": [{"email": "invited@school.example"}]})
    student = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()["registrant_id"]
    take_place(
        meeting,
        {"name": "Colleague", "email": "host02@zoomsim.example"},
        {"name": "Registered", "registrant_id": student},
        {"name": "Invited", "email": "invited@school.example"},
        {"name": "Guest", "email": "guest@example.org", "customer_key": "stu-7"},
    )
    reported()

    listed = rows(v2, f"/report/meetings/{meeting['id']}/participants", include_fields="registrant_id")

    assert {row["name"]: row["user_email"] for row in listed} == {
        "Host 01": "host01@zoomsim.example",
        "Colleague": "host02@zoomsim.example",
        "Registered": STUDENT["email"],
        "Invited": "invited@school.example",
        "Guest": "",
    }
    assert {row["name"]: row["registrant_id"] for row in listed if row["registrant_id"]} == {"Registered": student}
    assert {row["name"]: row["customer_key"] for row in listed if row["customer_key"]} == {"Guest": "stu-7"}
    assert [row["participant_user_id"] != "" for row in listed] == [True, True, False, False, False]


def test_internal_users_are_marked(schedule, v2, take_place, reported):
    meeting = schedule()
    take_place(meeting, {"name": "Guest"})
    reported()

    listed = rows(v2, f"/past_meetings/{meeting['id']}/participants")

    assert [(row["name"], row["internal_user"]) for row in listed] == [("Host 01", True), ("Guest", False)]
    assert all("registrant_id" not in row for row in listed)


def test_long_list_of_participants_comes_in_pages(schedule, v2, take_place, reported):
    meeting = schedule()
    take_place(meeting, *({"name": f"S{number}"} for number in range(9)))
    reported()
    path = f"/report/meetings/{meeting['id']}/participants"

    first = v2.get(path, params={"page_size": 6}).json()
    second = v2.get(path, params={"page_size": 6, "next_page_token": first["next_page_token"]}).json()

    assert (first["total_records"], first["page_count"]) == (10, 2)
    names = [row["name"] for page in (first, second) for row in page["participants"]]
    assert names == ["Host 01", *(f"S{number}" for number in range(9))]
    assert second["next_page_token"] == ""


def test_meeting_over_a_year_ago_is_out_of_reach(schedule, v2, simulator, take_place):
    meeting = schedule()
    take_place(meeting, {"name": "Ali"})
    simulator.clock(370 * DAY_S)
    v2.headers["Authorization"] = f"Bearer {simulator.access_token()}"

    answers = [v2.get(f"/{kind}/{meeting['id']}") for kind in ("past_meetings", "report/meetings")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, 12702)] * 2


def test_users_report_lists_a_month_of_meetings(schedule, v2, take_place):
    meeting = schedule(type=3)
    uuids = [take_place(meeting, {"name": "Ali"}), take_place(meeting)]
    today = NOW.date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today)}

    past = v2.get("/report/users/me/meetings", params=days).json()
    of_one = v2.get("/report/users/me/meetings", params=days | {"type": "pastOne"}).json()
    too_long = v2.get("/report/users/me/meetings", params=days | {"from": str(today - timedelta(days=60))})

    assert [row["uuid"] for row in past["meetings"]] == uuids
    assert (past["from"], past["to"], past["total_records"]) == (days["from"], days["to"], 2)
    assert [row["uuid"] for row in of_one["meetings"]] == [uuids[1]]
    assert (too_long.status_code, too_long.json()["code"]) == (400, 300)
    assert v2.get("/report/users/me/meetings").status_code == 400


def test_free_account_has_no_past_meetings():
    with Simulator(plan="free", hosts=1, account_id="kZ3vQ8hTRa2mWb1xN5oPqA") as simulator:
        simulator.account_id = "kZ3vQ8hTRa2mWb1xN5oPqA"
        with signed_in(simulator) as client:
            answer = client.get("/past_meetings/1")

    assert (answer.status_code, answer.json()) == (400, payload("error.400_200_paid_only"))
