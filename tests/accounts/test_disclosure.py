"""What readers are told of a student's name and address: one rule for pages, the API and files."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from classbell.accounts.disclosure import address_of, avatar_of, email_of, name_of, written_to
from classbell.accounts.models import User
from classbell.accounts.reader import read_by
from classbell.groups.people import named
from tests.factories import make_admin, make_class, make_student, make_teacher
from tests.web.conftest import SignIn, sign_in  # noqa: F401 -- a fixture
from tests.web.html import words

pytestmark = pytest.mark.django_db

WHOLE, INITIAL = "Layla Haddad", "Layla H."
EMAIL, MASKED = "layla@school.example", "l…@school.example"
READERS = {"teacher": make_teacher, "student": make_student, "admin": make_admin}


@pytest.fixture
def layla() -> User:
    return make_student(first_name="Layla", last_name="Haddad", email=EMAIL, avatar="https://school.example/layla.png")


def set_(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=values))


@pytest.mark.parametrize(
    ("reader", "setting", "name"),
    [
        ("admin", "none", WHOLE),
        ("teacher", "none", WHOLE),
        ("student", "whole", WHOLE),
        ("student", "initial", INITIAL),
        ("student", "none", "A student"),
    ],
)
def test_students_read_names_of_others_as_the_school_has_set(
    monkeypatch: pytest.MonkeyPatch, layla: User, reader: str, setting: str, name: str
) -> None:
    set_(monkeypatch, students_names=setting)

    with read_by(READERS[reader]()):
        assert name_of(layla) == name
        assert bool(avatar_of(layla)) == (name == WHOLE)
    with read_by(layla):
        assert name_of(layla) == WHOLE


@pytest.mark.parametrize(
    ("reader", "setting", "email"),
    [
        ("admin", "none", EMAIL),
        ("teacher", "whole", EMAIL),
        ("teacher", "masked", MASKED),
        ("teacher", "none", ""),
        ("student", "whole", ""),
    ],
)
def test_addresses_are_told_teachers_as_the_school_has_set_and_students_never(
    monkeypatch: pytest.MonkeyPatch, layla: User, reader: str, setting: str, email: str
) -> None:
    set_(monkeypatch, teachers_emails=setting)

    with read_by(READERS[reader]()):
        assert (written_to(layla), address_of(layla), email_of("guest@x.example")) == (
            email,
            email,
            email_of("guest@x.example", of=layla),
        )
    with read_by(layla):
        assert written_to(layla) == EMAIL


def test_visitors_read_neither_unless_the_school_shows_names(monkeypatch: pytest.MonkeyPatch, layla: User) -> None:
    set_(monkeypatch, students_names="none")

    with read_by(AnonymousUser()):
        assert (name_of(layla), written_to(layla)) == ("A student", "")


def test_staff_are_known_to_all_and_jobs_know_everybody(monkeypatch: pytest.MonkeyPatch, layla: User) -> None:
    set_(monkeypatch, teachers_emails="none", students_names="none")
    teacher = make_teacher()

    assert (name_of(layla), written_to(layla)) == (WHOLE, EMAIL)
    with read_by(layla):
        assert (name_of(teacher), written_to(teacher)) == (teacher.name, teacher.email)


def test_who_has_no_name_is_not_called_by_an_address_that_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    set_(monkeypatch, teachers_emails="none")
    nameless = make_student(first_name="", last_name="", email="secret@school.example")

    with read_by(make_teacher()):
        assert name_of(nameless) == "A student"
    with read_by(make_admin()):
        assert name_of(nameless) == "secret"


def test_nobody_is_found_by_an_address_that_is_not_told(monkeypatch: pytest.MonkeyPatch, layla: User) -> None:
    def found(text: str) -> list[User]:
        return list(named(User.objects.all(), text))

    set_(monkeypatch, teachers_emails="none")
    teacher = make_teacher(email="rosa@school.example")

    with read_by(teacher):
        assert (found("layla@"), found("Haddad"), found("rosa@")) == ([], [layla], [teacher])
    with read_by(make_admin()):
        assert found("layla@") == [layla]


@pytest.mark.parametrize(
    ("setting", "has"), [("whole", [WHOLE]), ("initial", [INITIAL]), ("none", ["Who else is in it is not shown."])]
)
def test_list_of_a_class_keeps_to_it(
    monkeypatch: pytest.MonkeyPatch,
    sign_in: SignIn,  # noqa: F811 -- the fixture
    layla: User,
    setting: str,
    has: list[str],
) -> None:
    set_(monkeypatch, students_names=setting)
    reader = make_student(first_name="Tomás", last_name="Silva")
    group = make_class(teacher=make_teacher(), students=[layla, reader])

    page: Any = sign_in(reader).get(f"/classes/{group.pk}/")

    said = words(page)
    assert "Tomás Silva" in said
    assert [text for text in (WHOLE, INITIAL, "Who else is in it is not shown.") if text in said] == has
