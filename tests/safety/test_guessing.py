"""Guessing: who has an account is told by no answer, nor by how long it takes; and nobody guesses for long."""

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import hashers
from django.test import Client

from classbell.accounts.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_student

pytestmark = pytest.mark.django_db


def on_page(email: str) -> Any:
    return Client().post("/accounts/login/", {"login": email, "password": "not the password"})


def by_api(email: str) -> Any:
    return ApiClient().post("/api/auth/token", {"email": email, "password": "not the password"})


@pytest.mark.parametrize("ask", [on_page, by_api])
@pytest.mark.parametrize("who", ["nobody", "deactivated", "invited"])
def test_a_wrong_password_costs_the_same_work_whoever_is_named(
    ask: Any, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, other = make_student(), make_student()
    if who == "deactivated":
        User.objects.filter(pk=other.pk).update(is_active=False)
    if who == "invited":
        other.set_unusable_password()
        other.save()
    named = "nobody@school.example" if who == "nobody" else other.email
    hashed: list[int] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode

    def counting(self: Any, *given: Any) -> Any:
        hashed.append(1)
        return encode(self, *given)

    monkeypatch.setattr(hasher, "encode", counting)

    def work(email: str) -> tuple[int, int]:
        hashed.clear()
        return ask(email).status_code, len(hashed)

    assert work(named) == work(known.email)


def test_a_second_step_is_guessed_five_times_on_pages_too() -> None:
    person = make_student()
    TOTP.activate(person, generate_totp_secret())
    browser = Client()
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})

    answers = [browser.post("/accounts/2fa/authenticate/", {"code": "123456"}) for _guess in range(7)]

    assert [answer.status_code for answer in answers[:5]] == [200] * 5
    assert "sessionid" not in browser.cookies or not answers[-1].wsgi_request.user.is_authenticated
    assert answers[-1].status_code in {200, 429}
    assert "Too many" in answers[-1].content.decode()
