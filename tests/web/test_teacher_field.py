"""Choosing a teacher: from a list in a small school, by name in a large one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from classbell.accounts.models import User
from classbell.bookings.queries import people_who_teach
from classbell.groups.models import Group
from classbell.web.kit.forms.teacher import MOST_IN_A_LIST, ChosenTeacher, described
from tests.answers import Answer
from tests.factories import make_teacher
from tests.web.conftest import School, SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(school: School) -> list[User]:
    """More teachers than a list takes; two are called Amina Haddad."""
    amina = [make_teacher(first_name="Amina", last_name="Haddad") for _ in range(2)]
    return amina + [make_teacher() for _ in range(MOST_IN_A_LIST)]


def form(typed: str = "", **options: Any) -> ChosenTeacher:
    return ChosenTeacher({"teacher": typed}, people=people_who_teach(), label="Teacher", **options)


def new_class(browser: Client, teacher: str) -> Answer:
    return browser.post("/classes/new", {"name": "Tajweed", "description": "", "timezone": "UTC", "teacher": teacher})


def test_small_school_chooses_from_a_list(school: School) -> None:
    page = str(form(str(school.teacher.pk))["teacher"])

    assert page.count("<option") == 3, "with none: nobody teaches for the sake of standing first"
    assert f'value="{school.teacher.pk}" selected' in page


@pytest.mark.usefixtures("many")
def test_large_school_types_a_name(school: School) -> None:
    page = str(ChosenTeacher(people=people_who_teach(), label="", initial=str(school.teacher.pk))["teacher"])

    assert "<select" not in page
    assert f'value="{described(school.teacher)}"' in page


@pytest.mark.parametrize("write", [described, lambda person: person.email.upper(), lambda person: str(person.pk)])
def test_suggestion_mail_and_key_name_one_person(many: list[User], write: Callable[[User], str]) -> None:
    sent = form(write(many[0]))

    assert sent.is_valid()
    assert sent.cleaned_data["teacher"] == many[0]


def test_name_that_only_one_has_is_enough(many: list[User]) -> None:
    other = make_teacher(first_name="Zaynab", last_name="Idrissi")

    assert form("idrissi zay").is_valid()
    assert form("idrissi zay").fields["teacher"].clean("idrissi zay") == other


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Amina Haddad", "Several people are called so. Choose one of those suggested."),
        ("Nobody Atall", "Nobody who teaches is called so. Choose one of those suggested."),
        ("", "This field is required."),
    ],
)
def test_what_names_nobody_or_several_is_said_and_kept(many: list[User], typed: str, says: str) -> None:
    sent = form(typed)

    assert sent.errors["teacher"] == [says]
    assert typed in str(sent["teacher"])


def test_key_of_nobody_is_refused(school: School) -> None:
    assert not form("00000000-0000-0000-0000-000000000000").is_valid()


def test_student_cannot_be_chosen_by_any_spelling(school: School, many: list[User]) -> None:
    assert not form(school.member.email).is_valid()
    assert not form(str(school.member.pk)).is_valid()


def test_who_holds_it_already_stays_possible(many: list[User]) -> None:
    many[0].is_active = False
    many[0].save()

    assert not form(many[0].email).is_valid()
    assert form(many[0].email, kept=[many[0]]).is_valid()


def test_same_person_written_otherwise_is_no_change(many: list[User]) -> None:
    sent = form(described(many[0]), initial=str(many[0].pk))

    assert not sent.has_changed()


def test_admin_gives_a_class_to_a_teacher_by_name(school: School, many: list[User], sign_in: SignIn) -> None:
    browser = sign_in(school.admin)

    refused = new_class(browser, "Amina Haddad")
    made = new_class(browser, described(many[1]))

    assert "Several people are called so." in words(refused)
    assert made.status_code == 302
    assert list(Group.objects.get(name="Tajweed").teachers.all()) == [many[1]]


def test_suggestions_are_those_whose_name_holds_every_word(many: list[User], school: School, sign_in: SignIn) -> None:
    found = sign_in(school.admin).get("/teachers/suggested", {"teacher": "haddad am"}).content.decode()
    none = sign_in(school.admin).get("/teachers/suggested", {"teacher": "a"}).content.decode()

    assert [described(person) in found for person in many[:3]] == [True, True, False]
    assert "<option" not in none


def test_one_of_several_rows_is_suggested_for_by_its_own_name(
    many: list[User], school: School, sign_in: SignIn
) -> None:
    row = sign_in(school.admin).get("/teachers/suggested", {"teachers-3-teacher": "haddad am"}).content.decode()
    other = sign_in(school.admin).get("/teachers/suggested", {"title": "haddad am"}).content.decode()

    assert [described(person) in row for person in many[:3]] == [True, True, False]
    assert "<option" not in other
