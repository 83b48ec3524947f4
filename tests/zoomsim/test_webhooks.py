"""Webhooks: what they say, how they are signed, when they are sent again."""

import hashlib
import hmac
import json
import time
from collections import Counter
from typing import Any

import pytest

from tests.simulator import Simulator, wait_until
from tests.zoomsim.conftest import in_utc
from tests.zoomsim.receiver import Receiver
from tests.zoomsim.shapes import differences, payload
from zoomsim.webhooks.sender import hash_token, sign

STUDENT = payload("POST_meetings_registrants.request")
VECTORS = payload("test_vectors")
SERIES = {"type": 8, "recurrence": {"type": 1, "end_times": 4}, "timezone": "UTC"}


def shape(name, received, **options):
    """Return how an event differs from the captured one in shape."""
    return differences(payload(f"webhook.{name}"), received.body, **options)


def test_signature_of_the_vector():
    vector = VECTORS["webhook_signature"]

    signature = sign(vector["secret"], vector["x-zm-request-timestamp"], vector["raw_body"].encode())

    assert signature == vector["x-zm-signature"]


def test_challenge_of_the_vector():
    vector = VECTORS["url_validation"]

    assert hash_token(vector["secret"], vector["plainToken"]) == vector["encryptedToken"]


def test_event_is_signed_compact_and_unescaped(receiver, schedule):
    schedule(topic="حلقة تلاوة")

    received = receiver.wait_for("meeting.created")

    timestamp = received.headers["x-zm-request-timestamp"]
    message = b"v0:" + timestamp.encode() + b":" + received.raw
    expected = "v0=" + hmac.new(receiver.secret.encode(), message, hashlib.sha256).hexdigest()
    assert received.headers["x-zm-signature"] == expected
    assert abs(int(timestamp) - time.time()) < 10
    assert received.headers["content-type"] == "application/json; charset=utf-8"
    assert received.headers["user-agent"] == "Zoom Marketplace/1.0a"
    assert {"x-zm-request-id", "x-zm-trackingid"} <= received.headers.keys()
    assert received.raw.decode() == json.dumps(received.body, ensure_ascii=False, separators=(",", ":"))


def test_created_and_deleted_meetings(receiver, schedule, v2):
    meeting = schedule()
    v2.delete(f"/meetings/{meeting['id']}")
    v2.put(f"/meetings/{meeting['id']}/status", json={"action": "recover"})

    recovered = receiver.wait_for("meeting.recovered")

    created, deleted = receiver.requests[:2]
    assert shape("meeting.created", created) == []
    assert shape("meeting.deleted", deleted) == []
    assert shape("meeting.recovered", recovered) == []
    assert created.object["id"] == meeting["id"]
    assert created.body["payload"]["operator"] == "host01@zoomsim.example"


def test_deletion_under_a_basic_host_is_not_told(receiver, schedule, v2):
    v2.post("/users", json={"action": "autoCreate", "user_info": {"email": "basic@school.example", "type": 1}})
    of_basic, of_licensed = schedule("basic@school.example"), schedule()
    v2.delete(f"/meetings/{of_basic['id']}")
    v2.delete(f"/meetings/{of_licensed['id']}")

    deleted = receiver.wait_for("meeting.deleted")

    assert deleted.object["id"] == of_licensed["id"]
    assert receiver.events().count("meeting.deleted") == 1


def test_created_series_and_deleted_occurrence(receiver, schedule, v2):
    meeting = schedule(**SERIES)
    second = meeting["occurrences"][1]
    v2.delete(f"/meetings/{meeting['id']}", params={"occurrence_id": second["occurrence_id"]})

    deleted = receiver.wait_for("meeting.deleted")

    assert shape("meeting.created_recurring", receiver.requests[0], optional=_weekly_days()) == []
    assert shape("meeting.deleted_occurrence", deleted) == []
    assert deleted.object["occurrences"] == [
        {"occurrence_id": second["occurrence_id"], "start_time": second["start_time"]}
    ]


def test_update_says_only_what_changed_and_what_it_was(receiver, schedule, v2):
    meeting = schedule(duration=45)
    start = in_utc(days=3)
    v2.patch(f"/meetings/{meeting['id']}", json={"start_time": start, "duration": 60, "topic": meeting["topic"]})

    received = receiver.wait_for("meeting.updated")

    assert shape("meeting.updated", received) == []
    zone = meeting["timezone"]
    assert received.object == {"id": meeting["id"], "start_time": start, "duration": 60, "timezone": zone}
    assert received.body["payload"]["old_object"] == {
        "id": meeting["id"],
        "start_time": meeting["start_time"],
        "duration": 45,
        "timezone": zone,
    }


def test_update_that_changes_nothing_is_silent(receiver, schedule, v2):
    meeting = schedule()
    v2.patch(f"/meetings/{meeting['id']}", json={"topic": meeting["topic"]})
    v2.delete(f"/meetings/{meeting['id']}")

    receiver.wait_for("meeting.deleted")

    assert "meeting.updated" not in receiver.events()


