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

TEACHERS = ("khalid@classbell.example", "teacher@classbell.example", "ines@classbell.example")
STUDENT = "maryam@classbell.example"


@pytest.fixture
def meeting(demo: Demo) -> dict[str, Any]:
    """A meeting with one student that begins now and has its room at Zoom, and `teacher`, who has no other lesson now."""
    with demo.api(STUDENT) as api:
        student = api.get("/api/auth/me").raise_for_status().json()
    body = {
        "title": "Recitation inside the page",
        "startTime": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "duration": 60,
        "invited": [student["id"]],
    }
    for teacher in TEACHERS:
        with demo.api(teacher) as api:
            answer = api.post("/api/zoom/meetings", json=body)
            if answer.is_success:
                break
    made = dict(answer.raise_for_status().json()["meeting"])

    def has_room() -> bool:
        with demo.api(teacher) as api:
            return bool(api.get(f"/api/zoom/meetings/{made['id']}").json()["meeting"]["join_url"])

    wait_until(has_room, seconds=STUCK_SECONDS, what="Zoom's meeting")
    return made | {"teacher": teacher}


def test_teacher_and_student_meet_inside_the_page(
    visit: Callable[..., Visit], zooms_clock: Callable[[datetime], None], meeting: dict[str, Any]
) -> None:
    teacher, learner = visit(meeting["teacher"], DESKTOP), visit(STUDENT, ARABIC_PHONE)
    page, room = f"/meetings/{meeting['id']}/", f"/meetings/{meeting['id']}/room"
    people = ".zoomsim-room li"

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

    zooms_clock(datetime.now(UTC) + timedelta(minutes=58))
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
