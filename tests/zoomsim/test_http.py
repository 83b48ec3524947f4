"""What every answer has, and how paths are read."""

import http.client
import json
from urllib.parse import unquote

import pytest

from tests.zoomsim.shapes import payload


def test_every_answer_has_zooms_headers(v2):
    answer = v2.get("/users/me")

    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert answer.headers["x-ratelimit-category"] == "Light"
    assert answer.headers["x-zm-trackingid"].startswith("v=2.0;clid=us06;rid=WEB_")


def test_answer_without_content_has_no_body(v2, schedule):
    answer = v2.delete(f"/meetings/{schedule()['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "x-zm-trackingid" in answer.headers


@pytest.mark.parametrize("path", ["/nothing", "/users/me/nothing", "/meetings", "/", "/meetings/1/registrants/2/3"])
def test_unknown_path_is_not_recognized(v2, path):
    answer = v2.get(path)

    assert (answer.status_code, answer.json()["code"]) == (400, 2300)
    assert answer.json()["message"] == "This API endpoint is not recognized."


def test_slash_at_the_end_is_overlooked(v2, schedule):
    schedule()

    assert v2.get("/users/me/meetings/", params={"page_size": 10}).json()["total_records"] == 1


def test_text_outside_ascii_goes_out_unescaped(v2, schedule):
    meeting = schedule(topic="حلقة تلاوة")

    assert "حلقة تلاوة".encode() in v2.get(f"/meetings/{meeting['id']}").content


@pytest.mark.parametrize("vector", payload("test_vectors")["uuid_path_encoding"], ids=lambda vector: vector["rule"])
def test_uuid_in_the_path_is_read_raw(simulator, v2, vector):
    """An unknown uuid comes back in the message whole, so the slash in it never split the path."""
    connection = http.client.HTTPConnection("127.0.0.1", simulator.port)
    connection.request(
        "GET",
        f"/v2/past_meetings/{vector['path_segment']}",
        headers={"Authorization": v2.headers["Authorization"]},
    )
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()

    assert (answer.status, body["code"]) == (404, 3001)
    assert vector["uuid"] in unquote(body["message"])
