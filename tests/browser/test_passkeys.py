"""Passkeys as people use them: make one, sign in with it alone, remove it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import PASSWORD
from tests.browser.conftest import Demo
from tests.browser.visit import ARABIC_PHONE, DESKTOP, Look, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PERSON = {DESKTOP.name: "teacher@classbell.example", ARABIC_PHONE.name: "student@classbell.example"}
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_a_finger(page: Page) -> None:
    """Give the browser a device that keeps passkeys and finds every finger right."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def sign_in(page: Page, here: str, email: str) -> None:
    """Sign in with a password, at the address whose passkeys a browser takes without https."""
    page.goto(f"{here}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_url(f"{here}/")


def confirm(page: Page) -> None:
    """Type the password once more."""
    page.fill("main [name=password]", PASSWORD)
    page.click("main form [type=submit]")


@pytest.mark.parametrize("look", [DESKTOP, ARABIC_PHONE], ids=lambda look: look.name)
def test_a_passkey_signs_in_alone_until_it_is_removed(demo: Demo, visit: Callable[..., Visit], look: Look) -> None:
    here = demo.url.replace("127.0.0.1", "localhost")
    page = visit("", look).page
    with_a_finger(page)
    sign_in(page, here, PERSON[look.name])

    page.goto(f"{here}/accounts/2fa/webauthn/add/")
    confirm(page)
    page.fill("[name=name]", "My phone")
    with page.expect_navigation():
        page.click("[data-passkey=add]")

    page.context.clear_cookies(name="sessionid")
    page.goto(f"{here}/accounts/login/")
    with page.expect_navigation():
        page.click("[data-passkey=login]")
    page.goto(f"{here}/accounts/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("My phone")

    page.click("main a[href$='/remove/']")
    confirm(page)
    page.click("main .button-danger")
    expect(page.locator("main")).not_to_contain_text("My phone")
