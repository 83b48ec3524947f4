"""Telling students whose class has begun without them."""

from datetime import timedelta

import pytest

from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.notices.models import Notice
from classbell.notices.nudges import PAUSE, SittingNotLive, nudge, nudged_at
from tests.at_once import at_once
from tests.factories import make_class, make_student
from tests.factories_attendance import make_sitting, make_stay, minute

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_student(first_name="Ana")


@pytest.fixture
def ben():
    return make_student(first_name="Ben", locale="ar")


@pytest.fixture
def sitting(ana, ben) -> Occurrence:
    """A class that runs, with Cid in it and Ana and Ben missing."""
    cid = make_student(first_name="Cid")
    sitting = make_sitting(make_class(students=[ana, ben, cid]), ended=None)
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    make_stay(sitting, cid, 0, None)
    return sitting


def told() -> list[str]:
    return sorted(Notice.objects.values_list("user__first_name", flat=True))


def test_nudge_tells_a_missing_student_the_way_in(sitting, ana):
    students = nudge(occurrence_id=sitting.pk, students=[ana.pk], now=minute(5))

    notice = Notice.objects.get()
    assert (students, notice.user, notice.path) == ([ana], ana, f"/meetings/{sitting.meeting_id}/join")
    assert "09:00 (UTC time)" in notice.words.text
    assert nudged_at(sitting.pk) == {ana.pk: minute(5)}


def test_nudge_of_all_leaves_out_who_is_here(sitting):
    nudge(occurrence_id=sitting.pk, now=minute(5))

    assert told() == ["Ana", "Ben"]


@pytest.mark.parametrize(
    ("later", "notices"),
    [(timedelta(seconds=1), 1), (PAUSE - timedelta(seconds=1), 1), (PAUSE, 2)],
    ids=["at-once", "just-before", "after-ten-minutes"],
)
def test_nudge_again_is_silent_for_ten_minutes(sitting, ana, later, notices):
    for now in (minute(5), minute(5) + later):
        nudge(occurrence_id=sitting.pk, students=[ana.pk], now=now)

    assert told() == ["Ana"] * notices


@pytest.mark.django_db(transaction=True)
def test_two_who_nudge_at_once_send_one_notice_each(sitting):
    at_once([lambda: nudge(occurrence_id=sitting.pk, now=minute(5))] * 4)

    assert told() == ["Ana", "Ben"]


@pytest.mark.parametrize("status", [OccurrenceStatus.SCHEDULED, OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED])
def test_nudge_to_a_sitting_that_does_not_run_is_refused(sitting, ana, status):
    Occurrence.objects.update(status=status)

    with pytest.raises(SittingNotLive):
        nudge(occurrence_id=sitting.pk, students=[ana.pk], now=minute(5))

    assert told() == []


def test_nudge_of_somebody_who_is_not_missing_does_nothing(sitting):
    stranger = make_student()

    students = nudge(occurrence_id=sitting.pk, students=[stranger.pk, sitting.meeting.teacher_id], now=minute(5))

    assert (list(students), told()) == ([], [])
