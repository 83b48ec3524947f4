"""The page on which teachers and admins book for a student."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.meetings.services import want_meeting
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_meetings import spec
from tests.web.conftest import SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db

PAGE = "/bookings/new"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=7)


def typed(student: User, **more: Any) -> dict[str, Any]:
    return {"student": str(student.pk), "day": f"{NOON:%Y-%m-%d}", "time": "12:00", "minutes": "45", "notes": ""} | more


def test_teacher_books_and_the_lesson_says_by_whom(sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])

    page = words(sign_in(teacher).get(f"{PAGE}?student={student.pk}"))
    booked = sign_in(teacher).post(PAGE, typed(student, notes="Chapter 4"))

    assert student.name in page
    booking = Booking.objects.get()
    assert (booked.status_code, booked.headers["Location"]) == (302, f"/bookings/{booking.pk}/")
    assert (booking.starts_at, booking.duration_minutes, booking.notes) == (NOON, 45, "Chapter 4")
    assert f"You booked it for {student.name}." in words(sign_in(teacher).get(f"/bookings/{booking.pk}/"))
    assert f"{teacher.name} booked it for you." in words(sign_in(student).get(f"/bookings/{booking.pk}/"))


def test_admin_chooses_the_teacher_too(sign_in: SignIn) -> None:
    admin, teacher, student = make_admin(), make_teacher(), make_student()

    booked = sign_in(admin).post(PAGE, typed(student, teacher=str(teacher.pk)))

    assert booked.status_code == 302, words(booked)
    assert Booking.objects.get().booked_by == admin
    said = words(sign_in(teacher).get(booked.headers["Location"]))
    assert f"{admin.name} booked it for {student.name}." in said


def test_what_is_refused_keeps_what_was_typed(sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])
    want_meeting(spec(teacher, title="Poetry", starts_at=NOON, timezone="UTC"), now=datetime.now(UTC))

    answer = sign_in(teacher).post(PAGE, typed(student, notes="Bring the book"))

    assert answer.status_code == 400
    assert "Time slot is not available" in words(answer)
    assert "Bring the book" in answer.content.decode()
    for wrong in ({"student": str(make_student().pk)}, {"minutes": "5"}, {"day": ""}, {"student": "x"}):
        assert sign_in(teacher).post(PAGE, typed(student) | wrong).status_code == 400
    assert not Booking.objects.exists()


def test_class_of_the_student_is_asked_about_before_it_is_overlapped(sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])
    other = make_class(students=[student])
    want_meeting(
        spec(other.teachers.get(), group=other, title="Chess", starts_at=NOON, timezone="UTC"), now=datetime.now(UTC)
    )
    browser = sign_in(teacher)

    asks = browser.post(PAGE, typed(student))
    booked = browser.post(PAGE, typed(student, despite_overlap="on"))

    assert asks.status_code == 400
    assert "is expected in a class, circle or meeting at that time" in words(asks)
    assert "despite_overlap" in asks.content.decode()
    assert "despite_overlap" not in browser.get(PAGE).content.decode()
    assert booked.status_code == 302


def test_ways_to_the_page(sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])

    for page in ("/bookings/", "/calendar/", f"/people/{student.pk}/"):
        assert PAGE in sign_in(teacher).get(page).content.decode(), page
    assert PAGE not in sign_in(student).get("/bookings/").content.decode()
    assert "No students yet" in words(sign_in(make_teacher()).get(PAGE))


def test_students_are_suggested_among_ones_own(sign_in: SignIn) -> None:
    teacher = make_teacher()
    make_class(teacher=teacher, students=[make_student(first_name="Yusuf")])
    make_student(first_name="Yusra")

    said = sign_in(teacher).get("/students/suggested?student=Yus").content.decode()

    assert "Yusuf" in said
    assert "Yusra" not in said
