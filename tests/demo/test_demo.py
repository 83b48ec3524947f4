"""One command brings up a whole school, twice without doubling anything, and stops without leaving anything behind."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.demo.conftest import Demo
from tests.demo.running import ROLES, FirstRun, api_of, meetings_of, people_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

README = Path(__file__).parent.parent.parent / "README.md"


def test_demo_comes_up_with_people_classes_and_a_live_meeting(first_demo: FirstRun) -> None:
    (live,) = [meeting for meeting in first_demo.meetings if meeting["status"] == "started"]

    assert tuple(person["role"] for person in first_demo.people) == ROLES
    assert len(first_demo.meetings) >= 4
    assert len(live["participants"]) >= 4


def test_demo_that_comes_up_again_has_all_that_was_there(first_demo: FirstRun, demo: Demo) -> None:
    assert [person["id"] for person in people_of(demo.url)] == [person["id"] for person in first_demo.people]
    assert {one["id"] for one in meetings_of(demo.sim)} >= {one["id"] for one in first_demo.meetings}


def test_circle_of_the_readme_is_made(demo: Demo) -> None:
    example = re.search(r"/api/v1/halaka .*?-d '(\{.*?\})'", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    begin = datetime.now(UTC).date() + timedelta(days=60)
    half_a_year = {"startDate": begin.isoformat(), "endDate": (begin + timedelta(days=180)).isoformat()}

    with api_of(demo.url, "teacher") as teacher:
        made = teacher.post("/api/v1/halaka", json=json.loads(example[1]) | half_a_year)

    assert made.status_code == httpx.codes.CREATED, made.text
