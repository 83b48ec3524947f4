"""What cannot be meant is refused with 400, naming the field; nothing that anybody sends makes a 500."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from classbell.bookings.models import Availability, Booking, TimeOff
from tests.api_client import ApiClient
from tests.factories import make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings"
TEN: datetime = a_day_ahead()
NUL = "before\x00after"


def refused(answer: Any) -> tuple[int, str, list[str]]:
    """Return status, code and the fields that are named."""
    body = answer.json()
    return answer.status_code, body["code"], [detail["field"] for detail in body["details"] if "field" in detail]


@pytest.mark.parametrize(
    ("changes", "code", "fields"),
    [
        pytest.param({"start_time": TEN.replace(tzinfo=None).isoformat()}, "invalid_input", ["start_time"], id="no offset"),
        pytest.param({"start_time": "tomorrow at ten"}, "invalid_input", ["start_time"], id="no time at all"),
        pytest.param({"start_time": None}, "invalid_input", ["start_time"], id="no start"),
        pytest.param({"start_time": "9999-12-31T23:30:00Z"}, "invalid_input", ["start_time"], id="end of the calendar"),
        pytest.param({"start_time": "0001-01-01T00:00:00+14:00"}, "invalid_input", ["start_time"], id="before it"),
        pytest.param({"duration": 10}, "invalid_input", ["duration"], id="ten minutes"),
        pytest.param({"duration": 500}, "invalid_input", ["duration"], id="500 minutes"),
        pytest.param({"duration": "long"}, "invalid_input", ["duration"], id="duration in words"),
        pytest.param({"end_time": "2027-01-01T10:00:00"}, "invalid_input", ["end_time"], id="end without offset"),
        pytest.param({"end_time": (TEN - timedelta(hours=1)).isoformat()}, "invalid_period", [], id="end before start"),
        pytest.param({"end_time": TEN.isoformat()}, "invalid_period", [], id="end at start"),
        pytest.param({"end_time": (TEN + timedelta(hours=9)).isoformat()}, "invalid_period", [], id="nine hours"),
        pytest.param(
            {"end_time": (TEN + timedelta(minutes=30, seconds=30)).isoformat()}, "invalid_period", [], id="half a minute more"
        ),
        pytest.param(
            {"start_time": (TEN + timedelta(milliseconds=500)).isoformat()}, "invalid_period", [], id="half a second late"
        ),
        pytest.param({"teacher_id": "maria"}, "invalid_input", ["teacher_id"], id="malformed teacher"),
        pytest.param({"notes": "x" * 2001}, "invalid_input", ["notes"], id="notes without end"),
        pytest.param({"notes": NUL}, "invalid_input", ["notes"], id="notes that no database keeps"),
        pytest.param({"notes": "\ud800"}, "invalid_input", ["notes"], id="notes that are no text"),
        pytest.param({"notes": 5}, "invalid_input", ["notes"], id="notes in numbers"),
    ],
)  # fmt: skip
def test_request_that_makes_no_lesson_is_refused(
    api: Api, changes: dict[str, Any], code: str, fields: list[str]
) -> None:
    body = {"teacher_id": str(make_tutor().pk), "start_time": TEN.isoformat(), "notes": ""} | changes

    answer = api(make_student()).post(BOOKINGS, body)

    assert refused(answer) == (400, code, fields)
    assert not Booking.objects.exists()


def test_unknown_teacher_is_not_found(api: Api) -> None:
    for teacher_id in (uuid4(), make_student().pk):
        answer = api(make_student()).post(BOOKINGS, {"teacher_id": str(teacher_id), "start_time": TEN.isoformat()})

        assert (answer.status_code, answer.json()["error"]) == (404, "Teacher not found")


@pytest.mark.parametrize(
    "body", [pytest.param([], id="a list"), pytest.param("lesson", id="text"), pytest.param(None, id="nothing")]
)
def test_body_that_is_no_object_is_refused(api: Api, body: Any) -> None:
    assert api(make_student()).post(BOOKINGS, body).status_code == 400


@pytest.mark.parametrize(
    "action",
    ["", "/confirm", "/decline", "/reschedule", "/cancel", "/create_meeting", "/meeting_info", "/complete", "/no_show"],
)
@pytest.mark.parametrize("booking_id", ["not-an-id", "123", str(uuid4())], ids=["malformed", "a number", "unknown"])
def test_booking_that_is_not_there_is_not_found(api: Api, action: str, booking_id: str) -> None:
    client = api(make_teacher())
    body = {"start_time": TEN.isoformat(), "who": "student"}
    path = f"{BOOKINGS}/{booking_id}{action}/"

    answer = client.get(path) if action in {"", "/meeting_info"} else client.post(path, body)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        pytest.param({}, "invalid_input", [""], id="no time"),
        pytest.param({"duration": 30}, "invalid_input", [""], id="only a duration"),
        pytest.param({"start_time": "2027-01-01T10:00"}, "invalid_input", ["start_time"], id="no offset"),
        pytest.param({"new_start_time": "2027-01-01T10:00"}, "invalid_input", ["new_start_time"], id="no offset, new"),
        pytest.param({"start_time": "9999-12-31T23:59:00Z"}, "invalid_input", ["start_time"], id="end of the calendar"),
        pytest.param({"start_time": TEN.isoformat(), "duration": 10}, "invalid_input", ["duration"], id="ten minutes"),
        pytest.param(
            {"new_start_time": TEN.isoformat(), "new_end_time": (TEN - timedelta(hours=1)).isoformat()},
            "invalid_period",
            [],
            id="end before start",
        ),
        pytest.param({"start_time": TEN.isoformat(), "reason": "x" * 501}, "invalid_input", ["reason"], id="long reason"),
        pytest.param({"start_time": TEN.isoformat(), "reason": NUL}, "invalid_input", ["reason"], id="NUL in the reason"),
    ],
)  # fmt: skip
def test_reschedule_without_a_sensible_time_is_refused(
    api: Api, body: dict[str, Any], code: str, fields: list[str]
) -> None:
    student = make_student()
    booking = make_booking(student=student)

    answer = api(student).post(f"{BOOKINGS}/{booking.pk}/reschedule/", body)

    assert refused(answer) == (400, code, fields)


@pytest.mark.parametrize("action", ["cancel", "decline"])
@pytest.mark.parametrize("reason", ["x" * 501, NUL, 7], ids=["too long", "NUL", "a number"])
def test_reason_that_cannot_be_kept_is_refused(api: Api, action: str, reason: Any) -> None:
    booking = make_booking()

    answer = api(booking.teacher).post(f"{BOOKINGS}/{booking.pk}/{action}/", {"reason": reason})

    assert refused(answer) == (400, "invalid_input", ["reason"])


@pytest.mark.parametrize(
    ("path", "query", "code", "fields"),
    [
        pytest.param("bookings/my", {"status": "LOST"}, "invalid_input", ["status"], id="no such status"),
        pytest.param("bookings", {"status": "LOST"}, "invalid_input", ["status"], id="no such status, all"),
        pytest.param("bookings/my", {"role": "admin"}, "invalid_input", ["role"], id="no such role"),
        pytest.param("bookings/my", {"limit": 0}, "invalid_input", ["limit"], id="no rows"),
        pytest.param("bookings/my", {"limit": 201}, "invalid_input", ["limit"], id="too many rows"),
        pytest.param("bookings/my", {"cursor": "forged"}, "invalid_cursor", [], id="forged cursor"),
        pytest.param("feedback", {}, "invalid_input", ["teacher_id"], id="feedback on nobody"),
        pytest.param("teachers", {"q": NUL}, "invalid_input", ["q"], id="search for NUL"),
        pytest.param("teachers", {"subject": NUL}, "invalid_input", ["subject"], id="subject with NUL"),
    ],
)
def test_list_asked_for_wrongly_names_the_field(
    api: Api, path: str, query: dict[str, Any], code: str, fields: list[str]
) -> None:
    assert refused(api(make_student()).get(f"/api/bookings/{path}/", **query)) == (400, code, fields)


@pytest.mark.parametrize(
    ("start", "end", "fields"),
    [
        pytest.param("2027-01-02", "2027-01-01", ["end_date"], id="end before start"),
        pytest.param("2027-01-01", "2027-05-01", ["end_date"], id="more than 92 days"),
        pytest.param("2027-01-01", "soon", ["end_date"], id="no date"),
        pytest.param("9999-12-31", "9999-12-31", ["start_date", "end_date"], id="end of the calendar"),
        pytest.param("0001-01-01", "0001-01-01", ["start_date", "end_date"], id="begin of the calendar"),
    ],
)
def test_schedule_asked_for_wrongly_is_refused(api: Api, start: str, end: str, fields: list[str]) -> None:
    answer = api(make_student()).get(
        "/api/bookings/schedule/", teacher_id=make_tutor().pk, start_date=start, end_date=end
    )

    assert refused(answer) == (400, "invalid_input", fields)


@pytest.mark.parametrize(
    ("changes", "code", "fields"),
    [
        pytest.param({"start_time": "9 o'clock"}, "invalid_input", ["start_time"], id="no clock time"),
        pytest.param({"start_time": "09:00:30"}, "invalid_input", ["start_time"], id="seconds"),
        pytest.param({"end_time": "24:01:00"}, "invalid_input", ["end_time"], id="after the end of the day"),
        pytest.param({"end_time": "08:00:00"}, "invalid_availability", [], id="end before start"),
        pytest.param({"end_time": "09:00:00"}, "invalid_availability", [], id="end at start"),
        pytest.param({"day_of_week": 7}, "invalid_input", ["day_of_week"], id="an eighth weekday"),
        pytest.param({"day_of_week": None}, "invalid_availability", [], id="no day"),
        pytest.param({"day_of_week": None, "is_recurring": False}, "invalid_input", [""], id="one day without a date"),
        pytest.param({"date": "2027-01-01", "is_recurring": True}, "invalid_input", [""], id="weekly with a date"),
        pytest.param({"date": "2027-13-01"}, "invalid_input", ["date"], id="no such date"),
    ],
)
def test_window_that_is_none_is_refused(api: Api, changes: dict[str, Any], code: str, fields: list[str]) -> None:
    body = {"day_of_week": 0, "start_time": "09:00:00", "end_time": "17:00:00"} | changes

    answer = api(make_teacher()).post("/api/bookings/availability/", body)

    assert refused(answer) == (400, code, fields)
    assert not Availability.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "code", "wrong"),
    [
        pytest.param("2027-01-02T00:00:00Z", "2027-01-01T00:00:00Z", "invalid_availability", [], id="end before start"),
        pytest.param("2027-01-02", "2027-01-01", "invalid_availability", [], id="last day before the first"),
        pytest.param("2027-01-01T00:00:00", "2027-01-02", "invalid_input", ["from"], id="midnight without offset"),
        pytest.param("2027-01-01", "2027-01-02T10:00", "invalid_input", ["to"], id="end without offset"),
        pytest.param("2027-01-01", "9999-12-31", "invalid_input", ["to"], id="for ever"),
    ],
)
def test_time_off_that_is_none_is_refused(api: Api, start: str, end: str, code: str, wrong: list[str]) -> None:
    answer = api(make_teacher()).post("/api/bookings/time-off/", {"from": start, "to": end})

    status, answered, fields = refused(answer)
    assert (status, answered, sorted({field.partition(".")[0] for field in fields})) == (400, code, wrong)
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"buffer_minutes": -1}, "buffer_minutes", id="buffer below nothing"),
        pytest.param({"min_notice_minutes": 10**6}, "min_notice_minutes", id="notice of two years"),
        pytest.param({"slot_interval_minutes": 4}, "slot_interval_minutes", id="interval too short"),
        pytest.param({"max_days_ahead": 0}, "max_days_ahead", id="no day ahead"),
        pytest.param({"auto_confirm": "perhaps"}, "auto_confirm", id="undecided"),
        pytest.param({"bio": NUL}, "bio", id="NUL in the bio"),
        pytest.param({"subjects": [NUL]}, "subjects.0", id="NUL in a subject"),
    ],
)
def test_setting_out_of_bounds_is_refused(api: Api, changes: dict[str, Any], field: str) -> None:
    assert refused(api(make_teacher()).patch("/api/bookings/settings/", changes)) == (400, "invalid_input", [field])


@pytest.mark.parametrize(
    ("rating", "comment", "field"),
    [
        pytest.param(0, "", "rating", id="no star"),
        pytest.param(6, "", "rating", id="six stars"),
        pytest.param(4.5, "", "rating", id="half a star"),
        pytest.param("5", "", "rating", id="stars as text"),
        pytest.param(5, NUL, "comment", id="NUL in the comment"),
        pytest.param(5, "x" * 2001, "comment", id="comment without end"),
    ],
)
def test_feedback_out_of_bounds_is_refused(api: Api, rating: Any, comment: str, field: str) -> None:
    body = {"booking_id": str(uuid4()), "rating": rating, "comment": comment}

    assert refused(api(make_student()).post("/api/bookings/feedback/", body)) == (400, "invalid_input", [field])
