"""One student does not hold a teacher's calendar: how many lessons may be open at once that nobody said yes to."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings import services
from classbell.bookings.errors import TooManyOpenRequests
from classbell.bookings.models import Booking, BookingPolicy
from tests.at_once import at_once
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor

Api = Callable[..., Any]
pytestmark = pytest.mark.django_db


def ask(api: Api, student: User, teacher: User, day: int) -> Any:
    return api(student).post(
        "/api/bookings/bookings", {"teacher_id": str(teacher.pk), "start_time": a_day_ahead(day).isoformat()}
    )


def test_ten_requests_with_one_teacher_are_enough(api: Api) -> None:
    student, teacher = make_student(), make_tutor()
    for day in range(2, 12):
        make_booking(student=student, teacher=teacher, starts_at=a_day_ahead(day))

    answer = ask(api, student, teacher, 12)

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_open_requests")
    assert answer.json()["details"] == [{"open_requests_with_teacher": 10}]
    assert answer.json()["error"].startswith("You have 10 lessons open with this teacher")
    assert ask(api, student, make_tutor(), 12).status_code == 201
    assert ask(api, make_student(), teacher, 12).status_code == 201


def test_requests_with_all_teachers_are_counted_together(api: Api) -> None:
    BookingPolicy.objects.create(open_requests_with_teacher=None, open_requests_in_all=2)
    student = make_student()
    for day in (2, 3):
        make_booking(student=student, starts_at=a_day_ahead(day))

    answer = ask(api, student, make_tutor(), 4)

    assert (answer.status_code, answer.json()["details"]) == (400, [{"open_requests_in_all": 2}])


def test_lessons_that_nobody_looked_at_count_and_those_a_teacher_confirmed_do_not(api: Api) -> None:
    BookingPolicy.objects.create(open_requests_with_teacher=1)
    student, at_once, by_hand = make_student(), make_tutor(settings={"auto_confirm": True}), make_tutor()
    make_booking(student=student, teacher=at_once, starts_at=a_day_ahead(2))
    asked = make_booking(student=student, teacher=by_hand, starts_at=a_day_ahead(3))
    services.confirm_booking(booking_id=asked.pk, now=datetime.now(UTC))

    answers = [ask(api, student, at_once, 4).status_code, ask(api, student, by_hand, 5).status_code]

    assert answers == [400, 201]


def test_what_was_taken_back_leaves_room_again(api: Api) -> None:
    BookingPolicy.objects.create(open_requests_with_teacher=1)
    student, teacher = make_student(), make_tutor()
    first = make_booking(student=student, teacher=teacher, starts_at=a_day_ahead(2))
    services.cancel_booking(booking_id=first.pk, by=student, now=datetime.now(UTC))

    assert ask(api, student, teacher, 3).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_to_two_teachers_do_not_pass_the_cap_together() -> None:
    BookingPolicy.objects.create(open_requests_in_all=1)
    student, teachers = make_student(), [make_tutor(), make_tutor()]
    slots = [a_day_ahead(2), a_day_ahead(3)]

    results = at_once(
        [
            partial(make_booking, student=student, teacher=teacher, starts_at=slot)
            for teacher, slot in zip(teachers, slots, strict=True)
        ]
    )

    assert {type(result) for result in results} == {Booking, TooManyOpenRequests}
    assert Booking.objects.filter(student=student).count() == 1
