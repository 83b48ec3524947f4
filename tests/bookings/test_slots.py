"""Free slots over HTTP: what a teacher's hours, settings and other lessons leave, on whose clock."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import User
from classbell.bookings import hours
from classbell.bookings.free_times import write_days
from classbell.bookings.models import TimeOff
from classbell.bookings.slots import FreeSlots, find_slots, next_free, starts_of
from classbell.meetings.services import want_meeting
from tests.api_client import ApiClient
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import next_monday_at, spec

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
SLOTS = "/api/bookings/slots/available"
# Far from every `now` of these tests, and inside the longest horizon.
LONG_AGO = datetime(2026, 12, 1, tzinfo=UTC)


def starts(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [slot["start_time"] for slot in answer.json()["available_slots"]]


def open_on(teacher: User, day: date, opens: str, closes: str) -> None:
    """Open a window on one day of the teacher's clock; `24:00` is its end."""
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (opens, closes))
    hours.add_availability(teacher=teacher, start_minute=start, end_minute=end, day=day)


def described(found: FreeSlots) -> list[dict[str, Any]]:
    """Return what is shown of each day."""
    return [json.loads(day) for day in write_days(found)]


def starts_on(teacher: User, day: date, *, minutes: int = 60, timezone: str | None = None) -> list[str]:
    """Return the starts of one day with their offsets, asked long before."""
    hours.change_settings(teacher=teacher, changes={"max_days_ahead": 366})
    found = find_slots(teacher_id=teacher.pk, first=day, minutes=minutes, timezone=timezone, now=LONG_AGO)
    (shown,) = described(found)
    return [slot["datetime_start"][11:] for slot in shown["available_slots"]]


def test_slots_are_packed_around_what_is_taken(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="17:00"), a_day_ahead()
    make_booking(teacher=teacher, starts_at=day.replace(hour=10), minutes=30)

    answer = api().get(SLOTS, teacher_id=teacher.pk, date=day.date(), duration=60)

    first, second = answer.json()["available_slots"][:2]
    assert starts(answer) == ["09:00", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"]
    assert first == {
        "start_time": "09:00",
        "end_time": "10:00",
        "datetime_start": f"{day:%Y-%m-%d}T09:00:00+00:00",
        "datetime_end": f"{day:%Y-%m-%d}T10:00:00+00:00",
    }
    assert second["end_time"] == "11:30"
    assert {name: value for name, value in answer.json().items() if name != "available_slots"} == {
        "date": day.date().isoformat(),
        "teacher_id": str(teacher.pk),
        "timezone": "UTC",
        "duration": 60,
    }


def test_slots_last_an_hour_unless_told_otherwise(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="11:30"), a_day_ahead()

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date())) == ["09:00", "10:00"]
    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date(), duration=45)) == ["09:00", "09:45", "10:30"]


def test_class_of_the_teacher_takes_its_time(api: Api) -> None:
    teacher, monday = make_tutor(opens="09:00", closes="12:00"), next_monday_at(10)
    want_meeting(spec(teacher, starts_at=monday), now=datetime.now(UTC))

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=monday.date())) == ["09:00", "11:00"]


def test_time_off_takes_its_time(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="13:00"), a_day_ahead()
    hours.add_time_off(teacher=teacher, starts_at=day.replace(hour=8), ends_at=day.replace(hour=11, minute=15))

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date())) == ["11:15"]


def test_cancelled_booking_gives_its_time_back(api: Api) -> None:
    teacher, student, day = make_tutor(opens="09:00", closes="11:00"), make_student(), a_day_ahead(hour=9)
    booking = make_booking(teacher=teacher, student=student, starts_at=day)
    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date())) == ["10:00"]

    api(student).post(f"/api/bookings/bookings/{booking.pk}/cancel")

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date())) == ["09:00", "10:00"]


def test_buffer_stays_free_before_and_after_a_lesson(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="13:00", settings={"buffer_minutes": 15}), a_day_ahead(hour=11)
    make_booking(teacher=teacher, starts_at=day, minutes=30)

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day.date(), duration=60)) == ["09:00", "11:45"]


