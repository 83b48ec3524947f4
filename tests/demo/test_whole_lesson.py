"""A lesson of thirty on a running demo: what its teacher sees in the middle, and what it counts for everybody after."""

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import processes
from tests.demo.conftest import Demo
from tests.demo.lesson import (
    ABSENT,
    BY_PHONE,
    CALLER,
    DROPS_OUT,
    GUEST,
    LATE,
    LEAVES_EARLY,
    MIDDLE,
    ON_TIME,
    OTHER_NAME,
    TWO_DEVICES,
    YUSUF,
    Lesson,
    names,
)
from tests.demo.running import PASSWORD
from tests.simulator import STUCK_SECONDS, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

FORGIVEN = "5 minutes at the beginning or the end are forgiven: {counts} minutes count ({percent} %)."
WHOLE_HOUR = ("present", 45, ["Was there 45 of 45 minutes (100 %)."])
# Aunt Zaynab, whom nobody knows, may be any of them.
NEVER_SEEN = (
    "unknown",
    0,
    [
        "Was not seen in the meeting.",
        "Somebody whom nobody has recognised was there, and it may have been them.",
    ],
)


class Browser:
    """Somebody's browser without a screen: pages as text, forms by their address."""

    def __init__(self, base_url: str, email: str) -> None:
        self.http = httpx.Client(base_url=base_url, timeout=30, follow_redirects=True)
        self.page("/accounts/login/")
        self.post("/accounts/login/", login=email, password=PASSWORD)

    def page(self, path: str) -> str:
        """Open a page."""
        return self.http.get(path).raise_for_status().text

    def post(self, path: str, **form: str) -> str:
        """Send a form and return the page that it leads to."""
        form["csrfmiddlewaretoken"] = self.http.cookies["csrftoken"]
        return self.http.post(path, data=form).raise_for_status().text


@pytest.fixture
def lesson(demo: Demo) -> Iterator[Lesson]:
    with Lesson(demo.url, demo.sim) as lesson:
        lesson.begin()
        yield lesson


def in_part(page: str, part: str) -> set[str]:
    """Return the names in one part of the board: `here`, `left`, `missing` or `unknown`."""
    (inside,) = re.findall(rf'<ul[^>]* data-part="{part}".*?</ul>', page, re.DOTALL) or [""]
    return {unescape(name) for name in re.findall(r"<bdi data-name>(.*?)</bdi>", inside)}


def verdicts(answer: Any) -> dict[str, tuple[str, int, list[str]]]:
    """Return status, minutes and reasons by name."""
    return {one["student"]["name"]: (one["status"], one["seconds"] / 60, one["reasons"]) for one in answer["records"]}


def form_of(page: str, address: str, name: str) -> tuple[str, str]:
    """Return the address and the value of the button that bears a name, of the forms whose address has this in it."""
    for path, inside in re.findall(rf'<form[^>]* action="([^"]*{address}[^"]*)"(.*?)</form>', page, re.DOTALL):
        for value, label in re.findall(r'<button[^>]* value="([^"]+)"(.*?)</button>', inside, re.DOTALL):
            if name in unescape(label):
                return path, value
    raise AssertionError(f"No button for {name}.")


def ask_zoom_for_its_report(folder: Path, occurrence: str) -> None:
    """Do now what the worker does five minutes after the planned end."""
    defer = ["manage", "procrastinate", "defer", "meetings.fetch_report", json.dumps({"occurrence_id": occurrence})]
    command = [sys.executable, "-m", "classbell", *defer, "--data", str(folder / "data")]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    processes.run(command, check=True, capture_output=True, env=environment)


def test_lesson_is_seen_while_it_runs_and_judged_by_all_that_zoom_tells(demo, lesson):
    teacher, student = Browser(demo.url, lesson.teacher), Browser(demo.url, YUSUF.email)
    board = f"/meetings/{lesson.meeting_id}/board/"

    lesson.go_on_to(MIDDLE)
    wait_until(lambda: everybody_is_seen(teacher.page(board)), seconds=STUCK_SECONDS, what="the last to be seen")
    see_the_middle(teacher, student, board)
    lesson.end()

    wait_until(lambda: lesson.attendance()["records"], seconds=STUCK_SECONDS, what="the verdicts")
    see_the_verdicts(lesson)
    occurrence = re.findall(r"occurrence=([0-9a-f-]{36})", teacher.page(board))[0]
    lesson.zooms_clock(timedelta(minutes=5))
    ask_zoom_for_its_report(demo.folder, occurrence)
    wait_until(lambda: YUSUF.name in differences(lesson), seconds=STUCK_SECONDS, what="Zoom's report to be taken in")
    see_what_the_report_changed(lesson, teacher, student)


