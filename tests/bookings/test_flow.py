"""Spec 2's flow, call by call, against the simulator."""

from datetime import timedelta

import pytest

from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_tutor

pytestmark = pytest.mark.usefixtures("zoom_hosts")


def test_student_books_and_teacher_confirms(api, simulator):
    teacher, student = make_tutor(), make_student()
    start = a_day_ahead()
    slots = api(student).get("/api/bookings/slots/available/", teacher_id=teacher.pk, date=start.date())
    assert "10:00" in [slot["start_time"] for slot in slots.json()["available_slots"]]

    booked = api(student).post(
        "/api/bookings/bookings/", {"teacher_id": str(teacher.pk), "start_time": start.isoformat(), "duration": 60}
    )
    assert booked.status_code == 201, booked.content
    booking = booked.json()
    assert (booking["status"], booking["can_cancel"], booking["zoom_info"]["has_meeting"]) == ("PENDING", True, False)

    confirmed = api(teacher).post(f"/api/bookings/bookings/{booking['id']}/confirm/")
    assert confirmed.status_code == 200, confirmed.content
    answer = confirmed.json()
    assert answer["message"] == "Booking confirmed and Zoom meeting created"
    assert answer["booking"]["zoom_start_url"]
    on_zoom = simulator.meeting(answer["zoom_info"]["meeting_id"])
    assert (on_zoom["join_url"], on_zoom["duration"]) == (answer["zoom_info"]["join_url"], 60)

    info = api(student).get(f"/api/bookings/bookings/{booking['id']}/meeting_info/").json()["meeting_details"]
    assert (info["meeting_id"], info["start_url"]) == (answer["zoom_info"]["meeting_id"], None)

    later = start + timedelta(hours=3)
    moved = api(student).post(
        f"/api/bookings/bookings/{booking['id']}/reschedule/", {"start_time": later.isoformat(), "duration": 30}
    )
    assert moved.status_code == 200, moved.content
    assert moved.json()["booking"]["zoom_meeting_id"] == info["meeting_id"]
    assert simulator.meeting(info["meeting_id"])["start_time"] == later.strftime("%Y-%m-%dT%H:%M:%SZ")

    cancelled = api(student).post(f"/api/bookings/bookings/{booking['id']}/cancel/", {"reason": "Ill"})
    assert cancelled.status_code == 200, cancelled.content
    assert cancelled.json()["booking"]["zoom_meeting_id"] is None
    assert simulator.meeting(info["meeting_id"])["deleted"]