def test_moved_occurrence_is_a_single_update(receiver, schedule, v2):
    meeting = schedule(**SERIES)
    first = meeting["occurrences"][0]
    v2.patch(
        f"/meetings/{meeting['id']}",
        params={"occurrence_id": first["occurrence_id"]},
        json={"start_time": in_utc(days=9)},
    )

    received = receiver.wait_for("meeting.updated")

    assert received.body["payload"]["scope"] == "single"
    assert received.body["payload"]["old_object"]["occurrences"] == [first]


def test_events_of_a_meeting_taking_place(receiver, simulator, schedule, v2):
    meeting = schedule(settings={"approval_type": 0})
    student = v2.post(f"/meetings/{meeting['id']}/registrants", json=STUDENT).json()["registrant_id"]
    simulator.start_meeting(meeting["id"])
    first = simulator.join(meeting["id"], "Student Seven", registrant_id=student, customer_key="stu-7")
    simulator.leave(meeting["id"], first)
    simulator.join(meeting["id"], "ضيف ١", email="guest@example.org")
    simulator.end_meeting(meeting["id"])

    ended = receiver.wait_for("meeting.ended")

    started, host, joined, left, guest = (request for request in receiver.requests[2:7])
    assert receiver.events() == [
        "meeting.created",
        "meeting.registration_created",
        "meeting.started",
        "meeting.participant_joined",
        "meeting.participant_joined",
        "meeting.participant_left",
        "meeting.participant_joined",
        "meeting.participant_left",
        "meeting.participant_left",
        "meeting.ended",
    ]
    assert shape("meeting.started", started) == []
    assert shape("meeting.participant_joined", joined) == []
    assert shape("meeting.participant_joined_guest", guest) == []
    assert shape("meeting.participant_left", left) == []
    assert shape("meeting.participant_left_host_ended", receiver.requests[7]) == []
    assert shape("meeting.ended", ended) == []
    assert host.object["participant"]["participant_user_id"] == meeting["host_id"]
    assert guest.object["participant"]["email"] == ""
    assert left.object["participant"]["leave_reason"] == (
        "Student Seven left the meeting.<br>Reason: Student Seven left the meeting."
    )
    assert {request.object["id"] for request in receiver.requests[2:]} == {str(meeting["id"])}


