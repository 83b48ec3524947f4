"""Callers written for the older systems: what they send, and every field that they expect back, over real HTTP."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from classbell.bookings.models import BookingStatus
from tests import processes
from tests.api_client import ApiClient
from tests.bookings.conftest import Town
from tests.bookings.lessons import make_lesson
from tests.factories_bookings import a_day_ahead

BOOKINGS = "/api/bookings/bookings/"

# As integrators have it, but for what stands in their own place: address, tokens, teacher and day.
SCRIPT = """
import requests

response = requests.get(
    "http://localhost:8000/api/bookings/slots/available/",
    params={"teacher_id": "teacher-uuid", "date": "2025-01-15"},
    headers={"Authorization": "Bearer student-token"}
)

booking_data = {
    "teacher_id": "teacher-uuid",
    "start_time": "2025-01-15T09:00:00Z",
    "duration": 60
}
response = requests.post(
    "http://localhost:8000/api/bookings/bookings/",
    json=booking_data,
    headers={"Authorization": "Bearer student-token"}
)

booking_id = response.json()["id"]
response = requests.post(
    f"http://localhost:8000/api/bookings/bookings/{booking_id}/confirm/",
    headers={"Authorization": "Bearer teacher-token"}
)
"""
# The script wants `requests`; of what it uses, httpx has the same.
BEFORE = "import httpx, json, sys; sys.modules['requests'] = httpx\n"
AFTER = "\nprint(json.dumps([response.status_code, response.json()]))"

BOOKING = {
    "id", "student", "teacher", "student_name", "teacher_name", "start_time", "end_time", "duration_minutes", "status",
    "zoom_meeting_id", "zoom_join_url", "zoom_start_url", "zoom_password", "notes", "cancellation_reason", "can_cancel",
    "can_reschedule", "zoom_info",
}  # fmt: skip
BOOKING_ZOOM_INFO = {"meeting_id", "join_url", "has_meeting"}
MEETING = {"meeting_id", "join_url", "start_url", "password", "host_email"}
TIMES = {"old_start_time", "old_end_time", "new_start_time", "new_end_time", "reason"}


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_script_of_old_runs_as_it_stands(town: Town) -> None:
    day = f"{a_day_ahead(days=20):%Y-%m-%d}"
    script = SCRIPT
    for placeholder, value in {
        "http://localhost:8000": town.urls[0],
        "teacher-uuid": town.school.teacher_id,
        "2025-01-15": day,
        "student-token": town.token("student"),
        "teacher-token": town.token("teacher"),
    }.items():
        script = script.replace(placeholder, value)

    ran = processes.run(
        [sys.executable, "-c", BEFORE + script + AFTER], check=True, capture_output=True, text=True, timeout=60
    )

    status, answer = json.loads(ran.stdout)
    assert (status, answer["message"]) == (200, "Booking confirmed and Zoom meeting created")
    assert answer["booking"]["status"] == "CONFIRMED"
    assert answer["booking"]["start_time"] == f"{day}T09:00:00Z"
    assert town.simulator.meeting(answer["zoom_info"]["meeting_id"])["join_url"] == answer["zoom_info"]["join_url"]


@pytest.fixture
def student(town: Town) -> Iterator[httpx.Client]:
    with town.client("student") as client:
        yield client


@pytest.fixture
def teacher(town: Town) -> Iterator[httpx.Client]:
    with town.client("teacher") as client:
        yield client


def booked(town: Town, student: httpx.Client, days: int) -> str:
    """Return the id of a booking at ten, so many days ahead."""
    body = {"teacher_id": town.school.teacher_id, "start_time": a_day_ahead(days).isoformat(), "duration": 60}
    return str(student.post(BOOKINGS, json=body).raise_for_status().json()["id"])


def body_of(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Return the answer's body; it must have this status, and be JSON."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return dict(answer.json())


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_request_for_hours_is_understood(teacher: httpx.Client) -> None:
    window = {"day_of_week": 1, "start_time": "09:00:00", "end_time": "17:00:00", "is_recurring": True, "date": None}

    answer = body_of(teacher.post("/api/bookings/availability/", json=window), 201)

    assert answer.items() >= window.items()


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_slots_have_every_field(town: Town, student: httpx.Client) -> None:
    day = a_day_ahead(days=21).date().isoformat()
    asked: dict[str, str | int] = {"teacher_id": town.school.teacher_id, "date": day, "duration": 60}

    answer = body_of(student.get("/api/bookings/slots/available/", params=asked))

    assert (answer["date"], answer["teacher_id"]) == (day, town.school.teacher_id)
    assert answer["available_slots"][9] == {
        "start_time": "09:00",
        "end_time": "10:00",
        "datetime_start": f"{day}T09:00:00+00:00",
        "datetime_end": f"{day}T10:00:00+00:00",
    }


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_schedule_has_every_field(town: Town, student: httpx.Client, teacher: httpx.Client) -> None:
    booked(town, student, 22)
    first, last = a_day_ahead(days=22).date().isoformat(), a_day_ahead(days=23).date().isoformat()
    asked: dict[str, str | int] = {"teacher_id": town.school.teacher_id, "start_date": first, "end_date": last}

    answer = body_of(teacher.get("/api/bookings/schedule/", params=asked))

    assert answer.items() >= asked.items()
    (entry,) = answer["bookings"]
    assert entry.keys() >= {"start_time", "end_time", "status", "student__first_name", "student__last_name"}
    assert (entry["start_time"], entry["status"]) == (f"{first}T10:00:00Z", "PENDING")


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_booking_has_every_field_from_request_to_cancellation(
    town: Town, student: httpx.Client, teacher: httpx.Client
) -> None:
    start = a_day_ahead(days=24)
    body = {"teacher_id": town.school.teacher_id, "start_time": start.isoformat(), "duration": 60, "notes": "Verbs"}
    requested = body_of(student.post(BOOKINGS, json=body), 201)
    path = f"{BOOKINGS}{requested['id']}"

    confirmed = body_of(teacher.post(f"{path}/confirm/"))
    created = body_of(teacher.post(f"{path}/create_meeting/"))
    info = body_of(student.get(f"{path}/meeting_info/"))
    later = {name: (start + timedelta(hours=hours)).isoformat() for name, hours in (("start", 2), ("end", 3))}
    moved = body_of(
        teacher.post(
            f"{path}/reschedule/",
            json={"new_start_time": later["start"], "new_end_time": later["end"], "reason": "Clash"},
        )
    )
    moved_back = body_of(student.post(f"{path}/reschedule/", json={"start_time": start.isoformat(), "duration": 60}))
    cancelled = body_of(student.post(f"{path}/cancel/", json={"reason": "Personal"}))

    for booking in (requested, *(answer["booking"] for answer in (confirmed, created, moved, moved_back, cancelled))):
        assert booking.keys() >= BOOKING
        assert booking["zoom_info"].keys() >= BOOKING_ZOOM_INFO
    assert (requested["status"], requested["notes"], requested["can_cancel"]) == ("PENDING", "Verbs", True)
    assert confirmed["zoom_info"].keys() >= {"join_url", "meeting_id", "password"}
    assert confirmed["booking"]["zoom_start_url"].startswith("http")
    assert created["message"] == "The Zoom meeting is there already"
    assert created["meeting_details"].keys() >= MEETING
    assert None not in [created["meeting_details"][name] for name in MEETING]
    assert info["meeting_details"].keys() >= MEETING | {"booking_id", "start_time", "end_time", "status"}
    assert (info["meeting_details"]["booking_id"], info["meeting_details"]["start_url"]) == (requested["id"], None)
    assert (moved["message"], moved["changes"].keys()) == ("Booking rescheduled successfully", TIMES)
    assert moved["booking"]["zoom_join_url"] == confirmed["booking"]["zoom_join_url"]
    assert moved_back["booking"]["start_time"] == requested["start_time"]
    assert (cancelled["message"], cancelled["booking"]["status"]) == ("Booking cancelled successfully", "CANCELLED")
    assert cancelled["booking"]["cancellation_reason"] == "Personal"
    assert {cancelled["booking"][name] for name in BOOKING if name.startswith("zoom_") and name != "zoom_info"} == {
        None
    }


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_own_bookings_are_listed_with_every_field(town: Town, student: httpx.Client, teacher: httpx.Client) -> None:
    booking_id = booked(town, student, 25)

    for client, role in ((student, "student"), (teacher, "teacher")):
        answer = body_of(client.get(f"{BOOKINGS}my/", params={"status": "PENDING", "role": role}))
        (mine,) = [booking for booking in answer["bookings"] if booking["id"] == booking_id]
        assert mine.keys() >= BOOKING


@pytest.mark.django_db
def test_feedback_follows_a_completed_lesson(api: Callable[..., ApiClient]) -> None:
    """In this process, where a lesson can have been an hour ago."""
    booking = make_lesson(BookingStatus.CONFIRMED, starts_in=timedelta(hours=-1))
    feedback = {"booking_id": str(booking.pk), "rating": 5, "comment": "Very helpful"}

    completed = api(booking.teacher).post(f"{BOOKINGS}{booking.pk}/complete/")
    given = api(booking.student).post("/api/bookings/feedback/", feedback)

    assert (completed.status_code, completed.json()["booking"]["status"]) == (200, "COMPLETED")
    assert completed.json()["booking"].keys() >= BOOKING
    assert given.status_code == 201
    assert given.json().items() >= feedback.items()


@pytest.mark.chaos
@pytest.mark.xdist_group("town")
def test_errors_are_worded_as_callers_know_them(town: Town, student: httpx.Client, teacher: httpx.Client) -> None:
    booking_id = booked(town, student, 27)
    again = {"teacher_id": town.school.teacher_id, "start_time": a_day_ahead(days=27).isoformat()}
    nobody = {"teacher_id": booking_id, "date": "2030-01-01"}

    answers = [
        student.post(BOOKINGS, json=again),
        student.post(f"{BOOKINGS}{booking_id}/confirm/"),
        student.get("/api/bookings/slots/available/", params=nobody),
        student.get(f"{BOOKINGS}{booking_id}/meeting_info/"),
    ]

    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (400, "Time slot is not available"),
        (403, "Only teachers can confirm bookings"),
        (404, "Teacher not found"),
        (404, "No meeting associated with this booking"),
    ]
