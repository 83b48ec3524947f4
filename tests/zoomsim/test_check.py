"""`zoomsim check`: the same answers, a different one that is told, and nothing left behind, whatever happens."""

import os
import signal
import subprocess
import sys

import pytest

from tests import processes
from tests.simulator import Simulator, wait_until
from zoomsim.check.desk import Desk, Target
from zoomsim.check.probes import PROBES
from zoomsim.check.shapes import Has, Kept, Missing, OneOf, differences


@pytest.fixture
def zoom():
    """A Zoom with a Business account's limits."""
    with Simulator(hosts=2) as simulator:
        yield simulator


def command(zoom, *more):
    return [sys.executable, "-m", "zoomsim", "check", zoom.url, *more]


def check(zoom, *more, **environment):
    return processes.run(
        command(zoom, *more), capture_output=True, text=True, check=False, env=os.environ | environment, timeout=120
    )


def left(zoom):
    """Return the topics of the meetings that are there."""
    return [meeting["topic"] for meeting in zoom.state()["meetings"] if not meeting["deleted"]]


def others_meeting(zoom):
    """Somebody has a meeting already, whose name looks alike."""
    headers = {"Authorization": f"Bearer {zoom.access_token()}"}
    body = {"topic": "zoom-check by hand", "type": 2}
    zoom.http.post("/v2/users/me/meetings", json=body, headers=headers).raise_for_status()


def test_simulator_answers_as_it_says_itself_and_keeps_only_what_was_there(zoom):
    others_meeting(zoom)

    done = check(zoom)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(PROBES)} same, 0 different, 0 skipped." in done.stdout
    assert left(zoom) == ["zoom-check by hand"]


def test_changed_answer_is_told_with_what_was_expected(zoom):
    zoom.fault(kind="status", method="DELETE", path="/meetings/{id}$", status=400, code=3002, times=1)
    zoom.fault(kind="status", method="GET", path="/users/{id}/settings", status=500, times=1)

    done = check(zoom)

    assert done.returncode == 1
    assert "status 500, not 200" in done.stdout
    assert "status 400 with code 3002, not 204" in done.stdout
    assert left(zoom) == []


def test_locked_setting_is_told_by_its_place(zoom):
    zoom.lock(waiting_room=False)

    done = check(zoom)

    assert "settings.waiting_room is False, not True" in done.stdout
    assert "1 different" in done.stdout


def test_scope_that_is_missing_is_no_difference():
    scopes = ["user:read:admin", "meeting:read:admin", "meeting:write:admin"]
    with Simulator(hosts=1, scope=scopes) as zoom:
        done = check(zoom)

    assert done.returncode == 0
    assert "the app lacks a scope" in done.stdout
    assert " 0 different, 2 skipped." in done.stdout


def test_meeting_whose_creation_seemed_to_fail_is_deleted_too(zoom):
    zoom.fault(kind="drop_response", method="POST", path="/users/{id}/meetings$", times=1)

    done = check(zoom)

    assert done.returncode == 1
    assert "Stopped before the end" in done.stderr
    assert len(zoom.state()["meetings"]) == 1
    assert left(zoom) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_interrupted_check_clears_up_although_it_is_interrupted_again(zoom, number):
    # So slow that it is not over before it is interrupted, however busy the machine is.
    zoom.fault(kind="latency", ms=250)
    running = processes.start(command(zoom), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(lambda: len(zoom.state()["meetings"]) >= 3, seconds=60, what="some meetings")

    running.send_signal(number)
    wait_until(lambda: any(meeting["deleted"] for meeting in zoom.state()["meetings"]), seconds=60, what="a deletion")
    running.send_signal(number)
    said = running.communicate(timeout=60)[0]

    assert running.returncode == 130
    assert "interrupted" in said
    assert left(zoom) == []


def test_what_cannot_be_deleted_is_named(zoom):
    zoom.fault(kind="status", method="DELETE", path="/meetings/{id}$", status=400, code=3002)

    done = check(zoom)

    named = set(done.stderr.rpartition("Zoom: ")[2].strip().split(", "))
    assert named == {str(meeting["id"]) for meeting in zoom.state()["meetings"] if not meeting["deleted"]}


def test_check_waits_when_zoom_is_asked_too_fast(zoom):
    zoom.fault(kind="rate_limit", times=2)

    assert check(zoom).returncode == 0


def test_secrets_are_never_shown(zoom):
    zoom.fault(kind="status", path="/v2", status=401, code=124, times=8)

    done = check(zoom)

    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "sim-secret" not in said
    assert "zak=" not in said
    assert "pwd=" not in said


@pytest.mark.parametrize(
    ("more", "environment", "why"),
    [
        ([], {"ZOOMSIM_CLIENT_SECRET": "a-secret-of-another"}, "no token: status 400 Invalid client_id"),
        (["--oauth-url", "http://127.0.0.1:9/oauth/token"], {}, "127.0.0.1:9 does not answer"),
    ],
    ids=["secret", "address"],
)
def test_check_that_cannot_begin_says_why(zoom, more, environment, why):
    done = check(zoom, *more, **environment)

    assert done.returncode == 2
    assert why in done.stderr
    assert "a-secret-of-another" not in done.stderr


def test_list_says_what_would_be_asked_and_asks_nothing(zoom):
    before = zoom.counters()["requests"]

    done = check(zoom, "--list")

    assert done.returncode == 0
    assert all(f"{probe.method} {probe.path}" in done.stdout for probe in PROBES)
    assert zoom.counters()["requests"] == before


def test_meeting_of_somebody_else_is_never_changed():
    desk = Desk(Target(api_url="http://127.0.0.1:9/v2", oauth_url="", account_id="", client_id="", client_secret=""))
    desk.made.add("81")

    for method, path in (
        ("DELETE", "/meetings/82"),
        ("PATCH", "/meetings/8"),
        ("PUT", "/meetings/81x/status"),
        ("PATCH", "/users/me"),
        ("DELETE", "/users/me"),
        ("POST", "/users"),
    ):
        with pytest.raises(PermissionError):
            desk.call(method, path)


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ({"a": int}, {"a": 1, "b": 2}, []),
        ({"a": int}, {"a": True}, ["a is True, not a whole number"]),
        ({"a": {"b": str}}, {"a": {}}, ["a.b is missing"]),
        ({"a": {"b": str}}, {"a": 1}, ["a is 1, not an object"]),
        ({"a": Missing()}, {"a": 1}, ["a is there"]),
        ({"a": OneOf((1, 2))}, {"a": 3}, ["a is 3, none of 1, 2"]),
        ({"a": [int]}, {"a": [1, "x"]}, ["a[1] is 'x', not a whole number"]),
        ({"a": []}, {"a": [1]}, ["a is [1], not []"]),
        ({"a": Has({"id": Kept("own")})}, {"a": [{"id": 7}]}, []),
        ({"a": Has({"id": Kept("own")})}, {"a": [{"id": 8}]}, ["a has nothing like {'id': 7}"]),
        ({"a": Kept("own")}, {"a": 8}, ["a is 8, not 7"]),
        ({"start_url": 1}, {"start_url": "https://zoom/s/1?zak=x"}, ["start_url is a text, not 1"]),
        ({"a": int}, None, ["the answer is None, not an object"]),
    ],
)
def test_differences_are_told_by_their_place(expected, got, told):
    assert list(differences(expected, got, {"own": 7})) == told
