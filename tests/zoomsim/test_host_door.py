"""The host's door: who is let in by a ZAK, and what hosts can do."""

import pytest

from tests.simulator import wait_until
from tests.zoomsim.browsing import ROOM, host_door, names, register, state


def test_host_starts_and_ends_by_the_start_link(simulator, browser, schedule):
    meeting = schedule()
    host = browser()

    door = host.get(host_door(meeting))
    room = host.post(host_door(meeting, "/start"))
    inside = names(simulator, meeting)
    over = host.post(host_door(meeting, "/end"))

    assert state(door) == "start"
    assert (state(room), inside) == (ROOM, ["Host 01"])
    assert "End for all" in room.text
    assert (state(over), simulator.meeting(meeting["id"])["status"]) == ("start", "waiting")


@pytest.mark.parametrize("zak", ["", "forged"], ids=["none", "forged"])
@pytest.mark.parametrize("what", ["", "/start", "/end"])
def test_wrong_zak_opens_nothing(simulator, browser, schedule, zak, what):
    meeting = schedule()
    path = f"/s/{meeting['id']}{what}"

    page = browser().request("POST" if what else "GET", path, params={"zak": zak})

    assert page.status_code == 403
    assert "This start link has expired" in page.text
    assert simulator.meeting(meeting["id"])["runs"] == []


def test_expired_zak_asks_for_a_new_link_but_leaves_the_host_in_the_room(simulator, browser, schedule):
    meeting = schedule()
    host = browser()
    host.post(host_door(meeting, "/start"))
    simulator.clock(3 * 3600)

    stranger, still = browser().get(host_door(meeting)), host.get(host_door(meeting))
    over = host.post(host_door(meeting, "/end"))

    assert (stranger.status_code, state(still)) == (403, ROOM)
    assert "You are no longer in the meeting" in over.text
    assert simulator.meeting(meeting["id"])["status"] == "waiting"


def test_alternative_host_starts_without_the_host(simulator, browser, schedule, v2):
    meeting = schedule(settings={"alternative_hosts": "host02@zoomsim.example"})
    zak = v2.get("/users/host02@zoomsim.example/token", params={"type": "zak"}).json()["token"]

    room = browser().post(f"/s/{meeting['id']}/start", params={"zak": zak})

    assert (state(room), names(simulator, meeting)) == (ROOM, ["Host 02"])
    assert "End for all" in room.text


def test_another_user_joins_as_themselves_without_a_hosts_powers(simulator, browser, schedule, v2):
    meeting = schedule()
    zak = v2.get("/users/host02@zoomsim.example/token", params={"type": "zak"}).json()["token"]
    member = browser()

    early = member.post(f"/s/{meeting['id']}/start", params={"zak": zak})
    simulator.start_meeting(meeting["id"])
    room = member.post(f"/s/{meeting['id']}/start", params={"zak": zak})
    ending = member.post(f"/s/{meeting['id']}/end", params={"zak": zak})

    assert "Only the host or an alternative host" in early.text
    assert (state(room), names(simulator, meeting)) == (ROOM, ["Host 01", "Host 02"])
    assert "End for all" not in room.text
    assert (ending.status_code, simulator.meeting(meeting["id"])["status"]) == (403, "started")


def test_door_says_which_meeting_a_start_would_end(simulator, browser, schedule):
    first, second, third = (schedule(topic=topic) for topic in ("Algebra", "Botany", "Chemistry"))
    for meeting in (first, second):
        simulator.start_meeting(meeting["id"])

    door = browser().get(host_door(third))
    browser().post(host_door(third, "/start"))

    assert "Starting this one will end:" in door.text
    assert "Algebra" in door.text
    assert "Botany" not in door.text
    assert simulator.meeting(first["id"])["status"] == "waiting"


def test_class_walks_in_and_everybody_leaves(simulator, browser, schedule):
    meeting = schedule()
    host = browser()
    host.post(host_door(meeting, "/start"))

    host.post(host_door(meeting, "/class"), data={"people": "3"})
    wait_until(lambda: len(names(simulator, meeting)) >= 2, what="somebody to walk in")
    host.post(host_door(meeting, "/empty"))

    assert names(simulator, meeting) == ["Host 01"]


def test_class_of_a_meeting_with_registration_are_its_registrants(simulator, browser, schedule, v2):
    meeting = schedule(settings={"approval_type": 0})
    person = register(v2, meeting)
    host = browser()
    host.post(host_door(meeting, "/start"))

    host.post(host_door(meeting, "/class"), data={"people": "60"})
    wait_until(lambda: len(simulator.meeting(meeting["id"])["participants"]) >= 2, seconds=15, what="the registrant")

    people = simulator.meeting(meeting["id"])["participants"][1:]
    assert {one["registrant_id"] for one in people} == {person["registrant_id"]}
    assert {one["name"] for one in people} == {"Student Seven"}
