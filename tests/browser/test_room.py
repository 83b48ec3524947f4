"""Teacher and student meet inside our own page, by the simulated Meeting SDK."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.visit import ARABIC_PHONE, DESKTOP, Visit
from tests.simulator import STUCK_SECONDS, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TEACHER, STUDENT = "khalid@classbell.example", "maryam@classbell.example"


@pytest.fixture
def meeting(demo: Demo) -> dict[str, Any]:
    """A meeting with one student at the first hour at which the teacher has nothing else, with its room at Zoom."""
    with demo.api(STUDENT) as api:
        student = api.get("/api/auth/me").raise_for_status().json()
    with demo.api(TEACHER) as api:
        now = datetime.now(UTC).replace(microsecond=0)
        body = {"title": "Recitation inside the page", "duration": 60, "invited": [student["id"]]}
        hours = ((now + timedelta(hours=ahead)).isoformat() for ahead in range(72))
        answers = (api.post("/api/zoom/meetings", json=body | {"startTime": hour}) for hour in hours)
        made = next(dict(answer.json()["meeting"]) for answer in answers if answer.is_success)

        def has_room() -> bool:
            return bool(api.get(f"/api/zoom/meetings/{made['id']}").json()["meeting"]["join_url"])

        wait_until(has_room, seconds=STUCK_SECONDS, what="Zoom's meeting")
    return made


def test_teacher_and_student_meet_inside_the_page(
    visit: Callable[..., Visit], zooms_clock: Callable[[datetime], None], meeting: dict[str, Any]
) -> None:
    teacher, learner = visit(TEACHER, DESKTOP), visit(STUDENT, ARABIC_PHONE)
    page, room = f"/meetings/{meeting['id']}/", f"/meetings/{meeting['id']}/room"
    people = ".zoomsim-room li"
    starts_at = datetime.fromisoformat(meeting["start_time"])

    zooms_clock(starts_at + timedelta(minutes=1))
    learner.page.goto(room)
    expect(learner.page.locator("#room-again")).to_be_visible()
    expect(learner.page.locator("#room-says")).to_contain_text("لم تبدأ الحصة بعد")
    learner.picture("room-1-early")
    teacher.page.goto(room)
    expect(teacher.page.locator(people)).to_have_count(1)
    learner.page.locator("#room-again a").click()
    expect(learner.page.locator(people)).to_have_count(2)
    expect(teacher.page.locator(people)).to_have_count(2)
    learner.picture("room-2-inside")
    teacher.picture("room-2-inside")
    assert learner.findings() + learner.overflow() + teacher.findings() == []

    zooms_clock(starts_at + timedelta(minutes=59))
    teacher.page.get_by_role("button", name="End meeting for all").click()
    teacher.page.wait_for_url(f"**{page}")
    learner.page.get_by_role("button", name="Go on").click()
    learner.page.wait_for_url(f"**{page}")

    wait_until(
        lambda: teacher.page.goto(f"{page}attendance/") and teacher.page.locator(".line .state-ok").count(),
        seconds=STUCK_SECONDS,
        what="the attendance",
    )
    teacher.page.goto(f"{page}board/")
    expect(teacher.page.locator(".board-unknown")).to_have_count(0)
