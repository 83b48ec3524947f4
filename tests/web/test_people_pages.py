"""Inviting, coming in for the first time, one's own settings, the second step."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import override_settings

from classbell.accounts.invitations import invitation_link
from classbell.accounts.models import Role, User
from classbell.accounts.sign_in import has_second_factor
from tests.web.conftest import School, SignIn
from tests.web.html import attributes, words

PASSWORD = "three-words-of-nobody"
PROFILE = {
    "first_name": "Rana",
    "last_name": "Saeed",
    "locale": "ar",
    "timezone": "Riyadh",
    "theme": "dark",
}


def invite(sign_in: SignIn, school: School, emails: str, role: str = "student") -> None:
    data = {"emails": emails, "role": role, "language": "en"}
    response = sign_in(school.admin).post("/people/invite", data)
    assert response.status_code == 302, words(response)


def test_admin_invites_by_address_and_by_name(school: School, sign_in: SignIn) -> None:
    invite(sign_in, school, "Rana Saeed <rana@school.example>\nomar@school.example; lina@school.example", "teacher")

    rana = User.objects.get(email="rana@school.example")
    assert (rana.first_name, rana.last_name, rana.role) == ("Rana", "Saeed", Role.TEACHER)
    assert User.objects.filter(email__in=["omar@school.example", "lina@school.example"]).count() == 2


def test_invitation_shows_the_link_only_while_there_is_no_mail_server(school: School, sign_in: SignIn) -> None:
    invite(sign_in, school, "rana@school.example")

    without = words(sign_in(school.admin).get("/people/invite"))
    with override_settings(EMAIL_HOST="mail.school.example"):
        with_server = words(sign_in(school.admin).get("/people/invite"))

    assert "/people/welcome/" in without
    assert "/people/welcome/" not in with_server
    assert "rana@school.example" in with_server


@pytest.mark.parametrize(
    ("emails", "expected"),
    [
        ("", "required"),
        ("nobody", "nobody is not an e-mail address"),
        (" ; \n;", "at least one"),
        ("good@school.example\nRana <", "Rana < is not an e-mail address"),
    ],
    ids=["nothing", "no address", "separators", "half an address"],
)
def test_invitation_says_what_is_wrong_and_keeps_what_was_typed(
    school: School, sign_in: SignIn, emails: str, expected: str
) -> None:
    data = {"emails": emails, "role": "student", "language": "en"}

    response = sign_in(school.admin).post("/people/invite", data)

    assert response.status_code == 400
    assert expected in words(response)


@pytest.mark.parametrize(("who", "status"), [("visitor", 302), ("member", 403), ("teacher", 403), ("admin", 200)])
def test_only_admins_invite(school: School, sign_in: SignIn, who: str, status: int) -> None:
    assert sign_in(school.person(who)).get("/people/invite").status_code == status


def test_invited_person_chooses_a_password_and_is_signed_in(school: School, sign_in: SignIn) -> None:
    invite(sign_in, school, "rana@school.example")
    link = invitation_link(User.objects.get(email="rana@school.example")).partition("8000")[2]
    browser = sign_in(None)

    data = {"first_name": "Rana", "last_name": "", "timezone": "lisbon", "password": PASSWORD}
    response = browser.post(link, data)

    user = User.objects.get(email="rana@school.example")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert (user.timezone, browser.session["_auth_user_id"]) == ("Europe/Lisbon", str(user.pk))
    assert browser.get(link).status_code == 410


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("password", "short", "too short"),
        ("timezone", "Atlantis", "No such city"),
        ("first_name", "", "required"),
    ],
)
def test_welcome_refuses_what_cannot_be(school: School, sign_in: SignIn, field: str, value: str, expected: str) -> None:
    invite(sign_in, school, "rana@school.example")
    link = invitation_link(User.objects.get(email="rana@school.example")).partition("8000")[2]
    data = {"first_name": "Rana", "last_name": "", "timezone": "UTC", "password": PASSWORD} | {field: value}

    response = sign_in(None).post(link, data)

    assert response.status_code == 400
    assert expected in words(response)
    assert PASSWORD not in response.content.decode()


def test_settings_are_kept_and_shown_at_once(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)

    response = browser.post("/me/", PROFILE, follow=True)

    school.member.refresh_from_db()
    member = school.member
    assert (member.name, member.locale, member.timezone) == ("Rana Saeed", "ar", "Asia/Riyadh")
    assert not member.wants_mail
    (html,) = attributes(response, "html")
    assert (html["dir"], html.get("data-theme")) == ("rtl", "dark")


def test_settings_page_leads_to_password_and_second_step(school: School, sign_in: SignIn) -> None:
    hrefs = [given.get("href") for given in attributes(sign_in(school.member).get("/me/"), "a")]

    assert {"/accounts/password/change/", "/accounts/2fa/totp/activate/"} <= set(hrefs)


def test_people_cannot_change_their_address_themselves(school: School, sign_in: SignIn) -> None:
    browser = sign_in(school.member)

    response = browser.post("/accounts/email/", {"email": "new@school.example", "action_add": ""})

    assert (response.status_code, response.headers["Location"]) == (302, "/me/")


def test_second_step_asks_for_the_code_of_the_app(school: School, sign_in: SignIn) -> None:
    school.member.set_password(PASSWORD)
    school.member.save()
    TOTP.activate(school.member, generate_totp_secret())
    browser = sign_in(None)

    response = browser.post("/accounts/login/", {"login": school.member.email, "password": PASSWORD}, follow=True)

    assert response.redirect_chain == [("/accounts/2fa/authenticate/", 302)]
    assert "The code of your app" in words(response)
    assert "_auth_user_id" not in browser.session


def test_second_step_is_switched_on_by_a_code_and_leads_to_recovery_codes(school: School, sign_in: SignIn) -> None:
    school.member.set_password(PASSWORD)
    school.member.save()
    browser = sign_in(school.member)
    page = browser.post(
        "/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", {"password": PASSWORD}, follow=True
    )
    (secret,) = re.findall(r"<code>([A-Z2-7]+)</code>", page.content.decode())
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    response = browser.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)

    assert "Scan this with your app" in words(page)
    assert "10 of 10 are left" in words(response)
    assert has_second_factor(school.member)
