"""One command brings up a whole school, twice without doubling anything, and stops without leaving anything behind."""

import pytest

from tests.demo.conftest import Demo
from tests.demo.running import ROLES, FirstRun, meetings_of, people_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


def test_demo_comes_up_with_people_classes_and_a_live_meeting(first_demo: FirstRun) -> None:
    (live,) = [meeting for meeting in first_demo.meetings if meeting["status"] == "started"]

    assert tuple(person["role"] for person in first_demo.people) == ROLES
    assert len(first_demo.meetings) >= 4
    assert len(live["participants"]) >= 4


def test_demo_that_comes_up_again_has_all_that_was_there(first_demo: FirstRun, demo: Demo) -> None:
    assert [person["id"] for person in people_of(demo.url)] == [person["id"] for person in first_demo.people]
    assert {one["id"] for one in meetings_of(demo.sim)} >= {one["id"] for one in first_demo.meetings}
