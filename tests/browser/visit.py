"""Somebody at a browser: opens pages, notes what is wrong with them, takes pictures."""

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.chromium import PASSWORD, PHONE, WIDE

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
GRAVE = ("serious", "critical")
OVERFLOWING = """
() => {
  const root = document.documentElement, width = root.clientWidth;
  if (root.scrollWidth <= width) return [];
  const scrolls = (element) => {
    for (let up = element.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => { const box = element.getBoundingClientRect(); return box.right > width + 1 || box.left < -1; })
    .filter((element) => !scrolls(element))
    .map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(-5).concat("page");
}
"""

# What moved by itself since the page was opened, as browsers count it; up to 0.1 counts as good: https://web.dev/articles/cls.
SHIFT = """
() => new Promise((done) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  });
  watch.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})
"""
MOST_SHIFT = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One way to look at pages."""

    name: str
    size: tuple[int, int] = WIDE
    language: str = "en"
    dark: bool = False


DESKTOP = Look(name="desktop-en")
ARABIC_PHONE = Look(name="phone-ar", size=PHONE, language="ar")


class Visit:
    """A window of its own, with cookies of its own. `complaints` grows by what the browser says of the pages."""

    def __init__(self, browser: Browser, base_url: str, look: Look, *, pictures: Path) -> None:
        self.look = look
        self.complaints: list[str] = []
        self._pictures = pictures
        self._context = browser.new_context(
            base_url=base_url,
            viewport={"width": look.size[0], "height": look.size[1]},
            color_scheme="dark" if look.dark else "light",
            locale=look.language,
            reduced_motion="reduce",
        )
        self._context.add_cookies([{"name": "django_language", "value": look.language, "url": base_url}])
        self._context.on("console", self._note)
        self._context.on("weberror", lambda error: self.complaints.append(f"{self.page.url}: {error.error}"))
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(15_000)

    def have_been_here(self) -> None:
        """Open a page and wait for its fonts, so that the next ones find them kept, as for everybody but at first."""
        self.page.goto("/accounts/login/")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")

    def close(self) -> None:
        """Close the window and forget its cookies."""
        self._context.close()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in through the page."""
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, for people to look at."""
        file = self._pictures / self.look.name / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        # "initial": hiding the caret would leave empty style attributes behind, which the page's policy complains of.
        self.page.screenshot(path=file, full_page=True, caret="initial")

    def findings(self) -> list[str]:
        """Return axe-core's serious and critical findings on the page as it is."""
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{self.page.url}: {finding['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
            for finding in found
            if finding["impact"] in GRAVE
            for node in finding["nodes"]
        ]

    def overflow(self) -> list[str]:
        """Return what makes the page scroll sideways; nothing when it does not."""
        return [f"{self.page.url}: {element} is too wide" for element in self.page.evaluate(OVERFLOWING)]

    def shift(self) -> list[str]:
        """Return by how much the page moved under its reader, when that is more than a little."""
        moved = self.page.evaluate(SHIFT)
        return [f"{self.page.url}: moves by {moved:.2f} while it is opened"] if moved > MOST_SHIFT else []

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.location.get('url', '')} on {self.page.url}: {message.text}")
