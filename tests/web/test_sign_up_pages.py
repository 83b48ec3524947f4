"""The admin's page of sign-ups: who waits, and who may."""

from datetime import UTC, datetime

import pytest

from classbell.accounts import sign_up
from classbell.accounts.models import User
from classbell.accounts.sign_up_models import SignUpMode, SignUpRequest, SignUpRole
from classbell.accounts.sign_up_rules import DomainRefused, Wanted, rules, set_rule
from tests.web.conftest import School, SignIn
from tests.web.html import words

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_admins_say_who_signs_up(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.admin)
    form = {f"{role}-mode": "closed" for role in SignUpRole} | {f"{role}-domains": "" for role in SignUpRole}

    browser.post("/people/sign-ups/", form | {"student-mode": "open", "student-domains": "@School.example, b.example"})
    refused = browser.post("/people/sign-ups/", form | {"student-domains": "not a domain"})

    assert refused.status_code == 400
    with pytest.raises(DomainRefused):
        sign_up.ask(Wanted(email="x@c.example", role=SignUpRole.STUDENT), now=NOW)
    assert rules()[SignUpRole.STUDENT].domains == ["school.example", "b.example"]


def wait() -> SignUpRequest:
    set_rule(role=SignUpRole.STUDENT, mode=SignUpMode.APPROVAL, domains=[])
    return SignUpRequest.objects.create(
        email="noor@family.example", first_name="Noor", role="student", words="<b>Me</b>", made_at=NOW, verified_at=NOW
    )


def test_admins_approve_and_refuse_on_the_page(school: School, sign_in: SignIn) -> None:
    browser, one = sign_in(school.admin), wait()

    assert "Noor" in words(browser.get("/people/sign-ups/"))
    browser.post(f"/people/sign-ups/{one.pk}/approve")
    late = words(browser.post(f"/people/sign-ups/{one.pk}/refuse", follow=True))

    assert User.objects.filter(email="noor@family.example").exists()
    assert "This request was answered already." in late
    assert "Nobody waits." in late
