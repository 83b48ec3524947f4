"""The stand-in for the Meeting SDK: who comes in, and which of the SDK's numbers tells who does not."""

import json
import time

import jwt
import pytest

from tests.simulator import Simulator
from tests.zoomsim.browsing import names, register
from tests.zoomsim.conftest import signed_in

KEY, SECRET = "sim-sdk-key", "sim-sdk-secret-for-signatures-only"
HOUR_S = 3600


def signature(number, *, role=0, secret=SECRET, ago_s=30, lasts_s=2 * HOUR_S, **more):
    """Return a signature as Zoom's documents say how to make one."""
    issued_at = int(time.time()) - ago_s
    claims = {"appKey": KEY, "sdkKey": KEY, "mn": str(number), "role": role, "iat": issued_at}
    claims |= {"exp": issued_at + lasts_s, "tokenExp": issued_at + lasts_s} | more
    return jwt.encode(claims, secret, algorithm="HS256")


def join(simulator, meeting, **more):
    """Ask what the script asks, and return the answer."""
    sent = {
        "signature": signature(meeting["id"]),
        "meetingNumber": str(meeting["id"]),
        "userName": "Omar",
        "passWord": meeting["password"],
        "customerKey": "student-7",
    }
    answer = simulator.http.post("/sdk/join", content=json.dumps(sent | more))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.json()


def as_host(v2, meeting, **more):
    """Return what a host hands to the SDK."""
    zak = v2.get(f"/users/{meeting['host_id']}/token", params={"type": "zak"}).json()["token"]
    return {"signature": signature(meeting["id"], role=1), "zak": zak, "userName": "Amina", "customerKey": "t-1"} | more


@pytest.fixture
def meeting(simulator, schedule):
    """A meeting that its host has started."""
    scheduled = schedule()
    simulator.start_meeting(scheduled["id"])
    return scheduled


def test_people_meet_and_are_known_by_their_keys(simulator, v2, schedule, receiver):
    meeting = schedule()
    host = join(simulator, meeting, **as_host(v2, meeting))
    student = join(simulator, meeting)

    assert [(person["userName"], person["isHost"], person["isYou"]) for person in student["people"]] == [
        ("Amina", True, False),
        ("Omar", False, True),
    ]
    assert (student["topic"], student["hosts"], host["hosts"]) == (meeting["topic"], False, True)
    receiver.wait_for("meeting.started")
    told = receiver.wait_for("meeting.participant_joined", 2).object["participant"]
    assert (told["user_name"], told["customer_key"]) == ("Omar", "student-7")

    simulator.http.post("/sdk/leave", content=json.dumps({"seat": student["seat"]}))
    assert names(simulator, meeting) == ["Amina"]
    simulator.http.post("/sdk/end", content=json.dumps({"seat": host["seat"]}))
    assert names(simulator, meeting) == []
    keys = {person["name"]: person["customer_key"] for person in simulator.meeting(meeting["id"])["participants"]}
    assert keys == {"Amina": "t-1", "Omar": "student-7"}


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        pytest.param({"appKey": "other"}, 3704, id="key"),
        pytest.param({"secret": "another secret, as long as it ought to be"}, 3712, id="secret"),
        pytest.param({"ago_s": 3 * HOUR_S}, 3705, id="expired"),
        pytest.param({"ago_s": -60}, 3712, id="from the future"),
        pytest.param({"lasts_s": 1799}, 3712, id="too short"),
        pytest.param({"lasts_s": 49 * HOUR_S}, 3712, id="too long"),
        pytest.param({"tokenExp": "soon"}, 3712, id="no tokenExp"),
        pytest.param({"mn": "81234567890"}, 3712, id="another meeting"),
        pytest.param({"role": 5}, 3708, id="role"),
    ],
)
def test_wrong_signature_is_told_by_zooms_number(simulator, meeting, claims, code):
    answer = join(simulator, meeting, signature=signature(meeting["id"], **claims))

    assert answer["errorCode"] == code, answer


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param({"signature": "x.y.z"}, 3712, id="no signature"),
        pytest.param({"signature": None}, 3712, id="none"),
        pytest.param({"passWord": "wrong"}, 3004, id="passcode"),
        pytest.param({"passWord": ""}, 3004, id="no passcode"),
        pytest.param({"userName": " "}, 4003, id="no name"),
        pytest.param({"customerKey": "k" * 37}, 4003, id="long key"),
        pytest.param({"zak": "x.y.z"}, 4013, id="forged ZAK"),
    ],
)
def test_wrong_parameter_is_told_by_zooms_number(simulator, meeting, sent, code):
    assert join(simulator, meeting, **sent)["errorCode"] == code
    assert "Omar" not in names(simulator, meeting)


