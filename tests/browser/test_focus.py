"""Where the keyboard goes on after something was refused."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCRIPT: Final = Path("src/classbell/web/kit/static/js/focus.js").read_text()
FIELD: Final = '<input id="first"><input id="wrong" aria-invalid="true"><ul class="errorlist"><li>Too short</li></ul>'
NOTICE: Final = '<input id="first"><p id="notice" role="alert">Somebody was faster.</p>'


def answered(browser: Browser, status: int, content: str) -> Page:
    """Return a page that was answered like this."""

    def answer(route: Route) -> None:
        body = f'<!doctype html><main><div id="part">{content}</div></main><script type="module">{SCRIPT}</script>'
        route.fulfill(status=status, content_type="text/html", body=body)

    page = browser.new_page()
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
def test_refused_form_comes_back_with_the_focus_on_the_reason(
    chromium: Browser, status: int, content: str, at: str
) -> None:
    assert focused(answered(chromium, status, content)) == at


@pytest.mark.parametrize(("status", "at"), [(409, "notice"), (200, "part")])
def test_part_that_was_refused_has_the_focus_on_the_reason(chromium: Browser, status: int, at: str) -> None:
    page = answered(chromium, 200, NOTICE)

    page.evaluate(
        """status => document.dispatchEvent(new CustomEvent("htmx:afterSettle", {detail: {
            target: document.getElementById("part"), xhr: {status}, requestConfig: {triggeringEvent: {type: "submit"}}}}))""",
        status,
    )

    assert focused(page) == at
