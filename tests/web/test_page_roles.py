"""Who may see and do what on the pages, and who is told what: every page's name with every role."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from classbell.accounts.permissions import anyone, rule_of, takes_wards
from tests.answers import Answer
from tests.roles.headers import lacking
from tests.roles.leaks import leaks, text_of
from tests.roles.rows_pages import PAGES
from tests.roles.world import CLOSED, GUARDIAN, PRIVATE, ROLES, World
from tests.web.conftest import SignIn
from tests.web.html import inline_code, words
from tests.web.pages import EVERY_PAGE
from tests.wording import for_admins, retired

pytestmark = pytest.mark.django_db

NAMES = {str(pattern.name): list(pattern.pattern.converters) for pattern in EVERY_PAGE}
# What guardians may ask for as for themselves. The banner is only theirs.
WARDS = [
    str(pattern.name) for pattern in EVERY_PAGE if takes_wards(pattern.callback) and pattern.name != "child-banner"
]
RULES = {str(pattern.name): rule_of(pattern.callback) for pattern in EVERY_PAGE}


def test_every_page_has_a_row() -> None:
    assert sorted(NAMES.keys() - PAGES.keys()) == [], "write a Page in tests/roles/rows_pages.py for each"
    assert sorted(PAGES.keys() - NAMES.keys()) == [], "these pages are gone"


def test_every_page_states_who_is_allowed() -> None:
    assert [name for name, rule in RULES.items() if rule is None] == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_page_answers_who_may_and_tells_nobody_too_much(world: World, sign_in: SignIn, name: str, role: str) -> None:
    response = visit(sign_in(world.person(role)), world, name)

    location = response.headers.get("Location", "")
    assert response.status_code == PAGES[name].status(role), location
    assert leaks(world, role, text_of(response) + location) == []
    assert lacking(response, is_personal=role != "anonymous") == []
    if role == "anonymous" and RULES[name] is not anyone:
        assert location.startswith("/accounts/login/?next=")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert inline_code(response) == [], "the content security policy refuses it"
        assert retired(words(response), "en") == []
        if role != "admin":
            assert for_admins(words(response)) == []


@pytest.mark.parametrize("private", [{}, *PRIVATE], ids=str)
@pytest.mark.parametrize("name", WARDS)
def test_guardian_has_each_page_of_the_students_own_and_nobody_elses(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, private: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=private))
    browser = sign_in(world.person(GUARDIAN))

    other = visit(browser, world, name, below=f"/children/{world.ids['fellow']}")
    response = visit(browser, world, name, below=f"/children/{world.ids['member']}")

    location = response.headers.get("Location", "")
    assert (response.status_code, other.status_code) == (PAGES[name].status("member"), 403), location
    assert leaks(world, GUARDIAN, text_of(response) + location) == []
    assert leaks(world, GUARDIAN, text_of(other)) == []


@pytest.mark.parametrize("closed", CLOSED, ids=str)
@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.fields is None])
def test_who_is_not_let_in_is_not_told_how(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, closed: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=closed))

    for role in ("member", "class_teacher", "host"):
        response = visit(sign_in(world.person(role)), world, name)
        assert response.status_code < 500
        assert leaks(world, role, text_of(response) + response.headers.get("Location", "")) == [], role


@pytest.mark.parametrize("private", PRIVATE, ids=str)
@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.fields is None])
def test_addresses_and_names_are_said_as_far_as_the_school_has_set(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, private: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=private))

    for role in ("member", "class_teacher", "host", "admin"):
        response = visit(sign_in(world.person(role)), world, name)
        assert response.status_code == PAGES[name].status(role)
        assert leaks(world, role, text_of(response) + response.headers.get("Location", "")) == [], role


def test_what_pages_hide_exists_and_is_told_to_those_it_is_for(world: World, sign_in: SignIn) -> None:
    def told(role: str, name: str) -> str:
        response = visit(sign_in(world.person(role)), world, name)
        return text_of(response) + response.headers.get("Location", "")

    assert re.search(r"/s/\d+\?zak=", told("host", "meeting-start"))
    assert re.search(r"/j/\d+", told("member", "meeting-join"))
    assert world.people["fellow"].email in told("class_teacher", "class")


def visit(browser: Client, world: World, name: str, *, below: str = "") -> Answer:
    """Open a page, or post its fields; `below` is where a child's pages begin."""
    page = PAGES[name]
    address = below + page.address(name, NAMES[name], world)
    answer: Answer = browser.get(address) if page.fields is None else browser.post(address, page.fields)
    return answer
