"""The open door in a page of another origin: in the page and in a dialog, telling it what happens, and nowhere unasked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Demo
from tests.browser.visit import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGE = """<!doctype html><html lang="en"><title>School</title><body>
<script src="{url}/embed.js?v=1" async></script>
<div id="inline" data-classbell="/open/kinds/trial/" data-title="Trial lesson"></div>
<a id="popup" href="{url}/open/kinds/private/" data-classbell-popup>Book a lesson</a>
<script>
  window.heard = [];
  for (const type of ["classbell:ready", "classbell:slot", "classbell:booked"])
    addEventListener(type, (event) => heard.push([event.target.id, type, event.detail]));
</script></body></html>"""


class Silent(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """A site of another origin, as its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def other_site(demo: Demo, tmp_path: Path) -> Iterator[str]:
    """Another site, with the demo's open door in its page."""
    (tmp_path / "index.html").write_text(PAGE.format(url=demo.url))
    with site(tmp_path) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window on a phone."""
    page = chromium.new_page(viewport={"width": 360, "height": 740}, timezone_id="Asia/Tokyo")
    yield page
    page.close()


def allow(visit: Any, origins: str) -> None:
    """Let these sites, one a line, show the open door's pages."""
    admin = visit("admin@classbell.example", DESKTOP)
    admin.page.goto("/public-page/school")
    admin.page.get_by_label("Your other sites").fill(origins)
    admin.page.get_by_role("button", name="Save the page").click()
    expect(admin.page.get_by_text("The school’s public page is saved.")).to_be_visible()


def test_a_site_that_the_school_named_shows_free_times_and_hears_what_is_chosen(
    visit: Any, page: Page, other_site: str
) -> None:
    allow(visit, other_site)
    page.goto(other_site)
    inside = page.frame_locator("#inline iframe")

    expect(inside.get_by_text("Times in Tokyo", exact=True)).to_be_visible()
    page.wait_for_function("document.querySelector('#inline iframe').getBoundingClientRect().height > 400")
    inside.locator("a.slot").first.click()
    page.wait_for_function("heard.some(([where, type]) => type === 'classbell:slot')")

    heard = page.evaluate("heard")
    where, _type, detail = next(one for one in heard if one[1] == "classbell:slot")
    assert (where, detail["kind"], detail["duration"], detail["teacher"]) == ("inline", "trial", 30, None)
    assert ["inline", "classbell:ready"] in [one[:2] for one in heard]


def test_dialog_opens_by_the_keyboard_and_gives_the_focus_back(visit: Any, page: Page, other_site: str) -> None:
    allow(visit, other_site)
    page.goto(other_site)
    page.locator("#popup").focus()
    page.keyboard.press("Enter")

    expect(page.frame_locator("dialog iframe").get_by_role("heading", name="Private lesson")).to_be_visible()
    page.get_by_role("button", name="Close").press("Enter")

    expect(page.locator("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "popup"


def test_a_site_that_the_school_did_not_name_shows_nothing(visit: Any, page: Page, other_site: str) -> None:
    allow(visit, "https://www.school.example")
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(other_site)

    assert page.evaluate("heard") == []


def test_no_other_page_is_shown_in_a_frame_of_a_site_that_may_show_the_open_door(
    visit: Any, page: Page, other_site: str, demo: Demo
) -> None:
    allow(visit, other_site)
    page.goto(other_site)
    with page.expect_console_message(lambda message: "frame" in message.text.lower()):
        page.evaluate(
            "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))", demo.url
        )


ASKING = """<!doctype html><html lang="en"><title>School</title><body><script type="module">
import {{ createAPI }} from "./classbell.js";
const {{ open }} = createAPI({{ baseUrl: "{url}" }});
try {{
  const school = await open.getSchool();
  const slots = await open.findSlots({{ kind: "trial", date: "{day}", days: 14, timezone: "UTC" }});
  const [slot] = slots.days.flatMap((day) => day.available_slots);
  const booked = await open.book(
    {{ kind: "trial", start_time: slot.datetime_start, name: "Rin Sato", email: "rin@mail.example", timezone: "Asia/Tokyo" }},
    {{ idempotencyKey: "{day}" }},
  );
  const read = await open.getBooking(booked.manage_url);
  window.seen = [school.name.length > 0, read.id === booked.id, read.awaits_confirmation];
}} catch (error) {{
  window.seen = [error.name];
}}
</script></body></html>"""


def asked_from(page: Page, site_address: str) -> Any:
    page.goto(f"{site_address}/asking.html")
    page.wait_for_function("window.seen")
    return page.evaluate("seen")


def test_a_page_of_a_named_site_books_by_itself_and_no_other_reads_a_word(
    visit: Any, page: Page, demo: Demo, other_site: str, tmp_path: Path
) -> None:
    client = Path(__file__).parents[2] / "clients/javascript/classbell.js"
    (tmp_path / "classbell.js").write_text(client.read_text())
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    (tmp_path / "asking.html").write_text(ASKING.format(url=demo.url, day=tomorrow))

    allow(visit, "https://www.school.example")
    stranger = asked_from(page, other_site)
    allow(visit, other_site)

    assert stranger == ["Unreachable"]
    assert asked_from(page, other_site) == [True, True, True]