def test_meeting_that_is_none_has_a_number_too(simulator, v2, schedule):
    meeting = schedule()
    v2.delete(f"/meetings/{meeting['id']}")

    assert join(simulator, meeting)["errorCode"] == 3001


def test_participants_wait_for_the_host(simulator, v2, schedule, receiver):
    meeting = schedule()

    assert join(simulator, meeting)["errorCode"] == 3008
    assert receiver.wait_for("meeting.participant_jbh_waiting").object["participant"]["customer_key"] == "student-7"
    join(simulator, meeting, **as_host(v2, meeting))
    assert "seat" in join(simulator, meeting)


def test_host_is_who_has_the_hosts_zak(simulator, v2, schedule):
    meeting, other = schedule(), schedule("host02@zoomsim.example")
    theirs = as_host(v2, other)["zak"]

    answers = [join(simulator, meeting, **as_host(v2, meeting, zak=zak)) for zak in ("", theirs)]

    assert [answer["errorCode"] for answer in answers] == [3003, 3003]


def test_who_only_says_the_hosts_address_is_not_the_host(simulator, schedule):
    meeting = schedule()

    assert join(simulator, meeting, userEmail=meeting["host_email"])["errorCode"] == 3008


def test_host_with_another_meeting_running_is_told():
    with Simulator(plan="pro", hosts=1) as simulator, signed_in(simulator) as v2:
        first, second = (v2.post("/users/me/meetings", json={"topic": topic}).json() for topic in ("A", "B"))
        join(simulator, first, **as_host(v2, first))

        assert join(simulator, second, **as_host(v2, second))["errorCode"] == 3711


def test_registrants_come_in_by_their_token(simulator, v2, schedule):
    meeting = schedule(settings={"approval_type": 0})
    simulator.start_meeting(meeting["id"])
    registrant = register(v2, meeting)
    token = dict(part.split("=", 1) for part in registrant["query"].split("&"))["tk"]

    assert join(simulator, meeting)["errorCode"] == 3099
    assert join(simulator, meeting, tk="x")["errorCode"] == 3099
    assert "seat" in join(simulator, meeting, tk=token)
    (omar,) = (one for one in simulator.meeting(meeting["id"])["participants"] if one["name"] == "Omar")
    assert omar["registrant_id"] == registrant["registrant_id"]


def test_only_the_host_ends_it_for_all(simulator, meeting):
    seat = join(simulator, meeting)["seat"]

    for known in (seat, f"{meeting['id']}.x", "", None):
        assert simulator.http.post("/sdk/end", content=json.dumps({"seat": known})).json()["errorCode"] == 3003
    assert "Omar" in names(simulator, meeting)


def test_news_tell_who_is_there_until_it_is_over(simulator, meeting):
    seat = join(simulator, meeting)["seat"]
    with simulator.http.stream("GET", "/sdk/events", params={"seat": seat}) as events:
        rooms = (json.loads(line.removeprefix("data: ")) for line in events.iter_lines() if line.startswith("data: "))
        first = next(rooms)
        simulator.end_meeting(meeting["id"])
        last = list(rooms)[-1]

    assert (len(first["people"]), first["over"]) == (2, False)
    assert (last["over"], last["reason"]) == (True, "Host ended the meeting.")
    assert simulator.http.get("/sdk/events", params={"seat": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("zoom-meeting-6.2.0.min.js", "text/javascript"),
        ("6.2.0/lib/vendor/react.min.js", "text/javascript"),
        ("6.2.0/lib/css/bootstrap.css", "text/css"),
        ("6.2.0/lib/css/react-select.css", "text/css"),
    ],
)
def test_files_are_where_zoom_has_them_and_open_to_pages_of_any_site(simulator, path, kind):
    answer = simulator.http.get(f"/sdk/{path}")

    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
