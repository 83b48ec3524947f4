"""Who is shown a way in: one rule for every answer and page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from classbell.meetings.joining.doors import is_shown_way_in, shown_ways_in
from classbell.meetings.models import Audience, Meeting
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.factories import make_admin, make_student, make_teacher

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
Set = Callable[..., None]


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Return a function that changes settings for this test."""

    def change(**wanted: Any) -> None:
        monkeypatch.setattr(settings, "ENVIRONMENT", settings.ENVIRONMENT.model_copy(update=wanted))

    return change


@pytest.fixture
def meeting() -> Meeting:
    """A meeting for everybody, in an hour."""
    spec = MeetingSpec(
        teacher=make_teacher(),
        title="Algebra",
        starts_at=NOW + timedelta(hours=1),
        duration_minutes=60,
        timezone="UTC",
        audience=Audience.EVERYONE,
    )
    return want_meeting(spec, now=NOW)


def test_without_settings_whoever_may_attend_is_shown_the_way(meeting: Meeting) -> None:
    assert is_shown_way_in(make_student(), meeting, now=NOW)


def test_students_of_other_domains_are_not(meeting: Meeting, set_to: Set) -> None:
    set_to(student_email_domains="school.example")
    inside, outside = make_student(email="a@school.example"), make_student(email="a@school.example.evil")

    assert is_shown_way_in(inside, meeting, now=NOW)
    assert not is_shown_way_in(outside, meeting, now=NOW)
    assert is_shown_way_in(make_admin(email="a@elsewhere.example"), meeting, now=NOW)


@pytest.mark.parametrize(("minutes", "shown"), [(11, False), (10, True), (-30, True), (-61, False)])
def test_nobody_is_before_the_door_opens_or_after_all_is_over(
    meeting: Meeting, set_to: Set, minutes: int, shown: bool
) -> None:
    set_to(join_early_minutes=10, door_grace_minutes=0)
    now = NOW + timedelta(hours=1) - timedelta(minutes=minutes)

    assert is_shown_way_in(make_student(), meeting, now=now) is shown
    assert is_shown_way_in(meeting.teacher, meeting, now=now)


def test_date_at_hand_saves_the_question_when_it_is(
    meeting: Meeting, set_to: Set, django_assert_num_queries: Any
) -> None:
    set_to(join_early_minutes=10)
    student = make_student()
    lesson = SimpleNamespace(starts_at=NOW + timedelta(hours=1), ends_at=NOW + timedelta(hours=2))

    with django_assert_num_queries(0):
        assert not is_shown_way_in(student, meeting, now=NOW, date=lesson)


def test_many_are_asked_about_at_once(meeting: Meeting, set_to: Set, django_assert_num_queries: Any) -> None:
    teacher = make_teacher()
    with django_assert_num_queries(1):
        assert shown_ways_in(teacher, [meeting], now=NOW) == {meeting.pk}
