import httpx
import pytest

from classbell.zoom import endpoints
from classbell.zoom.endpoints import Endpoint, path_segment
from tests.zoom.payloads import payload

ALL = [value for value in vars(endpoints).values() if isinstance(value, Endpoint)]


@pytest.mark.parametrize("vector", payload("test_vectors")["uuid_path_encoding"], ids=lambda vector: vector["rule"])
def test_uuid_is_encoded_as_zoom_asks(vector):
    assert path_segment(vector["uuid"]) == vector["path_segment"]


@pytest.mark.parametrize("vector", payload("test_vectors")["uuid_path_encoding"], ids=lambda vector: vector["rule"])
def test_encoded_uuid_reaches_the_wire_unchanged(vector):
    target = endpoints.GET_PAST_MEETING.at(meetingId=vector["uuid"])

    url = httpx.Request("GET", "https://api.zoom.us/v2" + target.url_path, params={"a": "b"}).url

    assert url.raw_path == f"/v2/past_meetings/{vector['path_segment']}?a=b".encode()


def test_email_address_is_a_path_segment():
    assert endpoints.GET_USER.at(userId="amina+1@school.example").url_path == "/users/amina%2B1%40school.example"


@pytest.mark.parametrize("meeting_id", ["", ".", ".."])
def test_id_that_would_name_another_call_is_refused(meeting_id):
    with pytest.raises(ValueError, match="meetingId"):
        endpoints.DELETE_MEETING.at(meetingId=meeting_id)


def test_id_cannot_leave_its_segment():
    assert endpoints.GET_MEETING.at(meetingId="../users/me?x=1").url_path == "/meetings/..%2Fusers%2Fme%3Fx%3D1"


def test_no_post_is_safe_to_repeat_and_everything_else_is():
    assert {endpoint.method for endpoint in ALL if not endpoint.safe_to_repeat} == {"POST"}
    assert {endpoint.method for endpoint in ALL if endpoint.safe_to_repeat} == {"GET", "PUT", "PATCH", "DELETE"}
