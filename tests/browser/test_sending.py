"""Forms as people send them: twice by a slip, and after they were signed out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PASSWORD
from tests.browser.visit import ARABIC_PHONE, DESKTOP, Look, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TEACHER = "teacher@classbell.example"


@pytest.mark.parametrize("look", [DESKTOP, ARABIC_PHONE], ids=lambda look: look.name)
def test_double_click_sends_a_form_once(visit: Callable[..., Visit], look: Look) -> None:
    name = f"Clicked twice {look.name}"
    page = visit(TEACHER, look).page
    page.goto("/classes/new")
    page.fill("[name=name]", name)

    with page.expect_navigation():
        page.dblclick("main form [type=submit]")

    expect(page.locator("h1")).to_have_text(name)
    page.goto(f"/classes/?q={name}")
    expect(page.locator("main a", has_text=name)).to_have_count(1)


@pytest.mark.parametrize("look", [DESKTOP, ARABIC_PHONE], ids=lambda look: look.name)
def test_what_is_written_outlives_being_signed_out(visit: Callable[..., Visit], look: Look) -> None:
    begun = visit(TEACHER, look)
    page = begun.page
    page.goto("/halakat/new")
    page.context.clear_cookies(name="sessionid")

    page.fill("[name=title]", "An evening's work")
    toast = page.locator("#toasts [data-signed-out]")
    expect(toast).to_be_visible()
    assert begun.overflow() == []
    with page.context.expect_page() as opened:
        toast.get_by_role("link").click()
    other = opened.value
    other.fill("input[name=login]", TEACHER)
    other.fill("input[name=password]", PASSWORD)
    other.click("main button[type=submit]")
    other.wait_for_url(lambda url: "/accounts/login" not in url)
    other.close()

    with page.expect_response("**/halakat/new") as answer:
        page.fill("[name=description]", "Goes on")
    assert answer.value.status == 200
    expect(page.locator("[name=title]")).to_have_value("An evening's work")