def test_slot_interval_is_a_grid_on_the_clock(api: Api) -> None:
    teacher = make_tutor(opens="09:10", closes="11:10", settings={"slot_interval_minutes": 30})

    answer = api().get(SLOTS, teacher_id=teacher.pk, date=a_day_ahead().date(), duration=60)

    assert starts(answer) == ["09:30", "10:00"]


def test_slots_begin_after_the_notice_and_before_the_horizon() -> None:
    teacher = make_tutor(opens="09:00", closes="12:00", settings={"min_notice_minutes": 90, "max_days_ahead": 1})
    now = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)

    found = find_slots(teacher_id=teacher.pk, first=date(2026, 12, 1), days=3, now=now)

    assert [slot["start_time"] for slot in described(found)[0]["available_slots"]] == ["10:00", "11:00"]
    # A slot counts while it begins within max_days_ahead times 24 hours.
    assert [len(day["available_slots"]) for day in described(found)] == [2, 0, 0]


def test_slots_of_today_that_are_past_are_not_offered() -> None:
    teacher = make_tutor(opens="09:00", closes="12:00")

    found = find_slots(
        teacher_id=teacher.pk, first=date(2026, 12, 1), now=datetime(2026, 12, 1, 10, 0, 0, 1, tzinfo=UTC)
    )

    assert [slot["start_time"] for slot in described(found)[0]["available_slots"]] == ["11:00"]


def test_reader_far_away_sees_their_own_day() -> None:
    """09:00 to 12:00 in Tokyo is the evening before in New York, until after midnight UTC."""
    teacher, day = make_teacher(timezone="Asia/Tokyo"), date(2027, 1, 20)
    open_on(teacher, day, "12:00", "16:00")

    assert starts_on(teacher, day - timedelta(days=1), timezone="America/New_York") == [
        "22:00:00-05:00",
        "23:00:00-05:00",
    ]
    assert starts_on(teacher, day, timezone="America/New_York") == ["00:00:00-05:00", "01:00:00-05:00"]
    assert starts_on(teacher, day) == ["12:00:00+09:00", "13:00:00+09:00", "14:00:00+09:00", "15:00:00+09:00"]


def test_slot_that_ends_past_midnight_belongs_to_the_day_it_starts(api: Api) -> None:
    teacher, day = make_teacher(), a_day_ahead().date()
    open_on(teacher, day, "23:00", "24:00")
    open_on(teacher, day + timedelta(days=1), "00:00", "01:00")

    answer = api().get(SLOTS, teacher_id=teacher.pk, date=day, duration=90)

    assert [(slot["start_time"], slot["end_time"]) for slot in answer.json()["available_slots"]] == [("23:00", "00:30")]
    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day + timedelta(days=1), duration=90)) == []


@pytest.mark.parametrize(
    "windows",
    [
        pytest.param([("09:00", "11:00"), ("11:00", "12:30")], id="touching"),
        pytest.param([("09:00", "11:00"), ("10:15", "12:30")], id="overlapping"),
        pytest.param([("09:00", "12:30"), ("10:00", "11:00"), ("09:00", "12:30")], id="one inside the other"),
    ],
)
def test_windows_merge_in_effect(api: Api, windows: list[tuple[str, str]]) -> None:
    teacher, day = make_teacher(), a_day_ahead().date()
    for opens, closes in windows:
        open_on(teacher, day, opens, closes)

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day, duration=90)) == ["09:00", "10:30"]


