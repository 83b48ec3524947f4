"""
Take a picture of every page, as every demo person sees it: wide and narrow, light and dark, English and Arabic.

    python -m tests.browser.screenshots http://localhost:8000 screenshots

Needs a running demo and Debian's chromium. Also says which pages scroll sideways on a phone and what the browser
complained about, and ends with 1 when there was any of it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, PASSWORD, PHONE, WIDE, find_chromium

NOTE_VIOLATIONS = """
window.complaints = [];
addEventListener("securitypolicyviolation", (event) => complaints.push(`${event.effectiveDirective} refused`));
addEventListener("error", (event) => complaints.push(event.message));
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One way to look at the pages."""

    name: str
    size: tuple[int, int]
    language: str = "en"
    dark: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody of the demo, and the pages to look at as them; "meeting" is the first one linked from their week."""

    name: str
    email: str
    pages: tuple[str, ...]


LOOKS = (
    Look(name="wide", size=WIDE),
    Look(name="phone", size=PHONE),
    Look(name="wide-dark", size=WIDE, dark=True),
    Look(name="wide-ar", size=WIDE, language="ar"),
    Look(name="phone-ar-dark", size=PHONE, language="ar", dark=True),
)
PEOPLE = (
    Person(
        name="student",
        email="student@classbell.example",
        pages=("/", "meeting", "/zoom/", "/nowhere", "/teachers/", "/bookings/", "/notices/"),
    ),
    Person(name="teacher", email="teacher@classbell.example", pages=("/", "meeting", "/bookings/", "/availability/")),
    Person(name="khalid", email="khalid@classbell.example", pages=("/", "meeting", "/availability/")),
    Person(
        name="admin",
        email="admin@classbell.example",
        pages=("/", "/zoom/", "/bookings/", "/policies/", "/policies/all"),
    ),
)
VISITOR_PAGES = ("/teachers/", "/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/")


class Album:
    """Takes the pictures and notes what is wrong with them."""

    def __init__(self, browser: Browser, base_url: str, folder: Path) -> None:
        self._browser = browser
        self._base_url = base_url.rstrip("/")
        self._folder = folder
        self.complaints: list[str] = []

    def take(self, look: Look) -> None:
        """Take all pages in one look."""
        for path in VISITOR_PAGES:
            context = self._context(look)
            self._picture(context.new_page(), path, look, "visitor")
            context.close()
        for person in PEOPLE:
            context = self._context(look)
            page = self._sign_in(context, person)
            for path in person.pages:
                self._picture(page, self._meeting(page) if path == "meeting" else path, look, person.name, name=path)
            context.close()

    def _context(self, look: Look) -> BrowserContext:
        context = self._browser.new_context(
            viewport={"width": look.size[0], "height": look.size[1]},
            color_scheme="dark" if look.dark else "light",
            locale=look.language,
        )
        context.add_init_script(NOTE_VIOLATIONS)
        context.add_cookies([{"name": "django_language", "value": look.language, "url": self._base_url}])
        return context

    def _sign_in(self, context: BrowserContext, person: Person) -> Page:
        page = context.new_page()
        page.goto(f"{self._base_url}/accounts/login/")
        page.fill("input[name=login]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"{self._base_url}/")
        return page

    def _meeting(self, page: Page) -> str:
        page.goto(f"{self._base_url}/")
        return (
            page.locator("a[href^='/meetings/']:not([href$=join]):not([href$=start])").first.get_attribute("href")
            or "/"
        )

    def _note(self, target: str, text: str) -> None:
        self.complaints.append(f"{target}: {text}")

    def _picture(self, page: Page, path: str, look: Look, who: str, *, name: str = "") -> None:
        name = f"{who}{(name or path).rstrip('/').replace('/', '-')}" if name != "meeting" else f"{who}-meeting"
        target = f"{look.name}/{name if name != who else f'{who}-week'}"

        page.goto(self._base_url + path)
        page.wait_for_load_state("networkidle")
        for text in dict.fromkeys(page.evaluate("window.complaints ?? []")):
            self._note(target, text)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self._note(target, "scrolls sideways")
        file = self._folder / f"{target}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file, full_page=True)


def main(base_url: str, folder: str) -> int:
    """Take all pictures; return 1 when something was wrong."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        album = Album(browser, base_url, Path(folder))
        for look in LOOKS:
            album.take(look)
        browser.close()
    sys.stdout.writelines(f"{complaint}\n" for complaint in album.complaints)
    return 1 if album.complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
