"""Saying by the API who a participant is."""

from typing import Any
from uuid import uuid4

import pytest

from classbell.accounts.models import User
from classbell.meetings.models import Participation
from tests.factories import make_class, make_student, make_teacher
from tests.factories_attendance import make_occurrence, make_stay

pytestmark = pytest.mark.django_db


@pytest.fixture
def student() -> User:
    return make_student()


@pytest.fixture
def stay(student: User) -> Participation:
    return make_stay(make_occurrence(make_class(students=[student])), None, 0, 60)


def path(stay: Participation) -> str:
    return f"/api/zoom/meetings/{stay.occurrence.meeting_id}/participants/{stay.pk}/person"


@pytest.mark.parametrize("who", ["student", "nobody"])
def test_teacher_says_who_it_is_and_takes_it_back(api: Any, stay: Participation, student: User, who: str) -> None:
    teacher, person = stay.occurrence.meeting.teacher, str(student.pk) if who == "student" else None

    said = api(teacher).put(path(stay), {"user_id": person})
    taken_back = api(teacher).delete(path(stay))

    by = "manual" if person else "nobody"
    assert (said.status_code, said.json()) == (200, {"id": str(stay.pk), "user_id": person, "matched_by": by})
    assert taken_back.json() == {"id": str(stay.pk), "user_id": None, "matched_by": ""}


def test_whoever_keeps_no_attendance_says_nothing(api: Any, stay: Participation, student: User) -> None:
    answers = [api(who).put(path(stay), {"user_id": None}).status_code for who in (student, make_teacher())]

    assert answers == [403, 404]
    stay.refresh_from_db()
    assert stay.matched_by == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"user_id": "Ana"}, 400), ({"user_id": str(uuid4())}, 404)],
    ids=["no-word", "a-name", "a-stranger"],
)
def test_word_that_says_nobody_we_know_is_refused(api: Any, stay: Participation, body: Any, status: int) -> None:
    assert api(stay.occurrence.meeting.teacher).put(path(stay), body).status_code == status


def test_connection_of_another_meeting_is_not_there(api: Any, stay: Participation) -> None:
    other = make_stay(make_occurrence(make_class()), None, 0, 60)

    answer = api(stay.occurrence.meeting.teacher).delete(path(stay).replace(str(stay.pk), str(other.pk)))

    assert answer.status_code == 404