def test_dated_window_adds_to_the_weekly_ones(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="10:00"), a_day_ahead().date()
    open_on(teacher, day, "15:00", "16:00")

    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day)) == ["09:00", "15:00"]
    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day + timedelta(days=7))) == ["09:00"]


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "expected"),
    [
        pytest.param(
            "Europe/Lisbon", date(2027, 3, 28), "00:00", "04:00",
            ["00:00:00+00:00", "02:00:00+01:00", "03:00:00+01:00"], id="Lisbon skips 01:00",
        ),
        pytest.param(
            "Europe/Lisbon", date(2027, 10, 31), "00:00", "03:00",
            ["00:00:00+01:00", "01:00:00+00:00", "02:00:00+00:00"], id="Lisbon repeats 01:00",
        ),
        pytest.param(
            "America/New_York", date(2027, 3, 14), "01:00", "04:00",
            ["01:00:00-05:00", "03:00:00-04:00"], id="New York skips 02:00",
        ),
        pytest.param(
            "America/New_York", date(2027, 11, 7), "01:00", "03:00",
            ["01:00:00-05:00", "02:00:00-05:00"], id="New York repeats 01:00",
        ),
        pytest.param(
            "Africa/Cairo", date(2027, 4, 30), "00:00", "03:00",
            ["01:00:00+03:00", "02:00:00+03:00"], id="Cairo skips midnight",
        ),
        pytest.param(
            "Africa/Cairo", date(2027, 10, 28), "22:00", "24:00",
            ["22:00:00+03:00", "23:00:00+02:00"], id="Cairo repeats 23:00",
        ),
        pytest.param(
            "Australia/Lord_Howe", date(2027, 10, 3), "01:00", "04:00",
            ["01:00:00+10:30", "02:30:00+11:00"], id="Lord Howe skips half an hour",
        ),
        pytest.param(
            "Australia/Lord_Howe", date(2027, 4, 4), "01:00", "04:00",
            ["01:30:00+10:30", "02:30:00+10:30"], id="Lord Howe repeats half an hour",
        ),
    ],
)  # fmt: skip
def test_clock_change_leaves_each_minute_of_the_wall_once(
    zone: str, day: date, opens: str, closes: str, expected: list[str]
) -> None:
    teacher = make_teacher(timezone=zone)
    open_on(teacher, day, opens, closes)

    assert starts_on(teacher, day) == expected


@pytest.mark.parametrize(
    ("zone", "day", "interval", "expected"),
    [
        pytest.param("Australia/Lord_Howe", date(2027, 10, 3), 60, ["09:00", "10:00", "11:00"], id="half an hour less"),
        pytest.param("Australia/Lord_Howe", date(2027, 4, 4), 60, ["09:00", "10:00", "11:00"], id="half an hour more"),
        pytest.param("America/New_York", date(2027, 3, 14), 90, ["09:00", "10:30"], id="an hour less"),
    ],
)
def test_slot_interval_stays_on_the_clock_when_the_clocks_changed_that_night(
    zone: str, day: date, interval: int, expected: list[str]
) -> None:
    teacher = make_teacher(timezone=zone)
    hours.change_settings(teacher=teacher, changes={"slot_interval_minutes": interval})
    open_on(teacher, day, "09:00", "12:00")

    assert [start[:5] for start in starts_on(teacher, day)] == expected


def test_hour_before_a_repeated_midnight_is_of_the_new_day() -> None:
    """In the Azores 00:00 to 01:00 runs twice on the last Sunday of October: both times it is Sunday."""
    teacher, sunday = make_teacher(timezone="UTC"), date(2027, 10, 31)
    open_on(teacher, sunday, "00:00", "02:00")

    assert starts_on(teacher, sunday - timedelta(days=1), timezone="Atlantic/Azores") == []
    assert starts_on(teacher, sunday, timezone="Atlantic/Azores") == ["00:00:00+00:00", "00:00:00-01:00"]


def test_days_are_answered_one_by_one_in_one_statement(api: Api) -> None:
    teacher, day = make_tutor(opens="09:00", closes="11:00"), a_day_ahead()
    make_booking(teacher=teacher, starts_at=day.replace(hour=9))
    hours.add_time_off(
        teacher=teacher, starts_at=day.replace(hour=0) + timedelta(days=1), ends_at=day + timedelta(days=1)
    )

    with CaptureQueriesContext(connection) as queries:
        answer = api().get(SLOTS, teacher_id=teacher.pk, date=day.date(), days=3, timezone="Asia/Kathmandu").json()

    assert [entry["date"] for entry in answer["days"]] == [
        (day.date() + timedelta(days=number)).isoformat() for number in range(3)
    ]
    assert [[slot["start_time"] for slot in entry["available_slots"]] for entry in answer["days"]] == [
        ["15:45"],
        ["15:45"],
        ["14:45", "15:45"],
    ]
    assert "available_slots" not in answer
    # The slots' own statement is prepared and does not stand among Django's.
    assert list(queries) == []


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(uuid4, id="nobody"),
        pytest.param(lambda: make_student().pk, id="a student"),
        pytest.param(lambda: make_tutor(is_active=False).pk, id="a teacher who left"),
    ],
)
def test_slots_of_who_is_no_teacher_are_not_found(api: Api, who: Callable[[], Any]) -> None:
    answer = api().get(SLOTS, teacher_id=who(), date=a_day_ahead().date())

    assert (answer.status_code, answer.json()["error"]) == (404, "Teacher not found")


