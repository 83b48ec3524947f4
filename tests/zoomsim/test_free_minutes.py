"""What a host without a licence may do: one meeting at a time, for forty minutes by the simulator's clock."""

from datetime import timedelta

import pytest

from tests.simulator import Simulator, wait_until
from tests.zoomsim.conftest import NOW, in_utc, signed_in
from tests.zoomsim.receiver import Receiver

BASIC = "basic01@zoomsim.example"


@pytest.fixture(scope="module")
def mixed():
    """A simulated account with one licensed host and one without a licence."""
    with Simulator(hosts=1, basic_hosts=1) as simulator:
        yield simulator


@pytest.fixture
def simulator(mixed):
    """The account, with nothing scheduled, at `NOW`."""
    mixed.reset()
    mixed.set_clock(NOW)
    return mixed


def scheduled(simulator, user):
    """Schedule a meeting of an hour and return its number."""
    with signed_in(simulator) as client:
        body = {"topic": "Algebra", "start_time": in_utc(hours=1), "duration": 60}
        return client.post(f"/users/{user}/meetings", json=body).raise_for_status().json()["id"]


def told(receiver, event):
    """Return what the events of a kind were about."""
    return [request.object for request in receiver.requests if request.event == event]


def test_users_without_a_licence_are_listed_as_basic(simulator):
    with signed_in(simulator) as client:
        users = client.get("/users").json()["users"]

    assert {user["email"]: user["type"] for user in users} == {"host01@zoomsim.example": 2, BASIC: 1}


def test_meeting_of_a_basic_host_ends_after_forty_minutes_and_says_so(simulator):
    number = scheduled(simulator, BASIC)
    with Receiver(simulator.webhook_secret) as receiver:
        simulator.send_webhooks_to(receiver.url, receiver.secret)
        began = simulator.start_meeting(number)["start_time"]
        simulator.join(number, "Ali")
        simulator.clock(timedelta(minutes=39).total_seconds())
        assert [run["end_time"] for run in simulator.meeting(number)["runs"]] == [None]

        simulator.clock(timedelta(hours=3).total_seconds())
        wait_until(lambda: told(receiver, "meeting.ended"), what="the end")
        (ended,) = told(receiver, "meeting.ended")
        reasons = [left["participant"]["leave_reason"] for left in told(receiver, "meeting.participant_left")]

    (run,) = simulator.meeting(number)["runs"]
    assert began == "2026-11-25T09:30:00Z"
    assert run["end_time"] == ended["end_time"] == "2026-11-25T10:10:00Z"
    assert len(reasons) == 2
    assert all(reason.endswith("Exceeded free meeting minutes limit.") for reason in reasons)


def test_meeting_of_a_licensed_host_goes_on(simulator):
    number = scheduled(simulator, "host01@zoomsim.example")
    simulator.start_meeting(number)

    simulator.clock(timedelta(hours=3).total_seconds())

    assert [run["end_time"] for run in simulator.meeting(number)["runs"]] == [None]


def test_basic_host_runs_one_meeting_whatever_the_plan_allows(simulator):
    first, second = scheduled(simulator, BASIC), scheduled(simulator, BASIC)
    simulator.start_meeting(first)

    simulator.start_meeting(second)

    assert [run["end_time"] is None for run in simulator.meeting(first)["runs"]] == [False]
