"""The page on which teachers and admins book for a student."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.meetings.services import want_meeting
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.factories_door import make_open_kind
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


def test_kind_of_lesson_is_booked_with_its_lengths_and_questions(sign_in: SignIn) -> None:
    teacher, student = make_teacher(), make_student()
    make_class(teacher=teacher, students=[student])
    asks = {"key": "level", "text": "Which level?", "kind": "choice", "required": True, "choices": ["A", "B"]}
    kind = make_open_kind(teacher, open_to="nobody", questions=[asks], minutes=[30, 50])
    make_open_kind(make_teacher(), name="Of somebody else")
    browser = sign_in(teacher)

    plain = words(browser.get(f"{PAGE}?student={student.pk}"))
    page = browser.get(f"{PAGE}?student={student.pk}&kind={kind.address}").content.decode()
    wrong = browser.post(PAGE, typed(student, kind=kind.address))
    booked = browser.post(PAGE, typed(student, kind=kind.address, minutes="50", **{"answer-level": "B"}))

    assert kind.name in plain
    assert "Of somebody else" not in plain
    assert "Which level?" in page
    assert f'<option value="{student.pk}" selected>' in page
    assert wrong.status_code == 400  # 45 minutes
    booking = Booking.objects.get()
    assert booked.status_code == 302
    assert (booking.kind, booking.duration_minutes, booking.answers) == (kind, 50, {"level": "B"})


def test_admin_books_a_kind_with_one_who_teaches_it_and_no_other(sign_in: SignIn) -> None:
    teacher, other, student = make_teacher(), make_teacher(), make_student()
    kind = make_open_kind(teacher)
    browser = sign_in(make_admin())

    refused = browser.post(PAGE, typed(student, kind=kind.address, minutes="30", teacher=str(other.pk)))
    gone = browser.post(PAGE, typed(student, kind="no-such", minutes="30", teacher=str(teacher.pk)))
    booked = browser.post(PAGE, typed(student, kind=kind.address, minutes="30", teacher=str(teacher.pk)))

    assert (refused.status_code, gone.status_code, booked.status_code) == (400, 404, 302)
    assert Booking.objects.get().teacher == teacher


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
