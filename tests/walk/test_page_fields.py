"""
Every field of every form, and everything that pages read from their address, with values that nobody means: never a 500.

The fields are those that the pages themselves show, to whoever is shown the most of them.
"""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from django.test import Client

from classbell.accounts.models import User
from tests.answers import Answer
from tests.roles.rows_pages import PAGES
from tests.roles.world import ROLES, World
from tests.walk.test_api_fields import taken_back
from tests.walk.values import IN_A_PATH, TYPED, some
from tests.web.pages import EVERY_PAGE
from tests.web.test_page_roles import NAMES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

READ = re.compile(r"""GET\.get\(["'](\w+)["']""")
CALLBACKS = {str(pattern.name): pattern.callback for pattern in EVERY_PAGE}
# Answers with what somebody else's server said; and a form whose fields are files.
NOT_FORMS = {"setup-check", "term-new"}
# Passwords may hold anything.
NOT_FIELDS = {"csrfmiddlewaretoken", "password"}


@dataclass
class Form:
    """A form that posts: where to, and what it holds as it is shown."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Finds the forms of a page that post."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, and fields within them."""
        has = dict(attrs)
        if tag == "form":
            self._open = Form(has.get("action") or "") if (has.get("method") or "").lower() == "post" else None
            if self._open is not None:
                self.found.append(self._open)
        name = has.get("name")
        if self._open is None or not name:
            self._note_option(tag, has)
        elif tag == "select":
            self._select = name
            self._open.fields.setdefault(name, "")
        elif tag == "textarea" or (
            tag == "input" and (has.get("type") not in {"checkbox", "radio"} or "checked" in has)
        ):
            self._open.fields[name] = has.get("value") or ""
        elif tag == "input":
            self._open.fields.setdefault(name, "")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of forms."""
        if tag == "form":
            self._open = None

    def _note_option(self, tag: str, has: dict[str, str | None]) -> None:
        if tag == "option" and self._open is not None and "selected" in has:
            self._open.fields[self._select] = has.get("value") or ""


@pytest.mark.xdist_group("walk of pages")
def test_no_field_of_a_page_breaks_it(world: World) -> None:
    fields, wrong, answers = 0, [], Counter[int]()
    pages = [name for name in PAGES if name not in NOT_FORMS]
    for name in pages:
        browser = browser_of(world.person(role_of(name)))
        address = PAGES[name].address(name, NAMES[name], world)
        for what, kind, send in [*of_address(name, address), *of_forms(name, address, browser)]:
            fields += kind == ""
            if kind:
                with taken_back():
                    answer: Answer = send(browser)
                answers[answer.status_code] += 1
                if answer.status_code >= 500:
                    wrong.append(f"{name} {what} {kind}: {answer.status_code}")
    print(f"\n{len(pages)} pages, {fields} fields, answers {dict(sorted(answers.items()))}, {len(wrong)} wrong")

    assert wrong == []
    assert fields > 150


def of_address(name: str, address: str) -> Iterator[tuple[str, str, Any]]:
    """Yield what is wrong with the parts of an address, and with the query that a page reads."""
    for word in NAMES[name]:
        yield word, "", None
        for kind, value in some(IN_A_PATH, f"{name} {word}"):
            place = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", value, address, count=1)
            yield word, f"path {kind}", lambda browser, at=place: browser.get(at)
    if PAGES[name].fields is None:
        for word in sorted(set(READ.findall(inspect.getsource(inspect.getmodule(CALLBACKS[name]) or pytest)))):
            yield word, "", None
            for kind, value in some(TYPED, f"{name} ?{word}"):
                asked = f"{address}?{word}={quote(value)}"
                yield word, f"query {kind}", lambda browser, at=asked: browser.get(at)


def of_forms(name: str, address: str, browser: Client) -> Iterator[tuple[str, str, Any]]:
    """Yield what is wrong with each field of a page's own forms, and of what is posted to it without one."""
    forms = [Form(address, dict(PAGES[name].fields or {}))]
    if PAGES[name].fields is None:
        parser = Forms()
        parser.feed(browser.get(address).content.decode())
        # Forms of the frame, such as the language's, have pages of their own here.
        forms = [form for form in parser.found if urljoin(address, form.action) == address]
    for form in forms:
        for typed in sorted(form.fields.keys() - NOT_FIELDS):
            yield typed, "", None
            for kind, value in some(TYPED, f"{name} {typed}"):
                sent = form.fields | {typed: value}
                at = urljoin(address, form.action)
                yield typed, f"typed {kind}", lambda browser, at=at, sent=sent: browser.post(at, sent)


def browser_of(user: User | None) -> Client:
    """Return a browser in which somebody is signed in; a crash is an answer there."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def role_of(name: str) -> str:
    """Return who may open a page, admins first."""
    return next((role for role in reversed(ROLES) if PAGES[name].status(role) < 400), "admin")


def test_forms_of_pages_are_found(world: World) -> None:
    browser = browser_of(world.person("host"))
    found = [typed for typed, kind, _send in of_forms("me", "/me/", browser) if not kind]

    assert {"first_name", "timezone", "locale"} <= set(found)
