"""The list of meetings: those to come first, by their next session, a page at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus
from classbell.web.meetings.views import meeting_planning
from tests.factories import make_class
from tests.web.conftest import School, SignIn, make_meeting
from tests.web.html import words

# Session, person, meetings; whether Zoom is connected; children of the reader.
QUERIES = 5


@pytest.fixture
def admin(school: School, sign_in: SignIn) -> Client:
    """The browser of the school's admin."""
    return sign_in(school.admin)


def titles(client: Client, **query: str) -> list[str]:
    return [meeting.title for meeting in client.get("/meetings/", query).context["page"]]


def test_each_meeting_is_listed_once_by_its_next_session(school: School, admin: Client) -> None:
    later = make_meeting(teacher=school.teacher, title="Later", starts_at=school.meeting.starts_at + timedelta(hours=3))
    sooner = make_meeting(teacher=school.teacher, title="Sooner", starts_at=later.starts_at + timedelta(hours=2))
    # Its first session is cancelled, and its second moved before all others.
    first, second = sooner.occurrences.order_by("starts_at")[:2]
    Occurrence.objects.filter(pk=first.pk).update(status=OccurrenceStatus.CANCELLED)
    Occurrence.objects.filter(pk=second.pk).update(
        starts_at=datetime.now(UTC) + timedelta(hours=1), ends_at=datetime.now(UTC) + timedelta(hours=2)
    )

    found = titles(admin)

    assert found.index("Sooner") == 0
    assert found.index("Later") == 2
    assert len(found) == 3


def test_a_session_that_runs_is_the_next_one(school: School, admin: Client) -> None:
    running = school.meeting.occurrences.earliest("starts_at")
    now = datetime.now(UTC)
    Occurrence.objects.filter(pk=running.pk).update(
        starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=1)
    )

    (meeting,) = admin.get("/meetings/").context["page"]

    assert meeting.next_starts_at == now - timedelta(minutes=5)


def test_pages_follow_each_other_without_a_gap(school: School, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting_planning, "MEETINGS_A_PAGE", 2)
    for number in range(2):
        starts_at = school.meeting.starts_at + timedelta(hours=3 * (number + 1))
        make_meeting(teacher=school.teacher, title=f"Further {number}", starts_at=starts_at)

    assert titles(admin) == [school.meeting.title, "Further 0"]
    assert titles(admin, page="2") == ["Further 1"]
    assert "Page 2" in words(admin.get("/meetings/", {"page": "2"}))
    # Nobody's links lead there.
    for page in ("3", "0", "-1", "many", "1" * 30):
        assert titles(admin, page=page) == [school.meeting.title, "Further 0"]


def test_what_is_over_is_past(school: School, admin: Client) -> None:
    Occurrence.objects.update(
        starts_at=datetime.now(UTC) - timedelta(hours=2), ends_at=datetime.now(UTC) - timedelta(hours=1)
    )

    assert titles(admin) == []
    assert titles(admin, show="past") == [school.meeting.title]


@pytest.mark.parametrize("more", [0, 3])
@pytest.mark.parametrize("show", ["coming", "past", "cancelled"])
def test_list_takes_as_many_queries_with_four_meetings_as_with_one(
    school: School, admin: Client, django_assert_num_queries: object, show: str, more: int
) -> None:
    for number in range(more):
        group = make_class(teacher=school.teacher, name=f"Class {number}")
        starts_at = school.meeting.starts_at + timedelta(hours=3 * (number + 1))
        make_meeting(teacher=school.teacher, group=group, title=f"Further {number}", starts_at=starts_at)
    if show == "past":
        Occurrence.objects.all().delete()
    Meeting.objects.update(wanted=show != "cancelled")

    with django_assert_num_queries(QUERIES):  # type: ignore[operator]  # pytest-django's fixture has no type
        listed = titles(admin, show=show)

    assert len(listed) == 1 + more