def everybody_is_seen(page: str) -> bool:
    """Whether all that Zoom told so far is understood: the last who came late, and those whom nobody knows."""
    return names(LATE) <= in_part(page, "here") and in_part(page, "unknown") == {CALLER, GUEST}


def see_the_middle(teacher: Browser, student: Browser, board: str) -> None:
    """Who is here, who is missing, whom nobody knows; the missing are told, and the voice on the telephone gets a name."""
    page = teacher.page(board)
    present = (YUSUF, TWO_DEVICES, DROPS_OUT, OTHER_NAME, *LATE, *ON_TIME)
    assert in_part(page, "here") == names(present)
    assert in_part(page, "left") == names([LEAVES_EARLY])
    assert in_part(page, "missing") == names((BY_PHONE, *ABSENT))
    assert in_part(page, "unknown") == {CALLER, GUEST}

    path, person = form_of(page, f"{board}[0-9a-f]", BY_PHONE.name)
    page = teacher.post(unescape(path), person=person)
    assert in_part(page, "here") >= names([BY_PHONE])
    assert (in_part(page, "missing"), in_part(page, "unknown")) == (names(ABSENT), {GUEST})

    page = teacher.post(f"{board}nudge")
    assert "4 students are told." in page
    assert "They were told a short while ago." in teacher.post(f"{board}nudge")
    assert "Your session has begun" not in student.page("/notices/")


def see_the_verdicts(lesson: Lesson) -> None:
    """Everybody's verdict with its reasons, from the live events alone; Yusuf's leaving was never told."""
    answer = lesson.attendance()

    assert verdicts(answer) == {
        **dict.fromkeys(names((YUSUF, TWO_DEVICES, OTHER_NAME, *ON_TIME)), WHOLE_HOUR),
        **dict.fromkeys(names(ABSENT), NEVER_SEEN),
        DROPS_OUT.name: (
            "present",
            41,
            ["Was there 41 of 45 minutes (91 %).", "Was away for 4 minutes in between."],
        ),
        BY_PHONE.name: (
            "present",
            44,
            [
                "Was there 44 of 45 minutes (97 %).",
                "1 minute at the beginning or the end is forgiven: 45 minutes count (100 %).",
            ],
        ),
        LEAVES_EARLY.name: (
            "partial",
            20,
            [
                "Was there 20 of 45 minutes (44 %); present begins at 75 %.",
                "Left 25 minutes before the end.",
                FORGIVEN.format(counts=25, percent=55),
            ],
        ),
        **{
            part.name: (
                "late",
                45 - late,
                [
                    f"Came {late} minutes after the start; late begins after 10.",
                    f"Was there {45 - late} of 45 minutes ({percent} %).",
                    FORGIVEN.format(counts=50 - late, percent=counted),
                ],
            )
            for part, late, percent, counted in zip(LATE, (12, 13, 15), (73, 71, 66), (84, 82, 77), strict=True)
        },
    }
    assert answer["outcome"]["result"] == "held"
    assert answer["outcome"]["reasons"] == []
    assert answer["summary"] == {
        "total": 30,
        "present": 22,
        "late": 3,
        "partial": 1,
        "absent": 0,
        "excused": 0,
        "unknown": 4,
    }


def differences(lesson: Lesson) -> dict[str, tuple[float, float]]:
    """Return by name how many minutes the live events and the report tell, where they disagree."""
    told = {one["student"]["name"]: one["difference"] for one in lesson.attendance()["records"] if one["difference"]}
    return {name: (one["webhook_seconds"] / 60, one["report_seconds"] / 60) for name, one in told.items()}


def see_what_the_report_changed(lesson: Lesson, teacher: Browser, student: Browser) -> None:
    """Only the leaving that no event told of; both accounts are shown beside it."""
    answer = lesson.attendance()
    said = [
        "Was there 30 of 45 minutes (66 %).",
        "Left 15 minutes before the end.",
        FORGIVEN.format(counts=35, percent=77),
    ]
    assert differences(lesson) == {YUSUF.name: (45, 30)}
    assert verdicts(answer)[YUSUF.name] == ("present", 30, said)
    assert answer["summary"]["present"] == 22
    assert {one["source"] for one in answer["records"]} == {"report"}

    page = teacher.page(f"/meetings/{lesson.meeting_id}/attendance/")
    assert "Zoom&#x27;s live events say 45 min, its report 30 min." in page
    assert "Left 15 minutes before the end." in student.page("/attendance/")
