"""
A stranger books a lesson on a phone, 360 px wide, in English and in Arabic, filmed: one picture a step, with taps, typed
characters and seconds.

`python -m bench.film_booking URL FOLDER`, with URL of a running `./run demo`. The machine's seconds are those in which the
pages came; what a person takes beside it is worked out from what they tap, type and read.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.chromium import ARGUMENTS, PHONE, find_chromium

# Seconds of a person at a phone: to find what to tap on a screen and to tap it, to type a character.
LOOKS: Final = 2.5
TAPS: Final = 1.0
TYPES: Final = 0.35
NAMES: Final = {"en": "Maria Fernandes", "ar": "مريم الزهراني"}


@dataclass(kw_only=True, slots=True)
class Film:
    """What was done so far on a page, each step kept as a picture in a folder."""

    page: Page
    folder: Path
    taps: int = 0
    typed: int = 0
    seconds: float = 0
    steps: list[str] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], object], *, typed: int = 0) -> None:
        """Do one thing that begins with a tap, wait until the page has answered, and keep a picture of it."""
        began = time.perf_counter()
        act()
        self.page.wait_for_load_state()
        self.seconds += time.perf_counter() - began
        self.taps += 1
        self.typed += typed
        self.steps.append(name)
        self.page.screenshot(path=self.folder / f"{len(self.steps)}-{name}.png", full_page=True)

    @property
    def person_seconds(self) -> float:
        """What a person takes for it, the pages' coming included."""
        return self.seconds + self.taps * (LOOKS + TAPS) + self.typed * TYPES


def film(browser: Browser, url: str, folder: Path, *, language: str) -> Film:
    """Book a trial lesson from the school's page on, as somebody who was never here."""
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        locale=language,
        timezone_id="Europe/Lisbon",
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    shot = Film(page=page, folder=folder)
    email = f"{language}{time.time_ns() % 1_000_000}@example.org"
    shot.step("school", lambda: page.goto(f"{url}/open/", wait_until="networkidle"))
    shot.step("kind", page.locator(".open-card").first.tap)
    page.wait_for_load_state("networkidle")
    shot.step("time", partial(_tap, page, "a.slot >> nth=-1", then="input[name=name]"))
    for name, text in (("name", NAMES[language]), ("email", email)):
        shot.step(name, partial(_type, page, name, text), typed=len(text))
    shot.step("booked", partial(_tap, page, "#picker form button[type=submit]", then="[data-booked]"))
    context.close()
    return shot


def _tap(page: Page, what: str, *, then: str) -> None:
    page.locator(what).tap()
    page.wait_for_selector(then)


def _type(page: Page, field: str, text: str) -> None:
    page.locator(f"input[name={field}]").tap()
    page.keyboard.type(text)


def main(url: str, folder: Path) -> None:
    """Film it in both languages and print what it took."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        for language in NAMES:
            shot = film(browser, url.rstrip("/"), folder / language, language=language)
            print(
                f"{language}: {shot.taps} taps, {shot.typed} characters, {shot.seconds:.1f} s of pages, "
                f"{shot.person_seconds:.0f} s with a person"
            )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
