"""The lesson that runs when the demo comes up, at any time of the week."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.demo import live
from classbell.meetings.services import MeetingSpec, want_meeting
from tests.factories import make_teacher

pytestmark = pytest.mark.usefixtures("zoom_hosts")
NOW = datetime(2027, 3, 6, 10, 0, tzinfo=UTC)


def lesson(teacher, *, starts_in, minutes=45):
    return want_meeting(
        MeetingSpec(
            teacher=teacher,
            title="Reading circle",
            starts_at=NOW + timedelta(minutes=starts_in),
            duration_minutes=minutes,
            timezone="UTC",
        ),
        now=NOW - timedelta(hours=2),
    )


@pytest.mark.parametrize("starts_in", [-20, -1, 0, 14])
def test_lesson_about_now_is_the_one_that_runs(starts_in):
    teacher = make_teacher()
    meeting = lesson(teacher, starts_in=starts_in)

    assert live._lesson_about_now(teacher, NOW) == meeting.occurrences.get()


@pytest.mark.parametrize(
    ("others", "from_minute", "minutes"),
    [([], -10, 60), ([(20, 45)], -10, 30), ([(-50, 45)], -5, 55), ([(-50, 45), (20, 45)], -5, 25)],
    ids=["free", "one after", "one just before", "between two"],
)
def test_extra_lesson_fits_between_the_others(others, from_minute, minutes):
    teacher = make_teacher()
    for starts_in, length in others:
        lesson(teacher, starts_in=starts_in, minutes=length)

    assert live._lesson_about_now(teacher, NOW) is None
    extra = live._extra_lesson(teacher, NOW)

    assert (extra.starts_at, extra.ends_at - extra.starts_at) == (
        NOW + timedelta(minutes=from_minute),
        timedelta(minutes=minutes),
    )
