"""Telling students whose class has begun without them."""

from datetime import timedelta

import pytest

from classbell.meetings.attendance.excused import excuse
from classbell.meetings.models import Occurrence, OccurrenceStatus
from classbell.notices.models import Notice
from classbell.notices.nudges import PAUSE, OccurrenceNotLive, nudge, nudged_at
from tests.at_once import at_once
from tests.factories import make_class, make_student
from tests.factories_attendance import excused_time, make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_student(first_name="Ana")


@pytest.fixture
def ben():
    return make_student(first_name="Ben", locale="ar")


@pytest.fixture
def occurrence(ana, ben) -> Occurrence:
    """A class that runs, with Cid in it and Ana and Ben missing."""
    cid = make_student(first_name="Cid")
    occurrence = make_occurrence(make_class(students=[ana, ben, cid]), ended=None)
    Occurrence.objects.update(status=OccurrenceStatus.LIVE)
    make_stay(occurrence, cid, 0, None)
    return occurrence


def told() -> list[str]:
    return sorted(Notice.objects.values_list("user__first_name", flat=True))


def test_nudge_tells_a_missing_student_the_way_in(occurrence, ana):
    students = nudge(occurrence_id=occurrence.pk, students=[ana.pk], now=minute(5))

    notice = Notice.objects.get()
    assert (students, notice.user, notice.path) == ([ana], ana, f"/meetings/{occurrence.meeting_id}/join")
    assert "09:00 (UTC time)" in notice.words.text
    assert nudged_at(occurrence.pk) == {ana.pk: minute(5)}


def test_nudge_of_all_leaves_out_who_is_here(occurrence):
    nudge(occurrence_id=occurrence.pk, now=minute(5))

    assert told() == ["Ana", "Ben"]


def test_nudge_of_all_leaves_out_who_is_excused_unless_they_are_named(occurrence, ana):
    excuse(excused_time(ana, occurrence=occurrence), now=minute(0))
    nudge(occurrence_id=occurrence.pk, now=minute(5))
    of_all = told()
    nudge(occurrence_id=occurrence.pk, students=[ana.pk], now=minute(5))

    assert (of_all, told()) == (["Ben"], ["Ana", "Ben"])


@pytest.mark.parametrize(
    ("later", "notices"),
    [(timedelta(seconds=1), 1), (PAUSE - timedelta(seconds=1), 1), (PAUSE, 2)],
    ids=["at-once", "just-before", "after-ten-minutes"],
)
def test_nudge_again_is_silent_for_ten_minutes(occurrence, ana, later, notices):
    for now in (minute(5), minute(5) + later):
        nudge(occurrence_id=occurrence.pk, students=[ana.pk], now=now)

    assert told() == ["Ana"] * notices


@pytest.mark.django_db(transaction=True)
def test_two_who_nudge_at_once_send_one_notice_each(occurrence):
    at_once([lambda: nudge(occurrence_id=occurrence.pk, now=minute(5))] * 4)

    assert told() == ["Ana", "Ben"]


@pytest.mark.parametrize("status", [OccurrenceStatus.SCHEDULED, OccurrenceStatus.ENDED, OccurrenceStatus.CANCELLED])
def test_nudge_to_an_occurrence_that_does_not_run_is_refused(occurrence, ana, status):
    Occurrence.objects.update(status=status)

    with pytest.raises(OccurrenceNotLive):
        nudge(occurrence_id=occurrence.pk, students=[ana.pk], now=minute(5))

    assert told() == []


def test_nudge_of_somebody_who_is_not_missing_does_nothing(occurrence):
    stranger = make_student()

    students = nudge(occurrence_id=occurrence.pk, students=[stranger.pk, occurrence.meeting.teacher_id], now=minute(5))

    assert (list(students), told()) == ([], [])
