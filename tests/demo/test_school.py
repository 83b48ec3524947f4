"""The demo's school, whenever it is opened: what there is to see, nothing of it twice, and more of it after a break."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count, Q

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.courses.models import Course, Session
from classbell.demo import circles
from classbell.demo.live import start_live_meeting
from classbell.demo.people import PEOPLE
from classbell.demo.seed import seed
from classbell.groups.models import Group, Membership
from classbell.groups.services import change_group
from classbell.halakat.models import Halaka
from classbell.halakat.periods import moved_by
from classbell.meetings.models import (
    Attendance,
    Meeting,
    Occurrence,
    OccurrenceOutcome,
    OccurrenceStatus,
    Participation,
    SyncStatus,
    WebhookEvent,
)
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult, TeacherStatus
from classbell.notices.models import Notice
from tests.simulator import Simulator

COUNTED = (User, Membership, Meeting, Occurrence, WebhookEvent, Attendance, OccurrenceOutcome, Booking, Notice)
MOMENTS = {
    "monday, just begun": datetime(2027, 1, 4, 0, 5, tzinfo=UTC),
    "wednesday, in class": datetime(2027, 1, 13, 18, 30, tzinfo=UTC),
    "saturday, in session": datetime(2027, 6, 12, 14, 20, tzinfo=UTC),
    "sunday, almost over": datetime(2027, 2, 7, 23, 55, tzinfo=UTC),
    "clocks go forward": datetime(2027, 3, 28, 0, 59, tzinfo=UTC),
    "clocks go back": datetime(2027, 10, 31, 1, 5, tzinfo=UTC),
}
T0 = MOMENTS["wednesday, in class"]

SetDay = Callable[[datetime], None]

# Each makes a whole school, with weeks that are over.
pytestmark = pytest.mark.slow


@pytest.fixture
def set_day(zoom: object, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> SetDay:
    """Return a function that sets the simulated Zoom's clock; webhooks are configured."""
    secret = type(settings.ENVIRONMENT.zoom_webhook_secret)("a-webhook-secret")
    environment = settings.ENVIRONMENT.model_copy(update={"zoom_webhook_secret": secret})
    monkeypatch.setattr(settings, "ENVIRONMENT", environment)

    def set_clock(moment: datetime) -> None:
        simulator.clock((moment - datetime.now(UTC)).total_seconds())

    return set_clock


@pytest.mark.parametrize("now", MOMENTS.values(), ids=MOMENTS.keys())
def test_school_has_everything_at_any_time_and_nothing_twice(
    now: datetime, set_day: SetDay, simulator: Simulator
) -> None:
    set_day(now)

    seed(now=now)
    start_live_meeting(now=now)

    assert_circles(now)
    assert_course(now)
    assert_attendance(now)
    assert Meeting.objects.filter(sync_status=SyncStatus.FAILED).count() == 0
    (running,) = [meeting for meeting in simulator.state()["meetings"] if meeting["status"] == "started"]
    assert len(running["participants"]) >= 5

    before = {model: model.objects.count() for model in COUNTED}
    seed(now=now + timedelta(minutes=1))

    assert {model: model.objects.count() for model in COUNTED} == before
    assert before[User] == len(PEOPLE)


def assert_circles(now: datetime) -> None:
    """One circle is full and has a waiting list; in another sessions are moved, cancelled and held by a substitute."""
    found: Iterable[Any] = Halaka.objects.annotate(
        members=Count("group__memberships", distinct=True), wait=Count("group__waiting", distinct=True)
    )
    places = {circle.group.name: (circle.members, circle.group.capacity, circle.wait) for circle in found}
    assert places[circles.FULL.title] == (5, 5, 2)
    assert places[circles.EVENING.title] == (5, 8, 0)
    ahead = Occurrence.objects.filter(meeting__halaka_part__isnull=False, starts_at__gt=now, is_exception=True)
    # Near Ramadan, its times move sessions too, and nothing else is said of those.
    rows = ahead.select_related("meeting__halaka_part__halaka", "substitute")
    by_hand = [row for row in rows if row.is_cancelled or row.substitute or not _by_period(row)]
    assert Counter((row.status, row.substitute.first_name if row.substitute else None) for row in by_hand) == {
        (OccurrenceStatus.SCHEDULED, None): 1,
        (OccurrenceStatus.CANCELLED, None): 1,
        (OccurrenceStatus.SCHEDULED, "Amina"): 1,
    }


