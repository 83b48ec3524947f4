"""Lists: their kinds, their fields, their pages."""

from typing import Any

import pytest

from tests.zoomsim.conftest import in_utc
from tests.zoomsim.shapes import payload

MEETINGS = "/users/me/meetings"
FIFTEEN_MINUTES_S = 900


def ids(answer):
    """Return the numbers of the meetings in a list."""
    return [meeting["id"] for meeting in answer.json()["meetings"]]


@pytest.fixture
def seven(schedule):
    """Seven meetings, on the next seven days."""
    return [schedule(start_time=in_utc(days=day))["id"] for day in range(1, 8)]


def test_pages_follow_each_other_by_token_and_cover_the_list_once(v2, seven):
    pages, token = list[Any](), ""
    while token or not pages:
        answer = v2.get(MEETINGS, params={"page_size": 3, "next_page_token": token})
        pages.append(answer.json())
        token = answer.json()["next_page_token"]

    assert [[meeting["id"] for meeting in page["meetings"]] for page in pages] == [seven[:3], seven[3:6], seven[6:]]
    assert [page["page_number"] for page in pages] == [1, 2, 3]
    assert {(page["page_count"], page["page_size"], page["total_records"]) for page in pages} == {(3, 3, 7)}


def test_pages_follow_each_other_by_number(v2, seven):
    pages = [ids(v2.get(MEETINGS, params={"page_size": 4, "page_number": number})) for number in (1, 2, 3)]

    assert pages == [seven[:4], seven[4:], []]


def test_page_holds_30_and_at_most_300(v2):
    sizes = [v2.get(MEETINGS, params=params).json()["page_size"] for params in ({}, {"page_size": 999})]

    assert sizes == [30, 300]


def test_token_serves_only_the_list_it_was_given_for_and_15_minutes(v2, seven, simulator):
    token = v2.get(MEETINGS, params={"page_size": 3}).json()["next_page_token"]
    elsewhere = v2.get("/users/host02@zoomsim.example/meetings", params={"next_page_token": token})
    filtered = v2.get(MEETINGS, params={"next_page_token": token, "type": "upcoming"})
    simulator.clock(FIFTEEN_MINUTES_S - 5)
    in_time = v2.get(MEETINGS, params={"page_size": 3, "next_page_token": token})
    simulator.clock(FIFTEEN_MINUTES_S + 5)
    late = v2.get(MEETINGS, params={"page_size": 3, "next_page_token": token})

    assert ids(in_time) == seven[3:6]
    for refused in (elsewhere, filtered, late):
        assert (refused.status_code, refused.json()) == (400, payload("error.400_300_page_token"))


@pytest.mark.parametrize(
    "params", [{"type": "all"}, {"page_size": "many"}, {"from": "soon"}, {"timezone": "Middle/Earth"}]
)
def test_parameter_that_makes_no_sense_is_refused(v2, params):
    answer = v2.get(MEETINGS, params=params)

    assert (answer.status_code, answer.json()["code"]) == (400, 300)


def test_list_shows_little_and_cuts_the_agenda(v2, schedule):
    schedule(agenda="a" * 300, password="Kq7P2x", tracking_fields=[{"field": "f", "value": "v"}])

    (item,) = v2.get(MEETINGS).json()["meetings"]

    assert item["agenda"] == "a" * 250
    assert {"settings", "password", "start_url", "tracking_fields", "occurrences"}.isdisjoint(item)


def test_series_is_one_row_when_scheduled_and_one_per_occurrence_when_upcoming(v2, schedule):
    series = schedule(type=8, recurrence={"type": 1, "end_times": 3}, timezone="UTC")
    v2.delete(f"/meetings/{series['id']}", params={"occurrence_id": series["occurrences"][0]["occurrence_id"]})

    scheduled = v2.get(MEETINGS).json()["meetings"]
    upcoming = v2.get(MEETINGS, params={"type": "upcoming"}).json()["meetings"]

    second, third = (one["start_time"] for one in series["occurrences"][1:])
    assert [(one["id"], one["start_time"]) for one in scheduled] == [(series["id"], second)]
    assert [(one["id"], one["start_time"]) for one in upcoming] == [(series["id"], second), (series["id"], third)]


def test_live_lists_hold_what_runs(v2, schedule, simulator):
    running, _waiting = schedule(start_time=in_utc(minutes=1))["id"], schedule()["id"]
    simulator.start_meeting(running)

    assert ids(v2.get(MEETINGS, params={"type": "live"})) == [running]
    assert ids(v2.get(MEETINGS, params={"type": "upcoming_meetings"}))[0] == running


def test_days_narrow_the_list_in_the_named_zone(v2, schedule):
    late = schedule(start_time="2030-01-07T23:30:00Z")["id"]
    noon = schedule(start_time="2030-01-08T12:00:00Z")["id"]
    days = {"from": "2030-01-08", "to": "2030-01-08"}

    assert ids(v2.get(MEETINGS, params=days)) == [noon]
    assert ids(v2.get(MEETINGS, params=days | {"timezone": "Asia/Riyadh"})) == [late, noon]


def test_upcoming_meetings_are_those_of_the_next_day(v2, schedule):
    soon = schedule(start_time=in_utc(hours=3), settings={"use_pmi": False})
    schedule(start_time=in_utc(hours=30))

    answer = v2.get("/users/me/upcoming_meetings").json()

    assert answer["total_records"] == 1
    assert (answer["meetings"][0]["id"], answer["meetings"][0]["passcode"]) == (soon["id"], soon["password"])


def test_list_is_in_the_order_of_the_starts(v2, schedule):
    later, sooner = schedule(start_time=in_utc(days=9))["id"], schedule(start_time=in_utc(days=2))["id"]
    v2.patch(f"/meetings/{later}", json={"start_time": in_utc(days=1)})

    assert ids(v2.get(MEETINGS)) == [later, sooner]


def test_list_of_a_stranger_does_not_exist(v2):
    answer = v2.get("/users/nobody/meetings")

    assert (answer.status_code, answer.json()["code"]) == (404, 1001)
