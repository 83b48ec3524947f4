"""The states of a booking: what leads from one to another, and what does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from classbell.bookings.models import Booking, BookingStatus
from classbell.meetings.models import Claim, ClaimKind
from tests.api_client import ApiClient
from tests.bookings.lessons import A_WEEK, make_lesson
from tests.factories_bookings import a_day_ahead

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
PENDING, CONFIRMED = BookingStatus.PENDING, BookingStatus.CONFIRMED
COMPLETED, CANCELLED = BookingStatus.COMPLETED, BookingStatus.CANCELLED
LATER = a_day_ahead(days=9)
AN_HOUR_AGO = timedelta(hours=-1)
BODIES: dict[str, dict[str, Any]] = {"reschedule": {"start_time": LATER.isoformat()}, "no_show": {"who": "student"}}

NOT_PENDING = "Only a booking that waits for an answer can be answered; this one: {}."
NOT_CONFIRMED = "This needs a confirmed booking; this one: {}."
CLOSED = "This booking can no longer be changed: {}."


def do(api: Api, booking: Booking, action: str, body: dict[str, Any] | None = None) -> Any:
    """Do something with a booking as its teacher."""
    path = f"/api/bookings/bookings/{booking.pk}/{action}/"
    return api(booking.teacher).post(path, BODIES.get(action, {}) if body is None else body)


@pytest.mark.parametrize(
    ("before", "action", "after", "message"),
    [
        pytest.param(PENDING, "confirm", CONFIRMED, "Booking confirmed successfully", id="confirm a request"),
        pytest.param(PENDING, "decline", CANCELLED, "Booking declined", id="decline a request"),
        pytest.param(PENDING, "cancel", CANCELLED, "Booking cancelled successfully", id="cancel a request"),
        pytest.param(PENDING, "reschedule", PENDING, "Booking rescheduled successfully", id="move a request"),
        pytest.param(CONFIRMED, "cancel", CANCELLED, "Booking cancelled successfully", id="cancel a lesson"),
        pytest.param(CONFIRMED, "reschedule", CONFIRMED, "Booking rescheduled successfully", id="move a lesson"),
    ],
)
def test_booking_goes_from_state_to_state(
    api: Api, before: BookingStatus, action: str, after: BookingStatus, message: str
) -> None:
    booking = make_lesson(before)

    answer = do(api, booking, action)

    assert (answer.status_code, answer.json()["message"], answer.json()["booking"]["status"]) == (200, message, after)
    assert Booking.objects.get(pk=booking.pk).status == after


def test_lesson_that_began_is_completed_by_its_teacher(api: Api) -> None:
    booking = make_lesson(CONFIRMED, starts_in=AN_HOUR_AGO)

    answer = do(api, booking, "complete")

    assert (answer.status_code, answer.json()["booking"]["status"]) == (200, "COMPLETED")


@pytest.mark.parametrize(
    ("action", "state", "code", "message"),
    [
        pytest.param("confirm", CONFIRMED, "booking_not_pending", NOT_PENDING, id="confirm a lesson"),
        pytest.param("confirm", COMPLETED, "booking_not_pending", NOT_PENDING, id="confirm what is over"),
        pytest.param("confirm", CANCELLED, "booking_not_pending", NOT_PENDING, id="confirm what is off"),
        pytest.param("decline", CONFIRMED, "booking_not_pending", NOT_PENDING, id="decline a lesson"),
        pytest.param("decline", COMPLETED, "booking_not_pending", NOT_PENDING, id="decline what is over"),
        pytest.param("decline", CANCELLED, "booking_not_pending", NOT_PENDING, id="decline what is off"),
        pytest.param("reschedule", COMPLETED, "booking_closed", CLOSED, id="move what is over"),
        pytest.param("reschedule", CANCELLED, "booking_closed", CLOSED, id="move what is off"),
        pytest.param("cancel", COMPLETED, "booking_closed", CLOSED, id="cancel what is over"),
        pytest.param("cancel", CANCELLED, "booking_closed", CLOSED, id="cancel what is off"),
        pytest.param("create_meeting", PENDING, "booking_not_confirmed", NOT_CONFIRMED, id="meeting of a request"),
        pytest.param("create_meeting", COMPLETED, "booking_not_confirmed", NOT_CONFIRMED, id="meeting of what is over"),
        pytest.param("create_meeting", CANCELLED, "booking_not_confirmed", NOT_CONFIRMED, id="meeting of what is off"),
        pytest.param("complete", PENDING, "booking_not_confirmed", NOT_CONFIRMED, id="complete a request"),
        pytest.param("complete", COMPLETED, "booking_not_confirmed", NOT_CONFIRMED, id="complete what is over"),
        pytest.param("complete", CANCELLED, "booking_not_confirmed", NOT_CONFIRMED, id="complete what is off"),
        pytest.param("no_show", PENDING, "booking_not_confirmed", NOT_CONFIRMED, id="nobody came to a request"),
        pytest.param("no_show", COMPLETED, "booking_not_confirmed", NOT_CONFIRMED, id="nobody came to what is over"),
        pytest.param("no_show", CANCELLED, "booking_not_confirmed", NOT_CONFIRMED, id="nobody came to what is off"),
    ],
)
def test_wrong_state_is_refused_and_stays(api: Api, action: str, state: BookingStatus, code: str, message: str) -> None:
    booking = make_lesson(state, starts_in=AN_HOUR_AGO if state == COMPLETED else A_WEEK)

    answer = do(api, booking, action)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["error"] == message.format(str(state.label).capitalize())
    assert Booking.objects.values("status", "starts_at", "updated_at").get(pk=booking.pk) == {
        "status": state,
        "starts_at": booking.starts_at,
        "updated_at": booking.updated_at,
    }


@pytest.mark.parametrize(
    ("action", "state", "starts_in", "code"),
    [
        pytest.param("confirm", PENDING, AN_HOUR_AGO, "booking_started", id="confirm too late"),
        pytest.param("cancel", PENDING, AN_HOUR_AGO, "booking_started", id="cancel a request too late"),
        pytest.param("cancel", CONFIRMED, AN_HOUR_AGO, "booking_started", id="cancel too late"),
        pytest.param("reschedule", CONFIRMED, AN_HOUR_AGO, "booking_started", id="move too late"),
        pytest.param("complete", CONFIRMED, A_WEEK, "booking_not_started", id="complete too early"),
        pytest.param("no_show", CONFIRMED, A_WEEK, "too_early_for_no_show", id="report too early"),
    ],
)
def test_wrong_moment_is_refused(api: Api, action: str, state: BookingStatus, starts_in: timedelta, code: str) -> None:
    booking = make_lesson(state, starts_in=starts_in)

    answer = do(api, booking, action)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert Booking.objects.get(pk=booking.pk).status == state


@pytest.mark.parametrize("state", [PENDING, CONFIRMED, CANCELLED])
def test_feedback_needs_a_completed_booking(api: Api, state: BookingStatus) -> None:
    booking = make_lesson(state)

    answer = api(booking.student).post("/api/bookings/feedback/", {"booking_id": str(booking.pk), "rating": 5})

    assert (answer.status_code, answer.json()["code"]) == (400, "feedback_refused")


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
def test_live_booking_holds_the_time_of_both(state: BookingStatus) -> None:
    booking = make_lesson(state)

    held = Claim.objects.exclude(kind=ClaimKind.SEAT).order_by("kind").values_list("kind", "resource_id", "during")

    assert [(kind, person, during.lower, during.upper) for kind, person, during in held] == [
        ("student", booking.student_id, booking.starts_at, booking.ends_at),
        ("teacher", booking.teacher_id, booking.starts_at, booking.ends_at),
    ]


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
@pytest.mark.parametrize("action", ["cancel", "decline"])
def test_booking_cancelled_holds_nothing(api: Api, state: BookingStatus, action: str) -> None:
    booking = make_lesson(state)

    cancelled = do(api, booking, action).status_code == 200

    assert cancelled is not (action == "decline" and state == CONFIRMED)
    assert Claim.objects.exists() is not cancelled


@pytest.mark.parametrize(
    ("reason", "kept"),
    [
        pytest.param({"reason": "Away that week"}, "Away that week", id="with a reason"),
        pytest.param({}, "Declined by the teacher.", id="without one"),
        pytest.param(None, "Declined by the teacher.", id="without a body"),
    ],
)
def test_declined_request_says_why(api: Api, reason: dict[str, Any] | None, kept: str) -> None:
    booking = make_lesson()

    answer = api(booking.teacher).post(f"/api/bookings/bookings/{booking.pk}/decline/", reason)

    declined = Booking.objects.get(pk=booking.pk)
    assert answer.json()["booking"]["cancellation_reason"] == kept
    assert (declined.cancellation_reason, declined.cancelled_by) == (kept, booking.teacher)


@pytest.mark.parametrize("state", [PENDING, CONFIRMED])
def test_cancelled_booking_has_nothing_of_zoom_left(api: Api, state: BookingStatus) -> None:
    booking = make_lesson(state)

    answer = api(booking.student).post(f"/api/bookings/bookings/{booking.pk}/cancel/", {"reason": "Ill"}).json()

    zoom = {
        name: value for name, value in answer["booking"].items() if name.startswith("zoom_") and name != "zoom_info"
    }
    assert zoom == dict.fromkeys(["zoom_meeting_id", "zoom_join_url", "zoom_start_url", "zoom_password"])
    assert answer["booking"]["cancellation_reason"] == "Ill"
    assert answer["zoom_info"] == answer["booking"]["zoom_info"]
    assert answer["zoom_info"] == {
        "meeting_id": None,
        "join_url": None,
        "password": None,
        "has_meeting": False,
        "status": "none",
        "location": None,
        "backup_room": None,
    }


@pytest.mark.parametrize(
    ("state", "starts_in", "possible"),
    [
        pytest.param(PENDING, A_WEEK, True, id="a request"),
        pytest.param(CONFIRMED, A_WEEK, True, id="a lesson"),
        pytest.param(CONFIRMED, AN_HOUR_AGO, False, id="a lesson that began"),
        pytest.param(COMPLETED, AN_HOUR_AGO, False, id="a lesson that is over"),
        pytest.param(CANCELLED, A_WEEK, False, id="a booking that is off"),
    ],
)
@pytest.mark.parametrize("reader", ["student", "teacher"])
def test_booking_says_what_can_still_be_done(
    api: Api, state: BookingStatus, starts_in: timedelta, possible: bool, reader: str
) -> None:
    booking = make_lesson(state, starts_in=starts_in)

    shown = api(getattr(booking, reader)).get(f"/api/bookings/bookings/{booking.pk}/").json()

    assert (shown["can_cancel"], shown["can_reschedule"]) == (possible, possible)
