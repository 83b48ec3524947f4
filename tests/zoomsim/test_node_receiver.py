"""Webhooks pass the check that JavaScript receivers make, which parse the body and write it again before they sign it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests import processes
from tests.node import NODE

SECRET = "known to both"
TOPIC = 'جبر 🚀 "quoted" \\ / \u2028 é\u007f 1.0'


@pytest.fixture
def endpoint(simulator):
    """A receiver in Node that the simulator has been told of, and the lines it writes."""
    script = Path(__file__).with_name("receiver.js")
    with processes.running([NODE, script, SECRET], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        simulator.send_webhooks_to(f"http://127.0.0.1:{port}/", SECRET)
        yield process.stdout


def test_javascript_receiver_takes_challenge_and_events(endpoint, simulator, schedule, v2):
    meeting = schedule(topic=TOPIC, settings={"approval_type": 0})
    v2.post(f"/meetings/{meeting['id']}/registrants", json={"email": "a@x.example", "first_name": "Šárka"})
    simulator.start_meeting(meeting["id"])
    simulator.join(meeting["id"], "佐藤")
    simulator.end_meeting(meeting["id"])

    taken = [json.loads(endpoint.readline()) for _event in range(8)]

    assert all(one["genuine"] for one in taken)
    assert [one["event"] for one in taken] == [
        "endpoint.url_validation",
        "meeting.created",
        "meeting.registration_created",
        "meeting.started",
        "meeting.participant_joined",
        "meeting.participant_joined",
        "meeting.participant_left",
        "meeting.participant_left",
    ]
