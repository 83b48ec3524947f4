"""Lists of bookings, a teacher's schedule, teachers and what is said of them: what each reader finds there."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbell.accounts.models import User
from classbell.bookings import hours
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus, Feedback
from classbell.meetings.services import want_meeting
from tests.api_client import ApiClient
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_student, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import spec

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings/"
MY = f"{BOOKINGS}my/"
SCHEDULE = "/api/bookings/schedule/"
TEN = a_day_ahead(hour=10)
HOUR = timedelta(hours=1)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [booking["id"] for booking in answer.json()["bookings"]]


def of(*bookings: Booking) -> list[str]:
    return [str(booking.pk) for booking in bookings]


def test_everybody_lists_what_they_take_part_in_and_admins_all(api: Api) -> None:
    teacher, student = make_tutor(), make_student()
    first = make_booking(teacher=teacher, student=student, starts_at=TEN)
    second = make_booking(teacher=teacher, starts_at=TEN + 2 * HOUR)
    stranger = make_booking(starts_at=TEN + 4 * HOUR)

    assert ids(api(student).get(BOOKINGS)) == of(first)
    assert ids(api(teacher).get(BOOKINGS)) == of(second, first)
    assert ids(api(make_admin()).get(BOOKINGS)) == of(stranger, second, first)
    assert ids(api(make_teacher()).get(BOOKINGS)) == []
    assert ids(api(make_admin()).get(MY)) == []


@pytest.mark.parametrize("status", list(BookingStatus))
@pytest.mark.parametrize("path", [BOOKINGS, MY])
def test_list_is_filtered_by_status_in_any_case(api: Api, status: BookingStatus, path: str) -> None:
    student = make_student()
    lessons = {
        one: make_lesson(one, student=student, starts_in=timedelta(days=3 + number))
        for number, one in enumerate(BookingStatus)
    }

    assert ids(api(student).get(path, status=status)) == of(lessons[status])
    assert ids(api(student).get(path, status=status.lower())) == of(lessons[status])


def test_own_bookings_are_filtered_by_role(api: Api) -> None:
    """A student who became a teacher has both."""
    person = make_student()
    taken = make_booking(student=person, starts_at=TEN)
    User.objects.filter(pk=person.pk).update(role="teacher")
    person.refresh_from_db()
    hours.set_week(teacher=person, windows={weekday: [(0, 1440)] for weekday in range(7)})
    given = make_booking(teacher=person, starts_at=TEN + 2 * HOUR)

    assert ids(api(person).get(MY, role="student")) == of(taken)
    assert ids(api(person).get(MY, role="teacher")) == of(given)
    assert ids(api(person).get(MY)) == ids(api(person).get(MY, role="")) == of(given, taken)
    assert ids(api(person).get(MY, role="teacher", status="CONFIRMED")) == []


def test_pages_follow_each_other_without_gap_or_repetition(api: Api) -> None:
    bookings = [make_booking(starts_at=TEN) for _ in range(3)] + [make_booking(starts_at=TEN + HOUR) for _ in range(2)]
    client, found, cursors = api(make_admin()), [], []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(BOOKINGS, limit=2, **cursor)
        found += ids(page)
        cursors.append(page.json()["next_cursor"])
        if cursors[-1] is None:
            break
        cursor = {"cursor": cursors[-1]}

    assert found == of(*sorted(bookings, key=lambda booking: (booking.starts_at, booking.pk), reverse=True))
    assert [last is None for last in cursors] == [False, False, True]


@pytest.mark.parametrize("limited", [False, True], ids=["without a policy", "with moves a month"])
@pytest.mark.parametrize("who", ["admin", "teacher", "student"])
def test_longer_lists_cost_no_more_queries(api: Api, who: str, limited: bool) -> None:
    if limited:
        BookingPolicy.objects.create(reschedules_per_month=2)
    reader = {"admin": make_admin, "teacher": make_tutor, "student": make_student}[who]()
    roles: dict[str, Any] = {"teacher": {"teacher": reader}, "student": {"student": reader}}.get(who, {})
    client, queries = api(reader), []
    for number in range(3):
        make_booking(starts_at=TEN + number * HOUR, **roles)
        if number in {0, 2}:
            with CaptureQueriesContext(connection) as context:
                assert len(ids(client.get(BOOKINGS))) == number + 1
            queries.append(len(context))

    assert queries[0] == queries[1]


def test_schedule_shows_its_teacher_and_admins_who_comes(api: Api) -> None:
    teacher = make_tutor()
    student = make_student(first_name="John", last_name="Doe")
    booking = make_booking(teacher=teacher, student=student, starts_at=TEN, notes="Verbs")
    asked = {"teacher_id": teacher.pk, "start_date": TEN.date(), "end_date": TEN.date() + timedelta(days=1)}
    times = {"start_time": f"{TEN:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{TEN + HOUR:%Y-%m-%dT%H:%M:%SZ}"}

    for reader in (teacher, make_admin()):
        assert api(reader).get(SCHEDULE, **asked).json() == {
            "teacher_id": str(teacher.pk),
            "start_date": TEN.date().isoformat(),
            "end_date": (TEN.date() + timedelta(days=1)).isoformat(),
            "bookings": [
                times
                | {
                    "id": str(booking.pk),
                    "status": "PENDING",
                    "student__first_name": "John",
                    "student__last_name": "Doe",
                    "notes": "Verbs",
                }
            ],
            "busy": [times],
        }


@pytest.mark.parametrize("who", ["its student", "another student", "another teacher"])
def test_schedule_tells_others_only_that_the_teacher_is_busy(api: Api, who: str) -> None:
    booking = make_booking(student=make_student(first_name="Secretive"), starts_at=TEN, notes="Confidential")
    reader = {
        "its student": lambda: booking.student,
        "another student": make_student,
        "another teacher": make_teacher,
    }[who]()

    answer = api(reader).get(
        SCHEDULE, teacher_id=booking.teacher_id, start_date=TEN.date(), end_date=TEN.date(), timezone="UTC"
    )

    assert [entry["status"] for entry in answer.json()["bookings"]] == ["BUSY"]
    assert {
        value
        for entry in answer.json()["bookings"]
        for name, value in entry.items()
        if name not in {"status", "start_time", "end_time"}
    } == {None}
    assert "Secretive" not in answer.content.decode()
    assert "Confidential" not in answer.content.decode()
    assert str(booking.pk) not in answer.content.decode()


def test_schedule_counts_everything_the_teacher_does_and_nothing_cancelled(api: Api) -> None:
    teacher = make_tutor()
    want_meeting(spec(teacher, starts_at=TEN + HOUR), now=datetime.now(UTC))
    make_booking(teacher=teacher, starts_at=TEN)
    gone = make_booking(teacher=teacher, starts_at=TEN + 4 * HOUR)
    api(gone.student).post(f"{BOOKINGS}{gone.pk}/cancel/")

    answer = api(make_student()).get(SCHEDULE, teacher_id=teacher.pk, start_date=TEN.date(), end_date=TEN.date()).json()

    assert len(answer["bookings"]) == 1
    assert answer["busy"] == [
        {"start_time": f"{TEN:%Y-%m-%dT%H:%M:%SZ}", "end_time": f"{TEN + 2 * HOUR:%Y-%m-%dT%H:%M:%SZ}"}
    ]


def test_schedule_has_whole_days_of_the_zone_asked_for(api: Api) -> None:
    teacher = make_tutor(timezone="Asia/Tokyo", opens="00:00", closes="24:00")
    late = make_booking(teacher=teacher, starts_at=TEN.replace(hour=23))
    day = late.starts_at.date()

    def found(**asked: Any) -> int:
        answer = api(teacher).get(SCHEDULE, teacher_id=teacher.pk, **asked)
        return len(answer.json()["bookings"])

    assert found(start_date=day, end_date=day) == 0
    assert found(start_date=day + timedelta(days=1), end_date=day + timedelta(days=1)) == 1
    assert found(start_date=day, end_date=day, timezone="UTC") == 1


def test_schedule_of_nobody_is_not_found(api: Api) -> None:
    student = make_student()

    answer = api(student).get(SCHEDULE, teacher_id=student.pk, start_date=TEN.date(), end_date=TEN.date())

    assert (answer.status_code, answer.json()["error"]) == (404, "Teacher not found")


def test_teachers_are_found_by_name_word_and_subject(api: Api) -> None:
    maria = make_teacher(first_name="Maria", last_name="Garcia")
    hours.change_settings(teacher=maria, changes={"subjects": ["Spanish"], "bio": "Conversation with patience"})
    omar = make_teacher(first_name="Omar", last_name="Said", timezone="Africa/Cairo")
    make_teacher(first_name="Gone", is_active=False)
    make_admin()

    def names(**query: str) -> list[str]:
        return [teacher["name"] for teacher in api().get("/api/bookings/teachers/", **query).json()["teachers"]]

    assert names() == ["Maria Garcia", "Omar Said"]
    assert names(q="garcia maria") == names(q="patience") == names(subject="spanish") == ["Maria Garcia"]
    assert names(q="maria said") == names(subject="Latin") == []
    (shown,) = api().get("/api/bookings/teachers/", q="omar").json()["teachers"]
    assert shown == {
        "id": str(omar.pk),
        "name": "Omar Said",
        "avatar": "",
        "bio": "",
        "subjects": [],
        "timezone": "Africa/Cairo",
        "rating": None,
        "rating_count": 0,
        "next_free": None,
    }


def test_feedback_is_given_once_and_counts_for_the_teacher(api: Api) -> None:
    teacher = make_tutor(opens="00:00", closes="24:00")
    first, second = (
        make_lesson(BookingStatus.COMPLETED, teacher=teacher, starts_in=timedelta(hours=-hours_ago))
        for hours_ago in (3, 6)
    )
    body = {"booking_id": str(first.pk), "rating": 5, "comment": "Very helpful"}

    given = api(first.student).post("/api/bookings/feedback/", body)
    again = api(first.student).post("/api/bookings/feedback/", body | {"rating": 1})
    api(second.student).post("/api/bookings/feedback/", {"booking_id": str(second.pk), "rating": 4})
    api(teacher).post(f"{BOOKINGS}{first.pk}/feedback/", {"rating": 1, "comment": "Late"})

    assert given.status_code == 201
    assert given.json() == {
        "id": str(Feedback.objects.get(rating=5).pk),
        "booking_id": str(first.pk),
        "teacher_id": str(teacher.pk),
        "author_name": "Student",
        "rating": 5,
        "comment": "Very helpful",
        "created_at": given.json()["created_at"],
    }
    assert (again.status_code, again.json()["code"]) == (400, "feedback_refused")
    listed = api(make_student()).get("/api/bookings/feedback/", teacher_id=teacher.pk).json()
    assert ([entry["rating"] for entry in listed["feedback"]], listed["rating"], listed["rating_count"]) == (
        [4, 5],
        4.5,
        2,
    )
    (shown,) = api().get("/api/bookings/teachers/").json()["teachers"]
    assert (shown["rating"], shown["rating_count"]) == (4.5, 2)


def test_hours_are_kept_as_they_were_given(api: Api) -> None:
    client = api(make_teacher(timezone="Europe/Lisbon"))
    weekly = client.post(
        "/api/bookings/availability/",
        {"day_of_week": 1, "start_time": "09:00:00", "end_time": "17:00:00", "is_recurring": True, "date": None},
    )
    dated = client.post(
        "/api/bookings/availability/",
        {"day_of_week": 1, "start_time": "09:00", "end_time": "24:00:00", "is_recurring": False, "date": "2027-03-01"},
    )

    assert (weekly.status_code, dated.status_code) == (201, 201)
    assert [
        {name: entry[name] for name in ("day_of_week", "start_time", "end_time", "is_recurring", "date", "timezone")}
        for entry in client.get("/api/bookings/availability/").json()["availability"]
    ] == [
        {
            "day_of_week": 1,
            "start_time": "09:00:00",
            "end_time": "17:00:00",
            "is_recurring": True,
            "date": None,
            "timezone": "Europe/Lisbon",
        },
        {
            "day_of_week": None,
            "start_time": "09:00:00",
            "end_time": "24:00:00",
            "is_recurring": False,
            "date": date(2027, 3, 1).isoformat(),
            "timezone": "Europe/Lisbon",
        },
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"end_time": "12:00"}, (1, None, "12:00:00"), id="the end"),
        pytest.param({"date": "2027-03-01"}, (None, "2027-03-01", "17:00:00"), id="one day instead of every week"),
        pytest.param({"day_of_week": 6, "date": None}, (6, None, "17:00:00"), id="another weekday"),
    ],
)
def test_hours_change_in_parts(api: Api, change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    teacher = make_teacher()
    window = hours.add_availability(teacher=teacher, start_minute=540, end_minute=1020, day_of_week=1)

    changed = api(teacher).patch(f"/api/bookings/availability/{window.pk}/", change).json()

    assert (changed["day_of_week"], changed["date"], changed["end_time"]) == expected


def test_admin_who_opens_hours_is_found_and_answers_who_asks_them(api: Api) -> None:
    admin, student = make_admin(), make_student()
    on_every_day = [
        api(admin).post("/api/bookings/availability", {"day_of_week": day, "start_time": "09:00", "end_time": "17:00"})
        for day in range(7)
    ]
    found = api(student).get("/api/bookings/teachers").json()["teachers"]
    booking = make_booking(teacher=admin, student=student)

    confirmed = api(admin).post(f"/api/bookings/bookings/{booking.pk}/confirm")

    assert {answer.status_code for answer in on_every_day} == {201}
    assert str(admin.pk) in {teacher["id"] for teacher in found}
    booking.refresh_from_db()
    assert (confirmed.status_code, booking.status) == (200, BookingStatus.CONFIRMED)
