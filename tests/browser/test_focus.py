"""Where the keyboard goes on after something was refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCRIPT: Final = Path("src/classbell/web/kit/static/js/focus.js").read_text()
FIELD: Final = '<input id="first"><input id="wrong" aria-invalid="true"><ul class="errorlist"><li>Too short</li></ul>'
NOTICE: Final = '<input id="first"><p id="notice" role="alert">Somebody was faster.</p>'


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """One page for all, opened anew by each: to begin a window takes longer than all that is done in it."""
    page = chromium.new_page()
    yield page
    page.close()


def answered(page: Page, status: int, content: str) -> Page:
    """Return a page that was answered like this."""

    def answer(route: Route) -> None:
        body = f'<!doctype html><main><div id="part">{content}</div></main><script type="module">{SCRIPT}</script>'
        route.fulfill(status=status, content_type="text/html", body=body)

    page.unroute_all()
    page.route("**/*", answer)
    page.goto("http://school.example/")
    return page


def focused(page: Page) -> str:
    """Return the id of what has the focus, "" for the page itself."""
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.parametrize(
    ("status", "content", "at"),
    [(400, FIELD, "wrong"), (400, NOTICE, "notice"), (200, FIELD, ""), (200, NOTICE, ""), (400, "<p>No</p>", "")],
)
def test_refused_form_comes_back_with_the_focus_on_the_reason(page: Page, status: int, content: str, at: str) -> None:
    assert focused(answered(page, status, content)) == at


@pytest.mark.parametrize(("status", "at"), [(409, "notice"), (200, "part")])
def test_part_that_was_refused_has_the_focus_on_the_reason(page: Page, status: int, at: str) -> None:
    answered(page, 200, NOTICE)

    page.evaluate(
        """status => document.dispatchEvent(new CustomEvent("htmx:afterSettle", {detail: {
            target: document.getElementById("part"), xhr: {status}, requestConfig: {triggeringEvent: {type: "submit"}}}}))""",
        status,
    )

    assert focused(page) == at