def test_teacher_without_hours_has_no_slots(api: Api) -> None:
    for teacher in (make_teacher(), make_admin()):
        assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=a_day_ahead().date())) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("teacher_id", "not-an-id", id="malformed teacher"),
        pytest.param("teacher_id", None, id="no teacher"),
        pytest.param("date", "2027-02-30", id="no such day"),
        pytest.param("date", None, id="no day"),
        pytest.param("duration", 14, id="too short"),
        pytest.param("duration", 481, id="too long"),
        pytest.param("duration", "an hour", id="duration in words"),
        pytest.param("timezone", "Mars/Olympus", id="no such timezone"),
        pytest.param("timezone", "Europe", id="half a timezone"),
        pytest.param("days", 0, id="no days"),
        pytest.param("days", 32, id="too many days"),
    ],
)
def test_bad_question_names_its_field(api: Api, field: str, value: Any) -> None:
    asked = {"teacher_id": make_tutor().pk, "date": a_day_ahead().date(), "duration": 60} | {field: value}

    answer = api().get(SLOTS, **{name: given for name, given in asked.items() if given is not None})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert [detail["field"] for detail in answer.json()["details"]] == [field]


@pytest.mark.parametrize("day", ["2000-01-01", "2199-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_days_at_the_ends_of_what_can_be_asked_have_no_slots(api: Api, day: str, zone: str) -> None:
    asked = {"teacher_id": make_tutor(timezone=zone).pk, "date": day}

    assert starts(api().get(SLOTS, **asked)) == []
    assert len(api().get(SLOTS, **asked, days=31).json()["days"]) == 31


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31"])
def test_days_beyond_the_ends_cannot_be_asked(api: Api, day: str) -> None:
    answer = api().get(SLOTS, teacher_id=make_tutor().pk, date=day, days=31)

    assert (answer.status_code, [detail["field"] for detail in answer.json()["details"]]) == (400, ["date"])


def test_time_off_as_days_is_whole_days_of_the_teachers_clock(api: Api) -> None:
    teacher, day = make_tutor(opens="00:00", closes="24:00", timezone="Asia/Tokyo"), a_day_ahead().date()

    answer = api(teacher).post("/api/bookings/time-off/", {"from": day.isoformat(), "to": day.isoformat()})

    entry = TimeOff.objects.get()
    midnight = datetime.combine(day, time(), tzinfo=teacher.zone)
    assert (answer.status_code, entry.starts_at, entry.ends_at) == (201, midnight, midnight + timedelta(days=1))
    assert starts(api().get(SLOTS, teacher_id=teacher.pk, date=day)) == []


def test_first_free_hour_of_many_teachers_is_the_first_that_each_of_them_offers() -> None:
    now = datetime(2026, 12, 1, 10, 30, tzinfo=UTC)
    teachers = [
        make_tutor(opens="09:00", closes="12:00"),
        make_tutor(opens="09:00", closes="12:00", timezone="Pacific/Kiritimati"),
        make_tutor(opens="09:00", closes="12:00", settings={"min_notice_minutes": 3 * 24 * 60}),
        make_teacher(),
    ]

    with CaptureQueriesContext(connection) as asked:
        found = next_free([teacher.pk for teacher in teachers], days=14, minutes=60, now=now)

    offered = {
        teacher.pk: next(
            iter(starts_of(find_slots(teacher_id=teacher.pk, first=date(2026, 12, 1), days=15, now=now))), None
        )
        for teacher in teachers
    }
    assert found == {teacher: start for teacher, start in offered.items() if start is not None}
    assert len(found) == 3
    assert len(asked) <= 1


def test_nobody_has_no_free_hour() -> None:
    assert next_free([], days=14, minutes=60, now=LONG_AGO) == {}
