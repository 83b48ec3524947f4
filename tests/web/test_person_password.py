"""A forgotten password: who is sent a link, what is said where no mail goes out, and the link that an admin makes."""

import re

import pytest
from django.test import Client, override_settings

from classbell.accounts.services import deactivate_person
from tests.factories import make_student
from tests.web.conftest import School, SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db

ASK = "/accounts/password/reset/"


@pytest.mark.parametrize("path", [ASK, f"{ASK}done/"])
def test_page_says_so_where_no_mail_goes_out(path: str) -> None:
    page = words(Client().get(path))

    assert "No mail goes out from here, so no link can be sent to you. Ask an admin of your school" in page
    assert "on its way" not in page


@override_settings(EMAIL_HOST="mail.school.example")
def test_page_offers_a_link_where_mail_goes_out() -> None:
    assert "We send a link" in words(Client().get(ASK))


def made(client: Client, person_id: object) -> str:
    page = client.post(f"/people/{person_id}/password-link").content.decode()
    (link,) = re.findall(r"<code>(http://localhost:8000\S+)</code>", page)
    return str(link).removeprefix("http://localhost:8000")


def test_admin_makes_a_link_that_works_once(school: School, sign_in: SignIn) -> None:
    student = make_student()
    path = made(sign_in(school.admin), student.pk)
    visitor = Client()
    form = visitor.get(path, follow=True).redirect_chain[-1][0]
    passwords = {"password1": "another-long-password", "password2": "another-long-password"}

    assert visitor.post(form, passwords).status_code == 302

    student.refresh_from_db()
    assert student.check_password("another-long-password")
    assert "This link has been used" in words(Client().get(path, follow=True))


def test_who_never_chose_a_password_is_given_the_way_in(school: School, sign_in: SignIn) -> None:
    student = make_student()
    student.set_unusable_password()
    student.save()

    assert made(sign_in(school.admin), student.pk).startswith("/people/welcome/")


def test_nobody_who_is_locked_out_is_given_a_link(school: School, sign_in: SignIn) -> None:
    student = make_student()
    deactivate_person(user_id=student.pk)

    page = sign_in(school.admin).post(f"/people/{student.pk}/password-link", follow=True)

    assert "is deactivated; let them in again first." in words(page)


def test_teachers_make_no_links(school: School, sign_in: SignIn) -> None:
    assert sign_in(school.teacher).post(f"/people/{school.member.pk}/password-link").status_code == 403
