"""Every page, for everybody: accessible, quiet, and as narrow as a phone."""

import os
from collections.abc import Callable, Mapping

import httpx
import pytest

from tests.browser.chromium import PHONE
from tests.browser.conftest import Demo
from tests.browser.crawl import PEOPLE, Crawl, crawl_everything, sign_in
from tests.browser.visit import Look, Visit
from tests.browser.weight import MOST_BYTES, Scale

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DAY, NIGHT = Look(name="pages-desktop"), Look(name="pages-desktop-dark", dark=True)
POCKET = Look(name="pages-phone-ar", size=PHONE, language="ar")
POCKET_AT_NIGHT = Look(name="pages-phone-ar-dark", size=PHONE, language="ar", dark=True)
# Everybody in one look; in all of them, with a picture of each page, when asked for, which takes four times as long.
ALL_LOOKS = os.environ.get("CLASSBELL_TEST_ALL_LOOKS")
LOOKS = {"visitor": [POCKET_AT_NIGHT], "student": [POCKET], "teacher": [DAY], "admin": [NIGHT]}
if ALL_LOOKS:
    LOOKS = {who: [DAY, NIGHT, POCKET, POCKET_AT_NIGHT] for who in PEOPLE}
# Addresses whose ids stand in no page of the demo; each is tested by itself.
NEEDS_A_KEY = {
    "account_confirm_email",
    "account_reset_password_from_key",
    # A guest's link is in a mail, and a sign-up's.
    *("guest-account", "guest-calendar", "guest-cancel", "guest-confirm", "guest-join", "guest-keep", "guest-lesson"),
    *("guest-move", "open-booked"),
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    # Not every mail of the demo brings a file along.
    "mailbox-file",
    # The demo has no provider to sign in at.
    "me-forget-link",
    "openid_connect_callback",
    "saml_finish_acs",
    "saml_metadata",
    "saml_sls",
    "sso_begin",
}


@pytest.fixture(scope="package")
def pages(demo: Demo) -> Mapping[str, Crawl]:
    """What each of them can open."""
    return crawl_everything(demo.url)


def test_every_address_is_known_to_these_tests(pages: Mapping[str, Crawl]) -> None:
    missing = set.intersection(*(crawl.missing for crawl in pages.values()))

    assert missing - NEEDS_A_KEY == set()


def test_pages_stay_light(demo: Demo, pages: Mapping[str, Crawl]) -> None:
    with httpx.Client(base_url=demo.url, timeout=30) as client:
        scale = Scale(client)
        sign_in(client, PEOPLE["admin"])
        weights = {name: scale.weigh(client.get(path).text) for name, path in pages["admin"].pages.items()}

    assert {name: weight for name, weight in weights.items() if weight > MOST_BYTES} == {}


@pytest.mark.parametrize(
    ("who", "look"),
    [pytest.param(who, look, id=f"{who}-{look.name}") for who, looks in LOOKS.items() for look in looks],
)
def test_pages_are_accessible_quiet_and_fit_a_phone(
    pages: Mapping[str, Crawl], visit: Callable[..., Visit], who: str, look: Look
) -> None:
    person = visit(PEOPLE[who], look)
    person.have_been_here()

    found = []
    for name, path in pages[who].pages.items():
        person.page.goto(path)
        wrong = person.shift() + person.findings()
        if wrong or ALL_LOOKS:
            person.picture(f"{who}-{name}")
        if look.size != PHONE:
            person.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        wrong += person.overflow()
        if look.size != PHONE:
            person.page.set_viewport_size({"width": look.size[0], "height": look.size[1]})
        found += wrong

    assert found == []
