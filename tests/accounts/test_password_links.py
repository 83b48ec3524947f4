"""New passwords: a link that only its owner is sent, to our own host, and nothing that tells who has an account."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings

from classbell.accounts.password_links import mail_password_link
from classbell.accounts.services import deactivate_person
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_student

pytestmark = pytest.mark.django_db

ASK = "/accounts/password/reset/"
WITH_MAIL = override_settings(EMAIL_HOST="mail.school.example")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses for which a job was left behind."""
    left: list[str] = []
    monkeypatch.setattr("classbell.accounts.password_links.defer", lambda task, *, email: left.append(email))
    return left


@WITH_MAIL
def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    asked: list[str], django_assert_num_queries: Any
) -> None:
    user = make_student()
    answers = []
    for email in (user.email, "nobody@school.example"):
        with django_assert_num_queries(0):
            answers.append(Client().post(ASK, {"email": email.upper()}))

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, f"{ASK}done/")] * 2
    assert asked == [user.email, "nobody@school.example"]
    assert mail.outbox == []


def test_unknown_and_locked_out_people_are_sent_nothing() -> None:
    user = make_student()
    deactivate_person(user_id=user.pk)

    mail_password_link(email="nobody@school.example")
    mail_password_link(email=user.email)

    assert mail.outbox == []


@override_settings(ALLOWED_HOSTS=["*"])
def test_link_leads_to_our_own_host_and_sets_the_password_once() -> None:
    user = make_student(locale="en")
    mail_password_link(email=user.email)

    (sent,) = mail.outbox
    (link,) = re.findall(r"https?://\S+", str(sent.body))
    assert link.startswith("http://localhost:8000/accounts/password/reset/key/")
    assert sent.to == [user.email]
    client, path = Client(), link.removeprefix("http://localhost:8000")
    form = client.get(path, headers={"Host": "evil.example"}, follow=True).redirect_chain[-1][0]
    passwords = {"password1": "another-long-password", "password2": "another-long-password"}
    assert client.post(form, passwords).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another-long-password")
    assert b"password1" not in Client().get(path, follow=True).content


def test_mail_is_written_in_the_language_of_its_reader() -> None:
    user = make_student(locale="ar")

    mail_password_link(email=user.email)

    assert re.search("[\u0600-\u06ff]", str(mail.outbox[0].subject))
    assert "example.com" not in mail.outbox[0].body


@override_settings(ALLOWED_HOSTS=["*"])
def test_limit_of_failures_holds_whatever_host_a_request_names() -> None:
    user = make_student()
    for number in range(5):
        address = {"Host": f"localhost:{number + 1}"}
        Client().post("/accounts/login/", {"login": user.email, "password": "wrong"}, headers=address)

    answer = ApiClient().post("/api/auth/token", {"email": user.email, "password": PASSWORD}, Host="localhost:77")

    assert answer.status_code == 429
