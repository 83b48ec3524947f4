"""Two batches at one moment, each on a connection of its own: exactly one wins, and nothing is left of the other."""

from datetime import UTC, datetime, timedelta

import pytest

from classbell.accounts.models import User
from classbell.courses.batches import Batch, create_sessions
from classbell.courses.errors import SessionsClash
from classbell.courses.models import Course, Session
from classbell.courses.pattern import NewSession
from classbell.courses.services import create_course
from classbell.meetings.models import Claim, HostSeat, Meeting
from tests.at_once import at_once
from tests.factories import make_teacher
from tests.factories_bookings import a_day_ahead

SESSIONS = 40


def batch(*, shift: timedelta = timedelta(0)) -> list[NewSession]:
    start = a_day_ahead(days=7) + shift
    return [
        NewSession(
            title=f"Lesson {number}",
            starts_at=start + timedelta(days=number),
            duration_minutes=60,
            timezone="UTC",
        )
        for number in range(SESSIONS)
    ]


def make(course: Course, wanted: list[NewSession]) -> Batch:
    return create_sessions(course_id=course.pk, wanted=wanted, now=datetime.now(UTC))


def courses_of(teacher: User, count: int = 2) -> list[Course]:
    return [create_course(teacher=teacher, title=f"Course {n}", timezone="UTC") for n in range(count)]


@pytest.mark.usefixtures("zoom_hosts")
def test_two_batches_on_one_teacher_leave_one_winner() -> None:
    teacher = make_teacher()
    one, other = courses_of(teacher)

    # They overlap in all but their first and last half hours.
    outcomes = at_once(
        [lambda: make(one, batch()), lambda: make(other, list(reversed(batch(shift=timedelta(minutes=30)))))]
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Batch", "SessionsClash"]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, SessionsClash)]
    assert len(refused.clashes) == SESSIONS
    assert Session.objects.values("course").distinct().count() == 1
    assert (Session.objects.count(), Meeting.objects.count()) == (SESSIONS, SESSIONS)
    assert Claim.objects.filter(resource_id=teacher.pk).count() == SESSIONS


@pytest.mark.usefixtures("zoom_hosts")
def test_two_batches_in_one_course_number_their_sessions_apart() -> None:
    (course,) = courses_of(make_teacher(), 1)

    outcomes = at_once(
        [lambda: make(course, batch()), lambda: make(course, batch(shift=timedelta(hours=5)))],
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["Batch", "Batch"]
    numbers = Session.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 2 * SESSIONS + 1))


@pytest.mark.usefixtures("zoom_hosts")
def test_batches_of_many_teachers_after_few_hosts_never_share_one() -> None:
    courses = [course for _ in range(HostSeat.objects.count() + 1) for course in courses_of(make_teacher(), 1)]

    outcomes = at_once([lambda course=course: make(course, batch()) for course in courses])  # type: ignore[misc]

    made = [outcome for outcome in outcomes if isinstance(outcome, Batch)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, SessionsClash)]
    assert (len(made), len(refused)) == (HostSeat.objects.count(), 1)
    assert {clash.kind.value for clash in refused[0].clashes} == {"no_host"}
    assert Session.objects.count() == SESSIONS * len(made)
