"""Teachers book lessons for their students, admins for anybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings.errors import SlotUnavailable, StudentBusy
from classbell.bookings.models import Booking, BookingPolicy, BookingStatus
from classbell.bookings.queries import students_to_book_for
from classbell.bookings.staff_bookings import book_for_student
from classbell.meetings.models import Claim
from classbell.meetings.services import want_meeting
from classbell.notices.models import Notice
from tests.api_client import ApiClient
from tests.at_once import at_once
from tests.bookings.lessons import make_lesson
from tests.factories import make_admin, make_class, make_student, make_teacher, make_teacher_who_learns
from tests.factories_bookings import a_day_ahead, make_group_kind, make_tutor, take_seat
from tests.factories_door import make_open_kind
from tests.factories_meetings import spec

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]
BOOKINGS = "/api/bookings/bookings/"


def asked(teacher: User, student: User, **more: Any) -> dict[str, Any]:
    """Return the request for a lesson a week ahead."""
    wanted = {"teacher_id": str(teacher.pk), "student_id": str(student.pk), "start_time": a_day_ahead().isoformat()}
    return wanted | more


def answered(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_teacher_books_for_a_student_and_it_is_confirmed_at_once(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])

    # At an hour that nobody opened.
    booked = api(teacher).post(
        BOOKINGS, asked(teacher, student, start_time=a_day_ahead(hour=3).isoformat(), duration=30)
    )

    assert booked.status_code == 201, booked.content
    said = booked.json()
    assert (said["status"], said["student"], said["booked_by"]) == ("CONFIRMED", str(student.pk), str(teacher.pk))
    assert said["booked_by_name"] == teacher.name
    assert sorted(Claim.objects.exclude(kind="seat").values_list("kind", flat=True)) == ["student", "teacher"]
    assert [notice.kind for notice in Notice.objects.filter(user=student)] == ["lesson_booked_for_you"]
    assert not Notice.objects.filter(user=teacher, on_page=True).exists()
    assert api(student).get(f"{BOOKINGS}{said['id']}/").json()["booked_by_name"] == teacher.name


def test_admin_books_for_anybody_with_any_teacher_and_both_are_told(api: Api) -> None:
    teacher, student = make_teacher(), make_student()

    booked = api(make_admin()).post(BOOKINGS, asked(teacher, student))

    assert booked.status_code == 201, booked.content
    told = {notice.user: notice.kind for notice in Notice.objects.select_related("user")}
    assert told == {student: "lesson_booked_for_you", teacher: "lesson_booked_with_you"}


def test_whom_a_teacher_may_book_for() -> None:
    teacher = make_tutor(opens="00:00", closes="24:00")
    member, taught, asking, colleague = make_student(), make_student(), make_student(), make_teacher_who_learns()
    make_class(teacher=teacher, students=[member, colleague])
    make_lesson(BookingStatus.CONFIRMED, teacher=teacher, student=taught)
    make_lesson(teacher=teacher, student=asking, starts_in=timedelta(days=8))

    assert set(students_to_book_for(teacher)) == {member, taught, colleague}
    assert not students_to_book_for(member).exists()


def test_who_may_not_book_for_others(api: Api) -> None:
    teacher, student, stranger = make_teacher(), make_student(), make_student()
    make_class(teacher=teacher, students=[student])

    assert answered(api(student).post(BOOKINGS, asked(teacher, stranger))) == (403, "not_allowed")
    # A teacher is not told whether there is such a student.
    for other in (stranger.pk, uuid4(), teacher.pk):
        refused = api(teacher).post(BOOKINGS, asked(teacher, student, student_id=str(other)))
        assert refused.status_code in {403, 404}, refused.content
    assert answered(api(teacher).post(BOOKINGS, asked(make_teacher(), student))) == (403, "not_allowed")
    assert not Booking.objects.exists()


def test_what_makes_no_lesson_is_named(api: Api) -> None:
    admin, teacher, student = api(make_admin()), make_teacher(), make_student()

    past = (datetime.now(UTC) - timedelta(days=1)).replace(second=0, microsecond=0).isoformat()
    for wanted, status, code in (
        (asked(teacher, student, start_time=past), 400, "slot_unavailable"),
        (asked(teacher, student, duration=5), 400, "invalid_input"),
        (asked(teacher, student, student_id="me"), 400, "invalid_input"),
        (asked(make_student(), student), 404, "not_found"),
        (asked(teacher, make_teacher()), 404, "not_found"),
        (asked(teacher, student, use_credit=True), 400, "no_makeup_credit"),
    ):
        assert answered(admin.post(BOOKINGS, wanted)) == (status, code), wanted
    both = make_teacher_who_learns()
    assert answered(admin.post(BOOKINGS, asked(both, both))) == (400, "own_lesson")
    assert not Booking.objects.exists()
    assert not Claim.objects.exists()


def test_rules_for_students_do_not_bind_staff(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    BookingPolicy.objects.create(teacher=None, open_requests_in_all=0, open_requests_with_teacher=0)

    assert api(make_admin()).post(BOOKINGS, asked(teacher, student)).status_code == 201


def test_what_either_of_them_does_then_binds_staff(api: Api) -> None:
    admin, teacher, student = api(make_admin()), make_tutor(opens="00:00", closes="24:00"), make_student()
    make_lesson(teacher=teacher, starts_in=a_day_ahead(7) - datetime.now(UTC))
    busy = make_lesson(student=student, starts_in=a_day_ahead(8) - datetime.now(UTC))

    def booked(start: datetime) -> Any:
        return admin.post(BOOKINGS, asked(teacher, student, start_time=start.isoformat()))

    lesson = Booking.objects.get(teacher=teacher)
    assert answered(booked(lesson.starts_at)) == (400, "slot_unavailable")
    assert answered(booked(busy.starts_at)) == (400, "student_busy")
    assert Booking.objects.count() == 2


def test_class_of_the_student_has_to_be_known_and_is_told_to_who_may_see_it(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])
    other = make_class(students=[student])
    want_meeting(
        spec(other.teachers.get(), group=other, title="Chess", starts_at=a_day_ahead(), timezone="UTC"),
        now=datetime.now(UTC),
    )

    refused = api(teacher).post(BOOKINGS, asked(teacher, student))
    told = api(make_admin()).post(BOOKINGS, asked(teacher, student))
    booked = api(teacher).post(BOOKINGS, asked(teacher, student, despite_overlap=True))

    assert answered(refused) == (400, "overlaps_own_sessions")
    assert "Chess" not in refused.content.decode()
    assert [one["title"] for one in told.json()["details"]] == ["Chess"]
    assert booked.status_code == 201


def test_same_key_books_once(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    client = api(make_admin())

    answers = [client.post(BOOKINGS, asked(teacher, student), idempotency_key="1") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Booking.objects.count() == 1


def test_student_moves_and_cancels_what_was_booked_for_them(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    booked = api(make_admin()).post(BOOKINGS, asked(teacher, student)).json()

    assert (booked["can_cancel"], booked["can_reschedule"]) == (True, True)
    assert api(student).post(f"{BOOKINGS}{booked['id']}/cancel/", {"reason": "Ill"}).status_code == 200
    assert not Claim.objects.exclude(kind="seat").exists()


def test_staff_book_a_kind_that_nobody_books_by_themselves_and_leave_its_questions_open(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])
    asks = {"key": "level", "text": "Level?", "kind": "short", "required": True, "choices": []}
    kind = make_open_kind(
        teacher, open_to="nobody", questions=[asks], minutes=[40, 50], meeting_settings={"waiting_room": True}
    )

    booked = api(teacher).post(BOOKINGS, asked(teacher, student, kind=kind.address))

    assert booked.status_code == 201, booked.content
    said = booked.json()
    assert (said["status"], said["kind"], said["duration_minutes"]) == ("CONFIRMED", str(kind.pk), 40)
    booking = Booking.objects.get()
    assert booking.meeting is not None
    assert booking.meeting.zoom_settings == {"waiting_room": True}
    assert booking.answers == {}


def test_what_a_kind_is_binds_staff_too(api: Api) -> None:
    teacher, student, admin = make_teacher(), make_student(), api(make_admin())
    trial = make_open_kind(teacher, trial=True)

    for wanted, status, code in (
        (asked(teacher, student, kind=trial.address, duration=45), 400, "invalid_duration"),
        (asked(make_teacher(), student, kind=trial.address), 400, "not_taught_by_teacher"),
        (asked(teacher, student, kind="no-such"), 404, "not_found"),
        (asked(teacher, student, kind=trial.address, answers={"other": "x"}), 400, "invalid_input"),
        (asked(teacher, student, kind=trial.address, teacher_id=None), 400, "invalid_input"),
    ):
        assert answered(admin.post(BOOKINGS, wanted)) == (status, code), wanted
    assert admin.post(BOOKINGS, asked(teacher, student, kind=trial.address)).status_code == 201
    again = asked(teacher, student, kind=trial.address, start_time=a_day_ahead(9).isoformat())
    assert answered(admin.post(BOOKINGS, again)) == (400, "trial_taken")
    taking = make_open_kind(teacher, name="From the balance", takes_a_lesson=True)
    unpaid = asked(teacher, make_student(), kind=taking.address, start_time=a_day_ahead(10).isoformat())
    assert answered(admin.post(BOOKINGS, unpaid)) == (400, "no_makeup_credit")


def test_staff_give_seats_of_one_lesson_until_it_is_full_and_agree_to_it_for_all(api: Api) -> None:
    teacher, admin = make_tutor(), api(make_admin())
    kind = make_group_kind(teacher, seats=3)
    waiting = take_seat(kind, teacher)

    answers = [admin.post(BOOKINGS, asked(teacher, make_student(), kind=kind.address)) for _number in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 400]
    assert answers[2].json()["code"] == "slot_unavailable"
    seats = Booking.objects.filter(status=BookingStatus.CONFIRMED)
    assert seats.count() == 3
    assert seats.values("group_lesson").distinct().count() == 1
    assert waiting in seats
    assert "lesson_confirmed" in Notice.objects.filter(user=waiting.student).values_list("kind", flat=True)


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_last_seat_at_once_give_it_once() -> None:
    teacher, admin = make_tutor(), make_admin()
    kind = make_group_kind(teacher, seats=2)
    start = a_day_ahead()

    def book() -> Booking:
        return book_for_student(
            by=admin,
            student=make_student(),
            teacher=teacher,
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            kind=kind,
            now=timezone.now(),
        )

    book()
    answers = at_once([book, book])

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert [type(error) for error in refused] == [SlotUnavailable]
    assert Booking.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_teacher_and_admin_who_book_one_hour_at_once_book_it_once() -> None:
    teacher, admin, students = make_teacher(), make_admin(), [make_student(), make_student()]
    start = a_day_ahead()

    def book(by: User, student: User, with_whom: User) -> Booking:
        return book_for_student(
            by=by,
            student=student,
            teacher=with_whom,
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            now=timezone.now(),
        )

    answers = at_once(
        [
            partial(book, teacher, students[0], teacher),
            partial(book, admin, students[1], teacher),
            partial(book, admin, students[0], make_teacher()),
        ]
    )

    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, SlotUnavailable | StudentBusy) for error in refused), refused
    held = list(Booking.objects.values_list("student", "teacher"))
    assert len(held) == 3 - len(refused)
    assert len({student for student, _teacher in held}) == len({one for _student, one in held}) == len(held)
