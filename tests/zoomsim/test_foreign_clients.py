"""Clients that others wrote for Zoom work against the simulator when they are given its address."""

from datetime import timedelta
from typing import Any

import pytest
from zoom_python_client.zoom_api_client import ZoomApiClient
from zoom_python_client.zoom_auth_api.zoom_auth_api_client import ZoomAuthApiClient
from zoomus import ZoomClient

from tests.simulator import wait_until
from tests.zoomsim.conftest import NOW

HOST = "host02@zoomsim.example"


@pytest.fixture
def zoomus(simulator):
    """A client of the `zoomus` package."""
    return ZoomClient(
        simulator.client_id,
        simulator.client_secret,
        simulator.account_id,
        base_uri=simulator.api_url,
        oauth_uri=simulator.oauth_url,
    )


@pytest.fixture
def tomorrow():
    return (NOW + timedelta(days=1)).replace(tzinfo=None)


def test_zoomus_schedules_changes_and_deletes(zoomus, tomorrow):
    user = zoomus.user.get(id=HOST).json()
    made = zoomus.meeting.create(user_id=user["id"], topic="جبر", type=2, start_time=tomorrow, duration=45).json()
    changed = zoomus.meeting.update(id=made["id"], topic="Algebra", start_time=tomorrow + timedelta(days=1))
    shown = zoomus.meeting.get(id=made["id"]).json()
    deleted = zoomus.meeting.delete(id=made["id"])
    again = zoomus.meeting.delete(id=made["id"])

    assert (made["topic"], made["start_time"]) == ("جبر", f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}")
    assert (changed.status_code, changed.content) == (204, b"")
    assert shown["topic"] == "Algebra"
    assert (deleted.status_code, again.status_code, again.json()["code"]) == (204, 404, 3001)


def test_zoomus_edits_a_series_occurrence_by_occurrence(zoomus, tomorrow):
    made = zoomus.meeting.create(
        user_id=HOST, topic="Series", type=8, start_time=tomorrow, recurrence={"type": 1, "end_times": 3}
    ).json()
    zoomus.meeting.delete(id=made["id"], occurrence_id=made["occurrences"][1]["occurrence_id"])

    shown = zoomus.meeting.get(id=made["id"]).json()

    assert [occurrence["status"] for occurrence in shown["occurrences"]] == ["available", "deleted", "available"]


def test_zoomus_follows_the_pages_of_a_list(zoomus, tomorrow):
    for number in range(7):
        zoomus.meeting.create(user_id=HOST, topic=str(number), type=2, start_time=tomorrow)

    pages, token = list[Any](), ""
    while not pages or token:
        page = zoomus.meeting.list(user_id=HOST, page_size=3, next_page_token=token).json()
        pages.append([meeting["topic"] for meeting in page["meetings"]])
        token = page["next_page_token"]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert {topic for page in pages for topic in page} == set("0123456")


def test_zoomus_registers_people_and_reads_who_came(zoomus, simulator, tomorrow):
    meeting = zoomus.meeting.create(
        user_id=HOST, topic="Open", type=2, start_time=tomorrow, settings={"approval_type": 1}
    ).json()
    person = {"email": "amal@school.example", "first_name": "Amal", "last_name": "S."}
    added = zoomus.meeting.add_registrant(id=meeting["id"], **person).json()
    named = [{"id": added["registrant_id"], "email": person["email"]}]
    zoomus.meeting.update_registrant_status(id=meeting["id"], action="approve", registrants=named)
    simulator.start_meeting(meeting["id"])
    simulator.join(meeting["id"], "Amal", registrant_id=added["registrant_id"])
    zoomus.meeting.update_status(id=meeting["id"], action="end")
    simulator.clock(120)

    listed = zoomus.meeting.list_registrants(id=meeting["id"]).json()["registrants"]
    reported = zoomus.past_meeting.get_participants(meeting_id=str(meeting["id"])).json()["participants"]

    assert [registrant["email"] for registrant in listed] == [person["email"]]
    assert [row["user_email"] for row in reported] == [HOST, person["email"]]


def test_zoomus_names_runs_by_uuid_though_it_leaves_single_slashes_bare(zoomus, simulator, tomorrow):
    def run_with_a_slash() -> str:
        meeting = zoomus.meeting.create(user_id=HOST, topic="Run", type=2, start_time=tomorrow).json()
        simulator.start_meeting(meeting["id"])
        simulator.end_meeting(meeting["id"])
        return str(meeting["uuid"]) if "/" in meeting["uuid"].strip("/") else ""

    uuids: list[str] = []

    def another_run() -> str:
        uuids.append(run_with_a_slash())
        return uuids[-1]

    wait_until(another_run, seconds=30, what="a uuid with a slash inside")

    assert zoomus.past_meeting.get(meeting_id=uuids[-1]).json()["uuid"] == uuids[-1]


def test_zoom_python_client_reads_and_writes(simulator, schedule, monkeypatch, tmp_path):
    monkeypatch.setattr(ZoomAuthApiClient, "oauth_base_url", simulator.oauth_url.removesuffix("/token"))
    client = ZoomApiClient(
        simulator.account_id,
        simulator.client_id,
        simulator.client_secret,
        api_endpoint=simulator.api_url,
        use_path=str(tmp_path),
    )
    meeting = schedule(HOST)

    made = client.make_post_request(f"/users/{HOST}/meetings", data='{"topic": "Made"}').json()
    changed = client.make_patch_request(f"/meetings/{made['id']}", data={"topic": "Changed"})

    assert client.users.get_user(HOST)["email"] == HOST
    assert client.meetings.get_meeting(str(meeting["id"]))["uuid"] == meeting["uuid"]
    assert client.meetings.get_meeting_token(str(meeting["id"]))["token"]
    assert changed.status_code == 204
    listed = client.users.get_user_meetings(HOST, {"page_size": 50})["meetings"]
    assert {one["topic"] for one in listed} == {"Algebra", "Changed"}
