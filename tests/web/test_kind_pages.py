"""Kinds of lessons on pages: an admin makes one without scripts, a student chooses a kind first and books it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus, GroupLesson, LessonKind
from classbell.web.kit.forms import teacher
from tests.factories import make_admin, make_student
from tests.factories_bookings import a_day_ahead, make_group_kind, make_tutor, take_seat

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(**values: Any) -> dict[str, Any]:
    rows = {"teachers-TOTAL_FORMS": "1", "questions-TOTAL_FORMS": "1"}
    rows |= {f"{name}-INITIAL_FORMS": "0" for name in ("teachers", "questions")}
    begin = {
        "name": "Trial",
        "minutes": "30, 45",
        "seats": "1",
        "open_to": "signed_in",
        "chosen_by": "in_turn",
        "is_active": "on",
    }
    return rows | begin | values


def test_admin_offers_a_kind_with_teachers_and_questions() -> None:
    tutor = make_tutor()
    values = {"price": "12.50", "currency": "eur", "teachers-0-teacher": str(tutor.pk)}
    values |= {"questions-0-text": "Level?", "questions-0-kind": "choice", "questions-0-choices": "A\nB"}

    answer = signed_in(make_admin()).post(reverse("kind-new"), typed(**values))

    assert answer.status_code == 302
    kind = LessonKind.objects.get()
    assert (kind.price, kind.currency, kind.minutes, kind.address) == (1250, "EUR", [30, 45], "trial")
    assert [one.teacher for one in kind.taught_by.all()] == [tutor]
    assert kind.questions == [
        {"key": "q1", "text": "Level?", "kind": "choice", "required": False, "choices": ["A", "B"]}
    ]


def test_where_hundreds_teach_who_teaches_a_kind_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "MOST_IN_A_LIST", 1)
    first, second = make_tutor(first_name="Amal"), make_tutor(first_name="Basma")
    kind, admin = make_group_kind(first), signed_in(make_admin())
    page = reverse("kind", args=[kind.pk])
    described = teacher.described(first)

    shown = admin.get(page).content.decode()
    rows = {"teachers-TOTAL_FORMS": "2", "teachers-INITIAL_FORMS": "1", "teachers-0-teacher": described}
    answer = admin.post(page, typed(address=kind.address, **rows, **{"teachers-1-teacher": "Basma"}))

    assert escape(described) in shown
    assert second.first_name not in shown
    assert answer.status_code == 302
    assert [one.teacher for one in kind.taught_by.order_by("priority")] == [first, second]


def test_name_that_nobody_who_teaches_has_is_refused_beside_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "MOST_IN_A_LIST", 0)
    make_tutor()

    answer = signed_in(make_admin()).post(reverse("kind-new"), typed(**{"teachers-0-teacher": "Nobody known"}))

    assert answer.status_code == 400
    assert b"Nobody who teaches is called so" in answer.content
    assert not LessonKind.objects.exists()


def test_more_rows_keep_what_was_typed_and_save_nothing() -> None:
    answer = signed_in(make_admin()).post(reverse("kind-new"), typed(more="rows", **{"questions-0-text": "Level?"}))

    assert answer.status_code == 200
    assert b'value="Level?"' in answer.content
    assert b'name="questions-3-text"' in answer.content
    assert not LessonKind.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"minutes": "long"}, {"price": "5", "currency": ""}, {"questions-0-text": "Which?", "questions-0-kind": "choice"}],
)
def test_what_is_refused_is_said_and_kept(wrong: dict[str, str]) -> None:
    answer = signed_in(make_admin()).post(reverse("kind-new"), typed(**wrong))

    assert answer.status_code == 400
    assert b"errorlist" in answer.content
    assert b'value="Trial"' in answer.content
    assert not LessonKind.objects.exists()


def test_emptied_question_is_taken_away_and_others_keep_their_keys() -> None:
    kind = make_group_kind()
    questions = [
        {"key": "q1", "text": "A?", "kind": "short", "required": False, "choices": []},
        {"key": "q2", "text": "B?", "kind": "short", "required": False, "choices": []},
    ]
    LessonKind.objects.filter(pk=kind.pk).update(questions=questions)
    rows = {
        "questions-TOTAL_FORMS": "2",
        "questions-INITIAL_FORMS": "2",
        "questions-0-key": "q1",
        "questions-0-text": "",
    }
    rows |= {"questions-1-key": "q2", "questions-1-text": "B?", "questions-1-kind": "short"}

    signed_in(make_admin()).post(reverse("kind", args=[kind.pk]), typed(**rows))

    kind.refresh_from_db()
    assert [one["key"] for one in kind.questions] == ["q2"]


def test_admin_says_how_zoom_holds_its_lessons_and_inherits_again() -> None:
    kind = make_group_kind()
    LessonKind.objects.filter(pk=kind.pk).update(meeting_settings={"host_video": True})
    admin, page = signed_in(make_admin()), reverse("kind", args=[kind.pk])

    admin.post(page, typed(waiting_room="true", passcode="digits", colour="#1A73E8"))
    kind.refresh_from_db()
    kept = dict(kind.meeting_settings)
    shown = admin.get(page).content.decode()
    admin.post(page, typed(passcode="digits"))

    assert kept == {"host_video": True, "waiting_room": True, "passcode": "digits"}
    assert kind.colour == "#1a73e8"
    assert '<details class="more" open>' in shown
    kind.refresh_from_db()
    assert kind.meeting_settings == {"host_video": True, "passcode": "digits"}


def test_zoom_settings_that_cannot_be_together_are_said_at_their_field() -> None:
    page = reverse("kind-new")

    answer = signed_in(make_admin()).post(page, typed(waiting_room="true", join_before_host="true"))

    assert answer.status_code == 400
    assert "id_join_before_host_error" in answer.content.decode()
    assert not LessonKind.objects.exists()


def test_student_chooses_a_kind_first_where_a_teacher_has_some() -> None:
    tutor, other = make_tutor(), make_tutor()
    make_group_kind(tutor)
    student = signed_in(make_student())

    with_kinds = student.get(reverse("teacher", args=[tutor.pk])).content.decode()
    without = student.get(reverse("teacher", args=[other.pk])).content.decode()

    assert reverse("kind-book-with", args=["beginners", tutor.pk]) in with_kinds
    assert "Choose a kind of lesson" in with_kinds
    assert "Choose a kind of lesson" not in without
    chosen = student.get(reverse("teacher", args=[tutor.pk]), {"length": "60"}).content.decode()
    assert "Choose a kind of lesson" not in chosen


def test_who_books_nothing_reads_of_kinds_without_a_way_to_book_them() -> None:
    tutor = make_tutor()
    make_group_kind(tutor)
    page, booking = reverse("teacher", args=[tutor.pk]), reverse("kind-book-with", args=["beginners", tutor.pk])

    for person in (tutor, make_tutor(), make_admin()):
        shown = signed_in(person).get(page).content.decode()
        assert "Beginners" in shown
        assert booking not in shown
    # A visitor is asked to sign in on the way.
    assert booking in Client().get(page).content.decode()


@pytest.mark.parametrize("with_teacher", [True, False])
def test_student_books_a_seat(with_teacher: bool) -> None:
    tutor, student = make_tutor(settings={"auto_confirm": True}), make_student()
    make_group_kind(tutor)
    start = a_day_ahead(3)
    name, arguments = ("kind-book-with", ["beginners", tutor.pk]) if with_teacher else ("kind-book", ["beginners"])
    page = reverse(name, args=arguments)
    client = signed_in(student)

    offered = client.get(page, {"day": f"{start:%Y-%m-%d}"}).content.decode()
    client.post(page, {"slot": f"{start:%Y-%m-%dT%H:%MZ}", "length": "30"})

    assert "2 places" in offered
    booking = Booking.objects.get()
    assert (booking.student, booking.teacher, booking.status) == (student, tutor, BookingStatus.CONFIRMED)


def test_who_comes_too_late_is_offered_the_nearest_times() -> None:
    tutor = make_tutor(settings={"auto_confirm": True, "slot_interval_minutes": 30})
    kind = make_group_kind(tutor)
    start = a_day_ahead(3)
    for _number in range(2):
        take_seat(kind, tutor, starts_at=start)

    answer = signed_in(make_student()).post(
        reverse("kind-book", args=["beginners"]), {"slot": f"{start:%Y-%m-%dT%H:%MZ}", "length": "30"}
    )

    assert answer.status_code == 400
    assert f"{start + timedelta(minutes=30):%Y-%m-%dT%H:%MZ}" in answer.content.decode()


def test_teacher_cancels_a_group_lesson_for_all() -> None:
    tutor = make_tutor(settings={"auto_confirm": True})
    kind = make_group_kind(tutor)
    booking = take_seat(kind, tutor)
    client = signed_in(tutor)
    lesson = GroupLesson.objects.get()

    page = client.get(reverse("group-lesson", args=[lesson.pk])).content.decode()
    client.post(reverse("group-lesson-cancel", args=[lesson.pk]), {"reason": "Ill"})

    assert booking.student.name in page
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CANCELLED
