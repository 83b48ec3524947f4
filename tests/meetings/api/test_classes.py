"""Closing a class and opening it again by API."""

from collections.abc import Callable

import pytest

from classbell.groups.models import Group
from classbell.ids import uuid7
from tests.api_client import ApiClient
from tests.factories import make_class, make_student, make_teacher
from tests.web.conftest import make_meeting

pytestmark = pytest.mark.django_db

Api = Callable[..., ApiClient]


def address(group: Group, action: str) -> str:
    return f"/api/zoom/classes/{group.pk}/{action}"


def test_closing_a_class_calls_its_meetings_off_and_is_safe_to_repeat(api: Api) -> None:
    teacher = make_teacher()
    group = make_class(teacher=teacher)
    meeting = make_meeting(teacher=teacher, group=group)

    first = api(teacher).post(address(group, "close"), {})
    again = api(teacher).post(address(group, "close"), {})

    meeting.refresh_from_db()
    assert (first.status_code, first.json()["message"]) == (200, "Closed. 1 meeting was cancelled.")
    assert again.json()["class"]["archived_at"] == first.json()["class"]["archived_at"] is not None
    assert meeting.wanted is False


def test_reopened_class_has_its_people_and_not_its_meetings(api: Api) -> None:
    teacher, student = make_teacher(), make_student()
    group = make_class(teacher=teacher, students=[student])
    meeting = make_meeting(teacher=teacher, group=group)
    client = api(teacher)
    client.post(address(group, "close"), {})

    answer = client.post(address(group, "reopen"), {})

    meeting.refresh_from_db()
    assert answer.status_code == 200
    assert answer.json()["message"] == "Open again. Cancelled meetings stay cancelled; plan new ones."
    assert (answer.json()["class"]["archived_at"], answer.json()["class"]["student_count"]) == (None, 1)
    assert meeting.wanted is False
    assert [one["id"] for one in client.get("/api/zoom/classes").json()["classes"]] == [str(group.pk)]


@pytest.mark.parametrize("action", ["close", "reopen"])
def test_class_that_does_not_exist_is_neither_closed_nor_opened(api: Api, action: str) -> None:
    assert api(make_teacher()).post(f"/api/zoom/classes/{uuid7()}/{action}", {}).status_code == 404
