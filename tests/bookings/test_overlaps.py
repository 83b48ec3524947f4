"""A student who books over a session of their own is asked whether they mean it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.meetings.models import Meeting
from tests.factories import make_student
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_meetings import make_class_of

Api = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> User:
    return make_student()


@pytest.fixture
def algebra(student: User) -> Meeting:
    return make_class_of(student, starts_at=a_day_ahead())


def ask(api: Api, student: User, teacher: User, **body: Any) -> Any:
    asked = {"teacher_id": str(teacher.pk), "start_time": (a_day_ahead() + timedelta(minutes=30)).isoformat()}
    return api(student).post("/api/bookings/bookings", asked | body)


def test_lesson_over_a_class_of_ones_own_is_refused_until_one_says_so(
    api: Api, student: User, algebra: Meeting
) -> None:
    teacher = make_tutor()

    refused = ask(api, student, teacher)

    assert (refused.status_code, refused.json()["code"]) == (400, "overlaps_own_sessions")
    assert [one["title"] for one in refused.json()["details"]] == ["Algebra"]
    assert ask(api, student, teacher, despite_overlap=True).status_code == 201


def test_lesson_beside_a_class_or_of_somebody_else_is_nobodys_question(
    api: Api, student: User, algebra: Meeting
) -> None:
    beside = (a_day_ahead() + timedelta(hours=1)).isoformat()

    assert ask(api, student, make_tutor(), start_time=beside).status_code == 201
    assert ask(api, make_student(), make_tutor()).status_code == 201


def test_student_who_moves_a_lesson_over_a_class_is_asked_and_a_teacher_is_not(
    api: Api, student: User, algebra: Meeting
) -> None:
    booking = make_booking(student=student, starts_at=a_day_ahead(8))
    path = f"/api/bookings/bookings/{booking.pk}/reschedule"
    there = {"start_time": a_day_ahead().isoformat()}

    refused = api(student).post(path, there)

    assert (refused.status_code, refused.json()["code"]) == (400, "overlaps_own_sessions")
    assert api(student).post(path, there | {"despite_overlap": True}).status_code == 200
    assert (
        api(booking.teacher).post(path, {"start_time": (a_day_ahead() + timedelta(minutes=15)).isoformat()}).status_code
        == 200
    )
