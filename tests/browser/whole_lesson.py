"""
Play a whole lesson of thirty students on a running demo and take pictures of what people see of it.

    python -m tests.browser.whole_lesson http://localhost:8000 http://localhost:9090 screenshots

While it runs: the live board on a desk, on the wall, on a phone, in Arabic and in the dark. After it: the attendance sheet,
on paper too, and what a student finds. Once a demo, for its teacher can give one lesson at a time.

Needs Debian's chromium; ends with 1 when a page scrolls sideways or the browser or axe complains.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, PHONE, find_chromium
from tests.browser.visit import Look, Visit
from tests.demo.lesson import ABSENT, BY_PHONE, LATE, LEAVES_EARLY, MIDDLE, YUSUF, Lesson
from tests.simulator import STUCK_SECONDS, wait_until

WALL = (1920, 1080)
# The board looks every five seconds, and Zoom's events take a moment to be understood.
RENEWED_MS = 15_000
LOOKS = (
    Look(name="wide"),
    Look(name="wall", size=WALL),
    Look(name="phone", size=PHONE),
    Look(name="wide-dark", dark=True),
    Look(name="wide-ar", language="ar"),
    Look(name="phone-ar-dark", size=PHONE, language="ar", dark=True),
)


class Album:
    """Opens pages in every look and notes what is wrong with them."""

    def __init__(self, browser: Browser, base_url: str, folder: Path) -> None:
        self._browser, self._base_url, self.folder = browser, base_url, folder
        self.complaints: list[str] = []

    def visit(self, email: str, look: Look = LOOKS[0]) -> Visit:
        """Return somebody's window."""
        visit = Visit(self._browser, self._base_url, look, pictures=self.folder)
        visit.sign_in(email)
        return visit

    def look(self, visit: Visit, name: str) -> None:
        """Take a picture of the page as it is, and look for what is wrong with it."""
        visit.picture(name)
        self.complaints += visit.findings() + visit.overflow()

    def take(self, email: str, path: str, name: str) -> None:
        """Take a page in every look."""
        for look in LOOKS:
            visit = self.visit(email, look)
            visit.page.goto(path)
            self.look(visit, name)
            self.finish(visit)

    def finish(self, visit: Visit) -> None:
        """Close a window and keep what the browser said."""
        self.complaints += visit.complaints
        visit.close()


def see_it_running(album: Album, lesson: Lesson) -> None:
    """The board, watched while people come in; then a nudge, and a name for the voice on the telephone."""
    path = f"/meetings/{lesson.meeting_id}/board/"
    teacher = album.visit(lesson.teacher)
    teacher.page.goto(path)
    lesson.go_on_to(MIDDLE)
    expect(teacher.page.locator("[data-part=here]")).to_contain_text(LATE[-1].name, timeout=RENEWED_MS)
    album.take(lesson.teacher, path, "board")

    teacher.page.locator("[data-part=missing] li", has_text=ABSENT[0].name).get_by_role("button").click()
    expect(teacher.page.locator("[data-part=missing] li", has_text=ABSENT[0].name)).to_contain_text("told")
    teacher.page.locator("[data-part=unknown] button", has_text=BY_PHONE.name).first.click()
    expect(teacher.page.locator("[data-part=here]")).to_contain_text(BY_PHONE.name)
    album.look(teacher, "board-after")
    album.finish(teacher)


def see_it_over(album: Album, lesson: Lesson) -> None:
    """The student objects; the teacher finds it on top, and corrects a verdict without touching the mouse."""
    lesson.end()
    wait_until(lambda: lesson.attendance()["records"], seconds=STUCK_SECONDS, what="the verdicts")
    student = album.visit(YUSUF.email)
    student.page.goto("/attendance/")
    mine = student.page.locator(".line", has_text=lesson.title).first
    mine.locator("summary").click()
    mine.locator("textarea").fill("The line was bad at the end, but I heard everything until half past.")
    mine.get_by_role("button").click()
    album.finish(student)

    path = f"/meetings/{lesson.meeting_id}/attendance/"
    album.take(lesson.teacher, path, "attendance")
    teacher = album.visit(lesson.teacher)
    teacher.page.goto(path)
    early = teacher.page.locator(".line", has_text=LEAVES_EARLY.name)
    early.focus()
    for key in ("j", "k", "p"):
        teacher.page.keyboard.press(key)
    album.look(teacher, "attendance-keys")
    teacher.page.keyboard.press("Enter")
    expect(early.locator(".line-verdict")).to_contain_text("Present")
    expect(early).to_be_focused()
    album.look(teacher, "attendance-corrected")
    teacher.page.emulate_media(media="print")
    teacher.page.pdf(path=album.folder / "attendance.pdf", format="A4", print_background=False)
    album.finish(teacher)
    album.take(YUSUF.email, "/attendance/", "my-attendance")


def main(base_url: str, sim_url: str, folder: str) -> int:
    """Play and take all pictures; return 1 when something was wrong."""
    with Lesson(base_url, sim_url) as lesson, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        album = Album(browser, base_url, Path(folder))
        lesson.begin()
        see_it_running(album, lesson)
        see_it_over(album, lesson)
        browser.close()
    sys.stdout.writelines(f"{complaint}\n" for complaint in album.complaints)
    return 1 if album.complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
