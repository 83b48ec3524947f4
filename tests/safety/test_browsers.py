"""What a browser is told and given: cookies, names of sessions, where it is led, what it forgets."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from classbell.accounts.cards import Child, card_link, create_children
from classbell.accounts.invitations import invitation_link
from classbell.accounts.models import User
from classbell.config.middleware import ANSWER_POLICY, DESCRIPTION_POLICY
from tests.api_client import ApiClient
from tests.factories import PASSWORD, make_admin, make_student
from tests.roles.headers import lacking
from tests.web.conftest import SignIn

pytestmark = pytest.mark.django_db

OURS = "http://localhost:8000"
COOKIES = (
    "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE CSRF_COOKIE_SAMESITE"
)
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://localhost:8000@evil.example/",
    " https://evil.example/",
    "\thttps://evil.example/",
]


def flags(public_url: str) -> dict[str, Any]:
    """Return how cookies are set at this address, as a process that begins there has it."""
    reads = (
        "import json, sys; from django.conf import settings; "
        "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))"
    )
    environment = os.environ | {
        "CLASSBELL_PUBLIC_URL": public_url,
        "DJANGO_SETTINGS_MODULE": "classbell.config.settings",
        "DATABASE_URL": "postgresql://nowhere/classbell",
        "CLASSBELL_SECRET_KEY": "for-tests-only",
    }
    asked = [sys.executable, "-c", reads, *COOKIES.split()]
    read: dict[str, Any] = json.loads(subprocess.run(asked, env=environment, capture_output=True, check=True).stdout)
    return read


@pytest.mark.parametrize(("url", "is_secure"), [("https://school.example", True), (OURS, False)])
def test_cookies_are_read_by_no_script_sent_by_no_other_site_and_by_https_only_in_public(
    url: str, is_secure: bool
) -> None:
    assert flags(url) == {
        "SESSION_COOKIE_SECURE": is_secure,
        "CSRF_COOKIE_SECURE": is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
    }


def by_password() -> tuple[str, dict[str, str]]:
    return "/accounts/login/", {"login": make_student().email, "password": PASSWORD}


def by_card() -> tuple[str, dict[str, str]]:
    (child,) = create_children([Child(first_name="Nour", last_name="Ali", contact="", timezone="UTC")])
    return card_link(child).removeprefix(OURS), {}


def by_invitation() -> tuple[str, dict[str, str]]:
    invited = make_student()
    invited.set_unusable_password()
    invited.save()
    typed = {"first_name": "Rana", "last_name": "Saeed", "timezone": "UTC", "password": "three-words-long"}
    return invitation_link(invited).removeprefix(OURS), typed


@pytest.mark.parametrize("way", [by_password, by_card, by_invitation])
def test_a_session_that_was_there_before_signing_in_is_not_the_one_afterwards(way: Any) -> None:
    browser = Client()
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies["sessionid"] = planted.session_key or ""
    address, typed = way()

    answer = browser.post(address, typed)

    assert answer.status_code == 302, answer.content
    assert browser.cookies["sessionid"].value not in {"", planted.session_key}
    assert (
        not Client(headers={"Cookie": f"sessionid={planted.session_key}"})
        .get("/me/")
        .wsgi_request.user.is_authenticated
    )


def every_view(patterns: Iterable[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each address of the program, as it is written in the code, with its view."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_view(pattern.url_patterns, path)
        else:
            yield path, pattern.callback


def test_only_what_providers_and_programs_send_needs_no_csrf_token() -> None:
    exempt = {path for path, view in every_view(get_resolver().url_patterns) if getattr(view, "csrf_exempt", False)}

    assert {path for path in exempt if not path.startswith("api/")} == {
        "accounts/oidc/<slug:slug>/signed-out",  # signed by the provider
        "open/kinds/<slug:address>/",  # acts for whoever types, and in another site's page no cookie comes along
        "accounts/saml/<slug:slug>/acs",  # kept until the browser's own cookies come along
    }


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(target: str) -> None:
    browser = Client()
    person = make_student()

    answer = browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD, "next": target})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("address", ["/accounts/logout/", "/me/theme", "/me/language"])
def test_no_form_leads_to_another_site(sign_in: SignIn, address: str, target: str) -> None:
    answer = sign_in(make_student()).post(address, {"next": target, "theme": "dark", "language": "ar"})

    assert answer.status_code in {302, 404}
    assert "evil.example" not in answer.headers.get("Location", "")
    assert answer.headers.get("Location", "/").startswith("/")


def test_who_signs_out_leaves_no_page_in_the_browser(sign_in: SignIn) -> None:
    browser = sign_in(make_student())

    seen, left = browser.get("/week/"), browser.post("/accounts/logout/")

    assert seen.headers["Cache-Control"] == "private, no-cache"
    assert "Clear-Site-Data" not in seen.headers
    assert left.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/password/change/", "/admin/", "/admin/accounts/user/"])
def test_pages_that_are_not_ours_are_kept_and_framed_by_nobody_either(sign_in: SignIn, path: str) -> None:
    admin = make_admin(is_superuser=True)

    answer = sign_in(admin).get(path)

    assert (answer.status_code, lacking(answer, is_personal=True)) == (200, [])


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/api/docs", DESCRIPTION_POLICY), ("/api/auth/me", ANSWER_POLICY), ("/api/none", ANSWER_POLICY)],
)
def test_answers_of_the_api_are_no_pages_and_in_no_frame(path: str, policy: str) -> None:
    answer = ApiClient().get(path)

    assert lacking(answer, is_personal=True) == []
    assert answer.headers["Content-Security-Policy"] == policy


def test_nobody_makes_more_of_themselves_by_fields_that_no_form_has(sign_in: SignIn) -> None:
    person = make_student()
    more = {"role": "admin", "is_staff": "on", "is_superuser": "on", "email": "head@school.example", "is_active": ""}

    sign_in(person).post("/me/", {"first_name": "Rana", "last_name": "Saeed", "timezone": "UTC", "locale": "en"} | more)

    now = User.objects.get(pk=person.pk)
    assert (now.role, now.is_staff, now.is_superuser, now.email) == ("student", False, False, person.email)
    assert now.is_active