def _by_period(row: Occurrence) -> bool:
    """Whether a circle's session stands where its times between two dates put it."""
    pattern = row.meeting.halaka_part.halaka.pattern
    return moved_by(pattern.periods, row.original_starts_at, pattern.zone) == (row.starts_at, row.ends_at)


def assert_course(now: datetime) -> None:
    """About half of twelve sessions are over; one is cancelled and one is taught by somebody else."""
    course = Course.objects.get()
    sessions = Session.objects.filter(course=course)
    held = sessions.filter(meeting__occurrences__status=OccurrenceStatus.ENDED).count()
    assert (sessions.count(), sessions.filter(meeting__wanted=False).count()) == (12, 1)
    assert 6 <= held <= 8
    assert list(sessions.exclude(meeting__teacher=course.teacher).values_list("number", flat=True)) == [10]


def assert_attendance(now: datetime) -> None:
    """Every lesson that is over was judged, with every verdict: a guest nobody knows may be whoever is missing."""
    passed = Occurrence.objects.taking_place().filter(ends_at__lt=now - timedelta(minutes=10))
    assert not passed.filter(meeting__group__isnull=False, outcome=None).exists()
    assert set(Attendance.objects.values_list("status", flat=True)) == set(AttendanceStatus)
    assert set(OccurrenceOutcome.objects.values_list("result", flat=True)) == {
        OccurrenceResult.HELD,
        OccurrenceResult.VOID,
    }
    kept = set(OccurrenceOutcome.objects.values_list("teacher_status", flat=True))
    assert kept == set(TeacherStatus) - {TeacherStatus.UNKNOWN}
    objections = Attendance.objects.exclude(objected_at=None).select_related("user")
    assert {one.user.first_name: one.answered_at is not None for one in objections} == {"Yusuf": False, "Layla": True}
    assert Attendance.objects.exclude(override_status="").count() == 2
    assert list(Participation.objects.filter(user=None).values_list("name", flat=True)) == ["Samira's iPhone"]


def test_school_goes_on_while_the_demo_is_off(set_day: SetDay) -> None:
    set_day(T0)
    seed(now=T0)
    held = Occurrence.objects.filter(status=OccurrenceStatus.ENDED)
    before = held.count()

    later = T0 + timedelta(days=7)
    set_day(later)
    seed(now=later)

    a_week = held.filter(ends_at__gt=T0)
    assert held.count() == before + a_week.count()
    assert a_week.count() == OccurrenceOutcome.objects.filter(occurrence__in=a_week).count() >= 12


def test_class_that_somebody_renamed_does_not_come_back(set_day: SetDay) -> None:
    set_day(T0)
    seed(now=T0)
    change_group(group_id=Group.objects.get(name="Reading circle").pk, name="Reading aloud")
    before = Group.objects.count()

    seed(now=T0 + timedelta(minutes=10))

    assert Group.objects.count() == before


def test_student_is_never_at_two_places(set_day: SetDay) -> None:
    set_day(T0)

    seed(now=T0)

    yusuf = User.objects.get(email="student@classbell.example")
    occurrences = Occurrence.objects.taking_place().filter(
        Q(meeting__group__memberships__user=yusuf) | Q(meeting__booking__student=yusuf)
    )
    periods = sorted(occurrences.values_list("starts_at", "ends_at"))
    assert [second for first, second in pairwise(periods) if second[0] < first[1]] == []
