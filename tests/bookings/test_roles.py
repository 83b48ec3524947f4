"""Who may do what with tutoring: every endpoint with every role."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings import hours
from classbell.bookings.models import BookingStatus
from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
SOON = a_day_ahead(days=9)
ROLES = ("student", "other_student", "teacher", "other_teacher", "admin", "visitor")
AN_HOUR_AGO = timedelta(hours=-1)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """
    One call on a booking in some state, and the statuses it answers to `ROLES` in their order.

    The words in braces are ids of the booking, its teacher, and the teacher's hours and time off.
    """

    path: str
    statuses: tuple[int, ...]
    method: str = "POST"
    body: dict[str, Any] = field(default_factory=dict)
    status: BookingStatus = BookingStatus.PENDING
    starts_in: timedelta = timedelta(days=7)


WINDOW = {"day_of_week": 0, "start_time": "09:00:00", "end_time": "10:00:00"}
NEW_BOOKING = {"teacher_id": "{teacher}", "start_time": SOON.isoformat()}
PARTICIPANTS = (200, 403, 200, 403, 200, 401)
ITS_TEACHER = (403, 403, 200, 403, 200, 401)
TEACHERS = (403, 403, 201, 201, 201, 401)
TEACHERS_READ = (403, 403, 200, 200, 200, 401)
OWNER = (404, 404, 200, 404, 404, 401)
SIGNED_IN = (200, 200, 200, 200, 200, 401)
EVERYBODY = (200, 200, 200, 200, 200, 200)
ADMINS = (403, 403, 403, 403, 200, 401)

ENDPOINTS = {
    "request a booking": Endpoint(path="bookings", body=NEW_BOOKING, statuses=(201, 201, 403, 403, 403, 401)),
    "list bookings": Endpoint(method="GET", path="bookings", statuses=SIGNED_IN),
    "my bookings": Endpoint(method="GET", path="bookings/my", statuses=SIGNED_IN),
    "my credits": Endpoint(method="GET", path="bookings/credits", statuses=SIGNED_IN),
    "look at a booking": Endpoint(method="GET", path="bookings/{booking}", statuses=PARTICIPANTS),
    "confirm": Endpoint(path="bookings/{booking}/confirm", statuses=ITS_TEACHER),
    "decline": Endpoint(path="bookings/{booking}/decline", statuses=ITS_TEACHER),
    "reschedule": Endpoint(
        path="bookings/{booking}/reschedule", body={"start_time": SOON.isoformat()}, statuses=PARTICIPANTS
    ),
    "cancel": Endpoint(path="bookings/{booking}/cancel", statuses=PARTICIPANTS),
    "complete": Endpoint(
        path="bookings/{booking}/complete",
        status=BookingStatus.CONFIRMED,
        starts_in=AN_HOUR_AGO,
        statuses=ITS_TEACHER,
    ),
    # Those who may are told that Zoom is not configured here, or that there is no meeting.
    "create a meeting": Endpoint(
        path="bookings/{booking}/create_meeting",
        status=BookingStatus.CONFIRMED,
        statuses=(503, 403, 503, 403, 503, 401),
    ),
    "look at a meeting": Endpoint(
        method="GET", path="bookings/{booking}/meeting_info", statuses=(404, 403, 404, 403, 404, 401)
    ),
    "report the student": Endpoint(
        path="bookings/{booking}/no_show",
        body={"who": "student"},
        status=BookingStatus.CONFIRMED,
        starts_in=AN_HOUR_AGO,
        statuses=(403, 403, 200, 403, 200, 401),
    ),
    "report the teacher": Endpoint(
        path="bookings/{booking}/no_show",
        body={"who": "teacher"},
        status=BookingStatus.CONFIRMED,
        starts_in=AN_HOUR_AGO,
        statuses=(200, 403, 403, 403, 200, 401),
    ),
    "rate the teacher": Endpoint(
        path="feedback",
        body={"booking_id": "{booking}", "rating": 5},
        status=BookingStatus.COMPLETED,
        starts_in=AN_HOUR_AGO,
        statuses=(201, 403, 403, 403, 403, 401),
    ),
    "rate the other one": Endpoint(
        path="bookings/{booking}/feedback",
        body={"rating": 5},
        status=BookingStatus.COMPLETED,
        starts_in=AN_HOUR_AGO,
        statuses=(201, 403, 201, 403, 403, 401),
    ),
    "read feedback": Endpoint(method="GET", path="feedback?teacher_id={teacher}", statuses=SIGNED_IN),
    "browse teachers": Endpoint(method="GET", path="teachers", statuses=EVERYBODY),
    "free slots": Endpoint(
        method="GET", path=f"slots/available?teacher_id={{teacher}}&date={SOON:%Y-%m-%d}", statuses=EVERYBODY
    ),
    "schedule": Endpoint(
        method="GET",
        path=f"schedule?teacher_id={{teacher}}&start_date={SOON:%Y-%m-%d}&end_date={SOON:%Y-%m-%d}",
        statuses=SIGNED_IN,
    ),
    "add hours": Endpoint(path="availability", body=WINDOW, statuses=TEACHERS),
    "list hours": Endpoint(method="GET", path="availability", statuses=TEACHERS_READ),
    "look at hours": Endpoint(method="GET", path="availability/{window}", statuses=OWNER),
    "change hours": Endpoint(method="PATCH", path="availability/{window}", statuses=OWNER),
    "drop hours": Endpoint(method="DELETE", path="availability/{window}", statuses=(404, 404, 204, 404, 404, 401)),
    "add time off": Endpoint(path="time-off", body={"from": "2027-01-01", "to": "2027-01-02"}, statuses=TEACHERS),
    "list time off": Endpoint(method="GET", path="time-off", statuses=TEACHERS_READ),
    "drop time off": Endpoint(method="DELETE", path="time-off/{time_off}", statuses=(404, 404, 204, 404, 404, 401)),
    "read settings": Endpoint(method="GET", path="settings", statuses=TEACHERS_READ),
    "change settings": Endpoint(method="PATCH", path="settings", statuses=TEACHERS_READ),
    "list policies": Endpoint(method="GET", path="policies", statuses=ADMINS),
    "set the policy for all": Endpoint(method="PUT", path="policies", statuses=ADMINS),
    "read a policy": Endpoint(method="GET", path="policies/{teacher}", statuses=SIGNED_IN),
    "set a policy": Endpoint(method="PUT", path="policies/{teacher}", statuses=ADMINS),
    "drop a policy": Endpoint(method="DELETE", path="policies/{teacher}", statuses=(403, 403, 403, 403, 204, 401)),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoint_answers_who_may_and_refuses_the_others(api: Api, name: str, role: str) -> None:
    endpoint = ENDPOINTS[name]
    teacher = make_tutor(opens="00:00", closes="24:00")
    booking = make_lesson(endpoint.status, starts_in=endpoint.starts_in, teacher=teacher)
    time_off = hours.add_time_off(teacher=teacher, starts_at=SOON - timedelta(days=2), ends_at=SOON - timedelta(days=1))
    ids = {
        "{booking}": str(booking.pk),
        "{teacher}": str(teacher.pk),
        "{window}": str(teacher.availability.all()[0].pk),
        "{time_off}": str(time_off.pk),
    }
    people: dict[str, Callable[[], User | None]] = {
        "student": lambda: booking.student,
        "other_student": make_student,
        "teacher": lambda: teacher,
        "other_teacher": make_tutor,
        "admin": make_admin,
        "visitor": lambda: None,
    }
    path, _, query = _filled(endpoint.path, ids).partition("?")
    body = {key: _filled(value, ids) if isinstance(value, str) else value for key, value in endpoint.body.items()}
    client = api(people[role]())

    if endpoint.method == "GET":
        answer = client.get(f"/api/bookings/{path}/", **dict(pair.split("=") for pair in query.split("&") if query))
    else:
        answer = getattr(client, endpoint.method.lower())(f"/api/bookings/{path}/", body)

    assert answer.status_code == endpoint.statuses[ROLES.index(role)], answer.content
    if answer.status_code in {401, 403}:
        assert answer.json()["code"] == {401: "not_signed_in", 403: "not_allowed"}[answer.status_code]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        pytest.param("confirm", "Only teachers can confirm bookings", id="confirm"),
        pytest.param(
            "create_meeting",
            "Only the teacher or student can create meeting links for this booking",
            id="create a meeting",
        ),
    ],
)
def test_refusal_is_worded_as_clients_know_it(api: Api, action: str, sentence: str) -> None:
    booking = make_lesson()

    answer = api(make_student()).post(f"/api/bookings/bookings/{booking.pk}/{action}/")

    assert (answer.status_code, answer.json()["error"]) == (403, sentence)


def _filled(text: str, ids: dict[str, str]) -> str:
    for word, value in ids.items():
        text = text.replace(word, value)
    return text
