"""A clash says what is in the way to those who may see it anyway; of a colleague's time others learn that it is taken."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from classbell.accounts.reader import read_by
from classbell.meetings.changes import change_meeting
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.occurrences import let_substitute, move_occurrence
from tests.factories import make_admin, make_teacher
from tests.factories_bookings import a_day_ahead, make_booking, make_tutor
from tests.factories_halakat import halaka_body
from tests.factories_meetings import make_meeting, spec

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague():
    """A teacher with a private lesson at ten."""
    tutor = make_tutor(settings={"auto_confirm": True})
    make_booking(teacher=tutor, starts_at=a_day_ahead(hour=10))
    return tutor


@pytest.fixture
def mine():
    """A meeting of somebody else at that hour."""
    return make_meeting(spec(starts_at=a_day_ahead(hour=10)))


def moved(meeting, colleague):
    move_occurrence(
        occurrence_id=meeting.occurrences.get().pk,
        starts_at=a_day_ahead(hour=10) + timedelta(minutes=5),
        duration_minutes=30,
        teacher=colleague,
        now=datetime.now(UTC),
    )


def substituted(meeting, colleague):
    let_substitute(occurrence_id=meeting.occurrences.get().pk, teacher=colleague, now=datetime.now(UTC))


def handed_over(meeting, colleague):
    change_meeting(meeting_id=meeting.pk, changes={"teacher": colleague}, now=datetime.now(UTC))


ACTS = [moved, substituted, handed_over]


@pytest.mark.parametrize("act", ACTS)
def test_colleague_reads_no_more_than_that_somebody_is_busy(act, mine, colleague):
    with read_by(mine.teacher), pytest.raises(TeacherBusy) as refused:
        act(mine, colleague)

    assert [clash.blocked_by for clash in refused.value.clashes] == [""]
    assert "Student" not in f"{refused.value} {refused.value.details}"


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["an admin", "the one it is about", "whoever runs the installation"])
def test_those_who_see_it_anyway_read_what_it_is(act, who, mine, colleague):
    reader = {"an admin": make_admin(), "the one it is about": colleague}.get(who)

    with read_by(reader) if reader else nullcontext(), pytest.raises(TeacherBusy) as refused:
        act(mine, colleague)

    assert "Student" in refused.value.clashes[0].blocked_by


def test_operations_of_a_circle_and_a_session_say_busy(api, colleague):
    teacher = make_teacher()
    day = a_day_ahead(hour=10)
    body = halaka_body(
        startDate=day.date().isoformat(),
        endDate=day.date().isoformat(),
        frequency="daily",
        days=[],
        startTime="10:00",
        timezone="UTC",
    )
    halaka = api(teacher).post("/api/v1/halaka/", body).json()["data"]["halaka"]

    answer = api(teacher).patch(
        f"/api/v1/halaka/{halaka['id']}/sittings/{halaka['sittings'][0]['id']}", {"teacherId": str(colleague.pk)}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "teacher_busy")
    assert [one["blocked_by"] for one in answer.json()["details"]] == [""]
    assert "Student" not in answer.content.decode()
