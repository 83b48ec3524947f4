"""Bookings while Zoom is down, refuses, forgets, or was never configured: lessons go on, links follow."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from classbell.bookings.models import Booking, BookingStatus
from classbell.meetings.models import Meeting
from classbell.meetings.services import sync_now
from tests.api_client import ApiClient
from tests.bookings.conftest import Town
from tests.bookings.lessons import make_lesson
from tests.factories_bookings import a_day_ahead
from tests.simulator import Simulator
from tests.system import wait_until

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings/"
NO_MEETING = {"meeting_id": None, "join_url": None, "password": None, "has_meeting": False, "location": None} | {
    "backup_room": None,
}
CREATE = {"method": "POST", "path": "/v2/users/.*/meetings"}


def confirmed_on_zoom(api: Api) -> tuple[Booking, str]:
    """Return a lesson that is on Zoom, and the number it has there."""
    booking = make_lesson()
    answer = api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/confirm/").json()
    assert answer["message"] == "Booking confirmed and Zoom meeting created"
    return booking, answer["zoom_info"]["meeting_id"]


def create_meeting(api: Api, booking: Booking) -> Any:
    return api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/create_meeting/")


def on_zoom(simulator: Simulator) -> list[str]:
    """Return the numbers of the meetings that are there."""
    return [str(meeting["id"]) for meeting in simulator.state()["meetings"] if not meeting["deleted"]]


@pytest.mark.usefixtures("zoom_hosts")
def test_confirming_while_zoom_is_down_succeeds_and_says_pending(api: Api, simulator: Simulator) -> None:
    booking = make_lesson()
    simulator.fault(path="/.*", kind="refuse")

    answer = api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/confirm/")
    info = api(booking.student).get(f"{BOOKINGS}{booking.pk}/meeting_info/")

    assert (answer.status_code, answer.json()["message"]) == (200, "Booking confirmed successfully")
    assert answer.json()["booking"]["status"] == "CONFIRMED"
    assert answer.json()["zoom_info"] == NO_MEETING | {"status": "pending"}
    assert (info.status_code, info.json()["error"]) == (404, "No meeting associated with this booking")


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_link_is_there_once_zoom_is_back(town: Town) -> None:
    start = a_day_ahead(days=5)
    with town.client("teacher") as teacher, town.client("student") as student:
        body = {"teacher_id": town.school.teacher_id, "start_time": start.isoformat()}
        path = f"{BOOKINGS}{student.post(BOOKINGS, json=body).json()['id']}"
        town.simulator.fault(path="/.*", kind="refuse")

        confirmed = teacher.post(f"{path}/confirm/").json()
        later = (start + timedelta(hours=2)).isoformat()
        moved = student.post(f"{path}/reschedule/", json={"start_time": later}).json()
        town.simulator.clear_faults()

        assert (confirmed["zoom_info"]["status"], moved["booking"]["zoom_info"]["status"]) == ("pending", "pending")
        wait_until(lambda: student.get(f"{path}/meeting_info/").is_success, seconds=60, what="the link")
        details = student.get(f"{path}/meeting_info/").json()["meeting_details"]
    meeting = town.simulator.meeting(details["meeting_id"])
    assert (meeting["deleted"], meeting["join_url"]) == (False, details["join_url"])
    assert meeting["start_time"] == details["start_time"] == moved["changes"]["new_start_time"]


@pytest.mark.usefixtures("zoom_hosts")
def test_cancelling_while_zoom_is_down_succeeds_and_is_done_later(api: Api, simulator: Simulator) -> None:
    booking, number = confirmed_on_zoom(api)
    simulator.fault(path="/.*", kind="refuse", times=1)

    answer = api(booking.student).post(f"{BOOKINGS}{booking.pk}/cancel/")

    assert (answer.status_code, answer.json()["zoom_info"]) == (200, NO_MEETING | {"status": "none"})
    sync_now(Meeting.objects.get().pk)
    assert simulator.meeting(number)["deleted"]


@pytest.mark.usefixtures("zoom_hosts")
def test_moving_while_zoom_is_down_keeps_the_link_and_is_done_later(api: Api, simulator: Simulator) -> None:
    booking, number = confirmed_on_zoom(api)
    start = a_day_ahead(days=9)
    simulator.fault(path="/.*", kind="refuse", times=1)

    answer = api(booking.student).post(f"{BOOKINGS}{booking.pk}/reschedule/", {"start_time": start.isoformat()})

    assert (answer.status_code, answer.json()["booking"]["zoom_meeting_id"]) == (200, number)
    sync_now(Meeting.objects.get().pk)
    assert simulator.meeting(number)["start_time"] == start.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.slow
@pytest.mark.usefixtures("zoom_hosts")
def test_link_is_shown_without_the_hosts_door_while_zoom_is_down(api: Api, simulator: Simulator) -> None:
    booking, number = confirmed_on_zoom(api)
    simulator.fault(path="/.*", kind="refuse")

    details = api(booking.teacher).get(f"{BOOKINGS}{booking.pk}/meeting_info/").json()["meeting_details"]

    assert (details["meeting_id"], details["start_url"]) == (number, None)
    assert details["join_url"]


@pytest.mark.django_db
def test_everything_but_meetings_works_without_zoom(api: Api) -> None:
    booking = make_lesson()
    teacher, path = api(booking.teacher), f"{BOOKINGS}{booking.pk}"

    confirmed = teacher.post(f"{path}/confirm/").json()
    moved = teacher.post(f"{path}/reschedule/", {"start_time": a_day_ahead(days=9).isoformat()})
    meeting = teacher.post(f"{path}/create_meeting/")
    info = teacher.get(f"{path}/meeting_info/")
    cancelled = teacher.post(f"{path}/cancel/")

    assert confirmed["message"] == "Booking confirmed successfully"
    assert confirmed["zoom_info"] == NO_MEETING | {"status": "not_configured"}
    assert (moved.status_code, cancelled.status_code, info.status_code) == (200, 200, 404)
    assert (meeting.status_code, meeting.json()["error"]) == (503, "Zoom integration not configured")


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_that_zoom_refuses_says_why(api: Api, simulator: Simulator) -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    simulator.fault(**CREATE, kind="status", status=400, code=3161)

    answer = create_meeting(api, booking)

    assert (answer.status_code, answer.json()["code"]) == (500, "zoom_failed")
    assert answer.json()["error"].startswith("Failed to create Zoom meeting: ")
    assert "3161" in answer.json()["error"]


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_that_zoom_refused_is_made_when_asked_for_again(api: Api, simulator: Simulator) -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    simulator.fault(**CREATE, kind="status", status=400, code=3161, times=1)

    refused, made = create_meeting(api, booking), create_meeting(api, booking)

    assert (refused.status_code, made.status_code) == (500, 200)
    assert made.json()["message"] == "Zoom meeting created successfully"
    assert on_zoom(simulator) == [made.json()["meeting_details"]["meeting_id"]]


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_asked_for_while_zoom_is_down_is_on_its_way(api: Api, simulator: Simulator) -> None:
    booking = make_lesson(BookingStatus.CONFIRMED)
    simulator.fault(path="/.*", kind="refuse")

    answer = create_meeting(api, booking)

    assert (answer.status_code, answer.json()["zoom_info"]) == (200, NO_MEETING | {"status": "pending"})
    assert answer.json()["message"] == "Zoom is slow just now; the meeting will be here soon"
    details = answer.json()["meeting_details"]
    assert {name: details[name] for name in ("meeting_id", "join_url", "start_url", "password")} == dict.fromkeys(
        ("meeting_id", "join_url", "start_url", "password")
    )


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_deleted_on_zoom_is_replaced(api: Api, simulator: Simulator) -> None:
    booking, lost = confirmed_on_zoom(api)
    httpx.delete(
        f"{simulator.api_url}/meetings/{lost}", headers={"Authorization": f"Bearer {simulator.access_token()}"}
    ).raise_for_status()

    answer = create_meeting(api, booking).json()

    found = answer["meeting_details"]["meeting_id"]
    assert answer["message"] == "Zoom meeting created successfully"
    assert found != lost
    assert on_zoom(simulator) == [found]
    assert answer["booking"]["zoom_meeting_id"] == found
    assert simulator.meeting(found)["start_time"] == booking.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.usefixtures("zoom_hosts")
def test_meeting_that_is_there_is_kept_when_asked_for_again(api: Api, simulator: Simulator) -> None:
    booking, number = confirmed_on_zoom(api)

    answers = [create_meeting(api, booking).json()["meeting_details"]["meeting_id"] for _ in range(2)]

    assert answers == [number, number]
    assert on_zoom(simulator) == [number]


@pytest.mark.usefixtures("zoom_hosts")
def test_lost_answer_of_zoom_leaves_one_meeting(api: Api, simulator: Simulator) -> None:
    booking = make_lesson()
    simulator.fault(**CREATE, kind="drop_response", times=1)

    confirmed = api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/confirm/").json()
    created = create_meeting(api, booking).json()

    assert confirmed["booking"]["status"] == "CONFIRMED"
    assert on_zoom(simulator) == [created["meeting_details"]["meeting_id"]]
