"""One lesson from the first tap to its attendance, by two people at two browsers, through the real processes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.visit import ARABIC_PHONE, DESKTOP, Look, Visit
from tests.simulator import STUCK_SECONDS, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TEACHER = "khalid@classbell.example"
TEACHERS_NAME = "خالد العبد الرحمن آل سعدون"


@pytest.fixture
def opened_hours(demo: Demo) -> None:
    """Khalid takes requests around the clock and at short notice, so that the story can be told at any hour."""
    changes = {"min_notice_minutes": 0, "slot_interval_minutes": 15, "buffer_minutes": 0, "auto_confirm": False}
    with demo.api(TEACHER) as api:
        api.patch("/api/bookings/settings", json=changes).raise_for_status()
        for weekday in range(7):
            window = {"day_of_week": weekday, "start_time": "00:00:00", "end_time": "24:00:00"}
            api.post("/api/bookings/availability", json=window).raise_for_status()


@pytest.mark.usefixtures("opened_hours")
@pytest.mark.parametrize(
    ("student", "name", "look"),
    [
        pytest.param("student@classbell.example", "Yusuf Almeida", DESKTOP, id="english-desktop"),
        pytest.param("maryam@classbell.example", "مريم بنت عبد الله", ARABIC_PHONE, id="arabic-phone"),
    ],
)
def test_lesson_goes_from_request_to_attendance(
    visit: Callable[..., Visit], zooms_clock: Callable[[datetime], None], student: str, name: str, look: Look
) -> None:
    learner, teacher = visit(student, look), visit(TEACHER, look)

    booking, starts_at = ask_for_the_first_free_time(learner)
    confirm(teacher, booking)
    zooms_clock(starts_at + timedelta(minutes=1))
    start_as_host(teacher, booking)
    come_in(learner, booking, name=name)
    expect(teacher.page.locator(".tile")).to_have_count(2)
    zooms_clock(starts_at + timedelta(minutes=59))
    # The room reads itself anew at the same time: no one navigation is waited for, but what comes of it.
    end = teacher.page.locator("form[action*='/end'] button")
    end.click()
    expect(end).to_have_count(0)

    say_who_it_was(teacher, booking, name)
    see_attendance(teacher, booking)
    teacher.picture("7-attendance")
    learner.page.goto("/attendance/")
    expect(
        learner.page.locator(".line", has_text=TEACHERS_NAME.split(maxsplit=1)[0]).locator(".state-ok")
    ).to_have_count(1)
    learner.picture("8-my-attendance")
    assert look_closely(learner) + look_closely(teacher) == []


def ask_for_the_first_free_time(learner: Visit) -> tuple[str, datetime]:
    """Four taps from the page of a teacher who offers kinds too; return the booking's address and when the lesson starts."""
    page = learner.page
    page.goto("/teachers/")
    page.get_by_role("link", name=TEACHERS_NAME).first.click()
    page.locator("main a[href='?length=60']").click()
    slot = page.locator(".slot").first
    expect(slot).to_be_visible()
    assert look_closely(learner) == []
    learner.picture("1-choose")
    (moment,) = parse_qs(urlsplit(slot.get_attribute("href") or "").query)["slot"]
    slot.click()
    ask = page.locator("#picker form[method=post] button[type=submit]")
    expect(ask).to_be_visible()
    page.locator("#picker textarea").fill("سورة يس، من أولها / Ya-Sin, from its beginning")
    assert look_closely(learner) == []
    learner.picture("2-ask")
    # The first free time may be one at which they are expected in class.
    if (both := page.locator("#picker input[name=despite_overlap]")).count():
        both.check()
    ask.click()
    page.wait_for_url("**/bookings/*/")
    learner.picture("3-asked")
    return page.url, datetime.fromisoformat(str(moment))


def confirm(teacher: Visit, booking: str) -> None:
    """Answer the request where the teacher finds it: on top of the list."""
    page, number = teacher.page, booking.rstrip("/").rpartition("/")[2]
    page.goto("/bookings/")
    button = page.locator(f"#confirm-{number}")
    assert look_closely(teacher) == []
    teacher.picture("4-requests")
    button.click()
    expect(button).to_have_count(0)
    expect(page.locator(f"#lessons a[href='/bookings/{number}/']")).to_have_count(1)
    expect(page.locator("#toasts")).not_to_be_empty()


def start_as_host(teacher: Visit, booking: str) -> None:
    """Wait for Zoom's meeting, go through the host's door, start."""
    page = teacher.page
    page.goto(booking)
    # By Zoom's link, which the page inside has too; see `test_room` for that one.
    page.goto((door(page).get_attribute("href") or "").removesuffix("room") + "start")
    page.locator("form[action*='/start'] button").click()
    expect(page.locator(".tile")).to_have_count(1)
    teacher.picture("5-host")


def come_in(learner: Visit, booking: str, *, name: str) -> None:
    """Come into the room as a guest by Zoom's link, which the lesson's page inside has too; see `test_room` for that one."""
    page = learner.page
    page.goto(booking)
    link = door(page).get_attribute("href") or ""
    page.goto(link.removesuffix("room") + "join")
    page.fill("input[name=name]", name)
    page.locator("form[action$='/join'] button").click()
    expect(page.locator(".tile")).to_have_count(2)
    learner.picture("6-room")


def see_attendance(teacher: Visit, booking: str) -> None:
    """Wait until the session's attendance says that the student was there."""
    page = teacher.page
    address = f"{meeting_of(page, booking)}attendance/"
    wait_until(
        lambda: page.goto(address) and page.locator(".line .state-ok").count(),
        seconds=STUCK_SECONDS,
        what="the attendance",
    )


def say_who_it_was(teacher: Visit, booking: str, student: str) -> None:
    """Match the guest, whom Zoom knows by a typed name only, with the student."""
    page = teacher.page
    page.goto(f"{meeting_of(page, booking)}board/")
    stranger = page.locator(".board-unknown")
    assert look_closely(teacher) == []
    teacher.picture("6-who-is-it")
    stranger.locator("button[name=person]:not([value=nobody])", has_text=student).click()
    expect(stranger).to_have_count(0)


def meeting_of(page: Page, booking: str) -> str:
    """Return the address of the booking's meeting."""
    page.goto(booking)
    link = page.locator("a[href^='/meetings/']").first.get_attribute("href") or ""
    return f"/meetings/{link.split('/')[2]}/"


def door(page: Page) -> Locator:
    """Return the button into the room, once Zoom's meeting is there."""
    button = page.locator("#join")
    expect(button).to_be_visible(timeout=20_000)
    return button


def look_closely(visit: Visit) -> list[str]:
    """Return what is inaccessible or too wide on the page as it is now."""
    return visit.findings() + visit.overflow()
