"""A lesson that is to be moved does not stand in its own way."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db


def slots(api, booking, **query):
    day = booking.starts_at.date().isoformat()
    asked = {"teacher_id": str(booking.teacher_id), "date": day, "duration": 60, "timezone": "UTC"} | query
    return api().get("/api/bookings/slots/available/", **asked)


@pytest.mark.parametrize("confirms", [True, False], ids=["confirmed", "asked for"])
def test_moving_offers_the_neighbours_of_its_own_time(api, confirms):
    tutor = make_tutor(opens="17:00", closes="20:00", settings={"auto_confirm": confirms, "buffer_minutes": 15})
    booking = make_booking(teacher=tutor, starts_at=a_day_ahead(hour=18))

    others = slots(api, booking).json()["available_slots"]
    its_own = slots(api, booking, booking_id=str(booking.pk)).json()["available_slots"]

    assert [one["start_time"] for one in others] == []
    assert [one["start_time"] for one in its_own] == ["17:00", "18:00", "19:00"]


def test_student_moves_to_what_was_offered(api):
    tutor = make_tutor(opens="17:00", closes="20:00", settings={"auto_confirm": True})
    booking = make_booking(teacher=tutor, starts_at=a_day_ahead(hour=18))

    answer = api(booking.student).post(
        f"/api/bookings/bookings/{booking.pk}/reschedule/",
        {"start_time": (booking.starts_at + timedelta(minutes=30)).isoformat(), "duration": 60},
    )

    assert answer.status_code == 200, answer.content


def test_page_offers_the_neighbours_too(client):
    tutor = make_tutor(opens="17:00", closes="20:00", settings={"auto_confirm": True, "buffer_minutes": 15})
    booking = make_booking(teacher=tutor, starts_at=a_day_ahead(hour=18))
    client.force_login(booking.student)

    picker = client.get(f"/bookings/{booking.pk}/move", {"day": booking.starts_at.date().isoformat()}).context["picker"]

    assert [slot.starts_at.astimezone(UTC).hour for slot in picker.slots] == [17, 18, 19]


def test_booking_of_another_teacher_is_not_there(api):
    booking = make_booking()
    answer = slots(api, booking, booking_id=str(booking.pk), teacher_id=str(make_tutor().pk))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_healthy_meeting_is_not_made_twice(api, zoom_hosts, simulator):
    tutor = make_tutor(settings={"auto_confirm": True})
    booking = make_booking(teacher=tutor, now=datetime.now(UTC))
    path = f"/api/bookings/bookings/{booking.pk}/create_meeting/"

    messages = [api(tutor).post(path).json()["message"] for _time in range(2)]

    assert messages == ["Zoom meeting created successfully", "The Zoom meeting is there already"]
    assert len(simulator.state()["meetings"]) == 1


def test_host_token_is_asked_for_in_the_address_without_a_body(api, zoom_hosts):
    tutor = make_tutor(zoom_user=zoom_hosts[0].email)
    path = "/api/v1/zoom/zak-token"

    answers = [
        api(tutor).post(f"{path}?userId={tutor.zoom_user}"),
        api(tutor).post(f"{path}?userId={tutor.zoom_user}", {}),
        api(tutor).post(path, {"userId": tutor.zoom_user}),
        api(tutor).post(path),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 400]
    assert answers[3].json()["message"] == "userId is required"