def test_event_has_the_time_it_happened_at(receiver, simulator, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"], at="2026-11-29T14:57:40Z")
    simulator.join(meeting["id"], "Ali", at="2026-11-29T15:02:03Z")

    received = receiver.wait_for("meeting.participant_joined", 2)

    assert received.body["event_ts"] == 1795964523000
    assert received.object["participant"]["join_time"] == "2026-11-29T15:02:03Z"


def test_people_before_the_host(receiver, simulator, schedule):
    closed, open_ = schedule(), schedule(settings={"join_before_host": True})
    simulator.http.post(f"/sim/meetings/{closed['id']}/join", json={"name": "Ali", "customer_key": "stu-7"})
    simulator.join(open_["id"], "Ali")

    waiting = receiver.wait_for("meeting.participant_jbh_waiting")
    joined = receiver.wait_for("meeting.participant_jbh_joined")

    assert shape("meeting.participant_jbh_waiting", waiting) == []
    assert shape("meeting.participant_jbh_joined", joined) == []
    receiver.wait_for("meeting.participant_joined")


def test_registration_events(receiver, schedule, v2):
    manual = schedule(settings={"approval_type": 1})["id"]
    series = schedule(**SERIES, settings={"approval_type": 0})["id"]
    people = {"registrants": [{"email": STUDENT["email"]}]}
    for meeting in (manual, series):
        v2.post(f"/meetings/{meeting}/registrants", json=STUDENT)
    for action in ("approve", "deny"):
        v2.put(f"/meetings/{manual}/registrants/status", json={"action": action, **people})
    v2.put(f"/meetings/{series}/registrants/status", json={"action": "cancel", **people})

    cancelled, denied = (receiver.wait_for(f"meeting.registration_{name}") for name in ("cancelled", "denied"))

    created = {request.object["id"]: request for request in receiver.requests if request.event.endswith("ion_created")}
    assert shape("meeting.registration_created_pending", created[manual]) == []
    assert shape("meeting.registration_created", created[series]) == []
    assert shape("meeting.registration_approved", receiver.wait_for("meeting.registration_approved")) == []
    assert shape("meeting.registration_denied", denied) == []
    assert shape("meeting.registration_cancelled", cancelled) == []


@pytest.mark.parametrize("status", [500, 503])
def test_failed_delivery_is_sent_again_after_5_20_and_60_minutes(receiver, simulator, schedule, status):
    receiver.statuses = [status] * 9
    schedule()
    arrivals = []
    for offset_s in (0, 299, 302, 302 + 1199, 302 + 1202, 1504 + 3599, 1504 + 3605, 10**6):
        simulator.clock(offset_s)
        wait_until(lambda: _settled(simulator), what="the attempt")
        arrivals.append(len(receiver.requests))

    (delivery,) = simulator.deliveries()
    assert arrivals == [1, 1, 2, 2, 3, 3, 4, 4]
    assert (delivery["status"], [attempt["status"] for attempt in delivery["attempts"]]) == ("lost", [status] * 4)
    assert len({request.body["event_ts"] for request in receiver.requests}) == 1


@pytest.mark.parametrize("status", [302, 400, 401, 404])
def test_refused_delivery_is_not_sent_again(receiver, simulator, schedule, status):
    receiver.statuses = [status]
    schedule()
    receiver.wait_for("meeting.created")
    simulator.clock(10**6)

    wait_until(lambda: simulator.deliveries()[0]["status"] == "lost", what="the loss")

    assert len(receiver.requests) == 1


@pytest.mark.slow
def test_slow_endpoint_is_asked_again(receiver, simulator, schedule):
    receiver.pause_s = 3.2
    schedule()

    wait_until(lambda: simulator.deliveries()[0]["status"] == "waiting", what="the timeout")
    receiver.pause_s = 0
    simulator.clock(301)

    receiver.wait_for("meeting.created", 2)
    wait_until(lambda: simulator.deliveries()[0]["status"] == "delivered", what="the second attempt")


def test_unreachable_endpoint_gets_the_event_when_it_is_back(simulator, schedule):
    with Receiver(simulator.webhook_secret) as receiver:
        simulator.send_webhooks_to(receiver.url)
    schedule()

    wait_until(lambda: simulator.deliveries()[0]["status"] == "waiting", what="the refusal")

    assert simulator.deliveries()[0]["attempts"][0]["status"] == 0


@pytest.mark.parametrize(("keep", "expected"), [(True, 1), (False, 2)], ids=["first timestamp", "signed anew"])
def test_retry_is_signed_anew_unless_told_otherwise(receiver, simulator, schedule, keep, expected):
    simulator.webhooks(keep_timestamp=keep)
    receiver.statuses = [500]
    schedule()
    receiver.wait_for("meeting.created")
    first = int(receiver.requests[0].headers["x-zm-request-timestamp"])
    wait_until(lambda: time.time() >= first + 1, what="the next second")
    wait_until(lambda: _settled(simulator), what="the attempt")
    simulator.clock(301)

    receiver.wait_for("meeting.created", 2)

    assert len({request.headers["x-zm-request-timestamp"] for request in receiver.requests}) == expected


def test_duplicates_are_the_same_event_twice(receiver, simulator, schedule):
    simulator.webhooks(duplicate=1)
    schedule()

    receiver.wait_for("meeting.created", 2)

    assert receiver.requests[0].raw == receiver.requests[1].raw


def test_dropped_events_never_arrive(receiver, simulator, schedule):
    simulator.webhooks(drop=1)
    meeting = schedule()
    simulator.webhooks()
    simulator.start_meeting(meeting["id"])

    receiver.wait_for("meeting.started")

    assert "meeting.created" not in receiver.events()
    assert simulator.deliveries("meeting.created")[0]["status"] == "dropped"


def test_delay_holds_events_back(receiver, simulator, schedule):
    simulator.webhooks(delay_ms=300)
    started = time.monotonic()
    schedule()

    receiver.wait_for("meeting.created")

    assert time.monotonic() - started >= 0.3


def test_shuffled_events_all_arrive_but_not_in_order(receiver, simulator, schedule):
    meeting = schedule()
    simulator.start_meeting(meeting["id"])
    receiver.wait_for("meeting.participant_joined")
    simulator.webhooks(shuffle=1)
    names = [f"Student {number}" for number in range(12)]
    for name in names:
        simulator.join(meeting["id"], name)

    receiver.wait_for("meeting.participant_joined", 13)

    arrived = [
        request.object["participant"]["user_name"]
        for request in receiver.requests
        if request.event == "meeting.participant_joined"
    ][1:]
    assert Counter(arrived) == Counter(names)
    assert arrived != names


def test_endpoint_that_does_not_know_the_secret_is_not_taken(simulator, schedule):
    with Receiver(simulator.webhook_secret) as receiver:
        receiver.knows_secret = False
        answer = simulator.http.post("/sim/webhooks/url", json={"url": receiver.url})

    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "The endpoint answered its challenge wrongly, with status 200.",
    )
    assert simulator.state()["webhook"]["url"] == ""


def test_nothing_is_sent_or_kept_while_nobody_listens(simulator, schedule):
    schedule()

    assert simulator.deliveries() == []


def test_endpoint_of_the_command_line_is_challenged_and_used():
    with (
        Receiver("from the command line") as receiver,
        Simulator(hosts=1, webhook_url=receiver.url, webhook_secret=receiver.secret) as simulator,
    ):
        wait_until(lambda: simulator.state()["webhook"]["validated"], what="the challenge")


def _weekly_days() -> frozenset[str]:
    return frozenset({"payload.object.recurrence.weekly_days"})


def _settled(simulator: Simulator) -> bool:
    return all(delivery["status"] != "pending" and not _due(delivery) for delivery in simulator.deliveries())


def _due(delivery: dict[str, Any]) -> bool:
    return delivery["status"] == "waiting" and delivery["next_attempt_at"] is None
