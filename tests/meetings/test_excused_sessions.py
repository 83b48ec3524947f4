"""Whose absence was accepted is excused: in no rate, and not where they came or the session did not take place."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from classbell.meetings.attendance.excused import MOST_AT_ONCE, excuse, excuse_no_longer, occurrences_covered
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import override_attendance
from classbell.meetings.models import (
    Attendance,
    AttendanceCount,
    ExcusedTime,
    Meeting,
    Occurrence,
    OccurrenceOutcome,
    Participation,
)
from classbell.meetings.reports.over_time import Scope, by_student, classes
from classbell.meetings.verdicts import AttendanceStatus
from tests.at_once import done_at_once
from tests.examples import examples
from tests.factories import make_admin, make_class, make_student
from tests.factories_attendance import NINE, excused_time, make_occurrence, make_stay, minute
from tests.meetings.test_attendance_count import added_up, counted

pytestmark = pytest.mark.django_db

AFTER: Final = minute(90)


def record(occurrence: Occurrence) -> None:
    record_attendance(occurrence_id=occurrence.pk, now=AFTER)


def statuses(occurrence: Occurrence) -> dict[str, str]:
    return {row.user.first_name: row.status for row in Attendance.objects.filter(occurrence=occurrence)}


class Lesson:
    """An hour of a class that the teacher held; Ana was there, Ben was not."""

    def __init__(self, **fields: Any) -> None:
        self.ana, self.ben = make_student(first_name="Ana"), make_student(first_name="Ben")
        self.group = make_class(students=[self.ana, self.ben])
        self.occurrence = make_occurrence(self.group, **fields)
        self.teacher = self.group.teachers.get()
        make_stay(self.occurrence, self.teacher, 0, 60)
        make_stay(self.occurrence, self.ana, 0, 60)


@pytest.fixture
def lesson() -> Lesson:
    return Lesson()


@pytest.mark.parametrize(
    "meant",
    [
        pytest.param(lambda lesson: {"occurrence": lesson.occurrence}, id="this-session"),
        pytest.param(lambda lesson: {"meeting": lesson.occurrence.meeting}, id="sessions-of-the-meeting"),
        pytest.param(lambda lesson: {"group": lesson.group}, id="sessions-of-the-class"),
        pytest.param(lambda _lesson: {}, id="everything-in-that-time"),
        pytest.param(lambda _lesson: {"starts_at": minute(59), "ends_at": minute(600)}, id="only-its-last-minute"),
    ],
)
@pytest.mark.parametrize("excused_first", [True, False])
def test_who_was_excused_and_not_seen_is_excused(
    lesson: Lesson, meant: Callable[[Lesson], dict[str, Any]], *, excused_first: bool
) -> None:
    steps: list[Callable[[], object]] = [
        lambda: excuse(excused_time(lesson.ben, **meant(lesson)), now=AFTER),
        lambda: record(lesson.occurrence),
    ]
    for step in steps if excused_first else reversed(steps):
        step()

    assert statuses(lesson.occurrence) == {"Ana": "present", "Ben": "excused"}
    assert [reason["code"] for reason in Attendance.objects.get(user=lesson.ben).reasons] == ["never_came", "excused"]


@pytest.mark.parametrize(
    "meant",
    [
        pytest.param(lambda _lesson: {"starts_at": minute(60), "ends_at": minute(90)}, id="from-its-end-on"),
        pytest.param(lambda _lesson: {"starts_at": minute(-90), "ends_at": minute(0)}, id="until-it-begins"),
        pytest.param(lambda _lesson: {"group": make_class()}, id="of-another-class"),
        pytest.param(lambda lesson: {"meeting": make_occurrence(lesson.group, days=1).meeting}, id="another-meeting"),
        pytest.param(lambda lesson: {"occurrence": make_occurrence(lesson.group, days=1)}, id="another-session"),
    ],
)
def test_other_sessions_are_not_excused(lesson: Lesson, meant: Callable[[Lesson], dict[str, Any]]) -> None:
    excuse(excused_time(lesson.ben, **meant(lesson)), now=AFTER)
    record(lesson.occurrence)

    assert statuses(lesson.occurrence)["Ben"] == "absent"


def test_an_excuse_for_one_session_goes_with_it_wherever_it_is_moved(lesson: Lesson) -> None:
    excuse(excused_time(lesson.ben, occurrence=lesson.occurrence), now=NINE)
    Occurrence.objects.update(starts_at=minute(-30), ends_at=minute(-5))
    record(lesson.occurrence)

    assert statuses(lesson.occurrence)["Ben"] == "excused"


@pytest.mark.parametrize(("left", "status"), [(60, "present"), (30, "partial"), (2, "excused")])
def test_coming_nevertheless_counts(lesson: Lesson, left: float, status: str) -> None:
    excuse(excused_time(lesson.ben), now=NINE)
    make_stay(lesson.occurrence, lesson.ben, 0, left)
    record(lesson.occurrence)

    assert statuses(lesson.occurrence)["Ben"] == status


def test_a_session_that_did_not_take_place_excuses_nobody() -> None:
    lesson = Lesson()
    excuse(excused_time(lesson.ben), now=NINE)
    Participation.objects.filter(user=lesson.teacher).delete()
    Meeting.objects.update(zoom_settings={"join_before_host": True})
    record(lesson.occurrence)

    assert OccurrenceOutcome.objects.get().result == "void"
    assert statuses(lesson.occurrence) == {}


def test_of_whom_nothing_was_heard_is_excused_too() -> None:
    lesson = Lesson(started=None)
    Participation.objects.all().delete()
    excuse(excused_time(lesson.ben), now=NINE)
    record(lesson.occurrence)

    assert statuses(lesson.occurrence) == {"Ana": "unknown", "Ben": "excused"}


def test_a_persons_word_stands_above_an_excuse(lesson: Lesson) -> None:
    record(lesson.occurrence)
    override_attendance(
        occurrence_id=lesson.occurrence.pk,
        student_id=lesson.ben.pk,
        status=AttendanceStatus.LATE,
        reason="I saw him come.",
        by=lesson.teacher,
        now=AFTER,
    )
    excuse(excused_time(lesson.ben), now=AFTER)

    kept = Attendance.objects.get(user=lesson.ben)
    assert (kept.status, kept.computed_status) == ("late", "excused")


def test_taken_back_the_verdict_is_what_it_was(lesson: Lesson) -> None:
    record(lesson.occurrence)
    before = Attendance.objects.filter(user=lesson.ben).values().get()
    time = excused_time(lesson.ben)
    excuse(time, now=AFTER)
    excuse_no_longer(time.pk, now=AFTER)
    excuse_no_longer(time.pk, now=AFTER)

    assert Attendance.objects.filter(user=lesson.ben).values().get() == before


def test_what_is_judged_no_more_stays_as_it_is(lesson: Lesson) -> None:
    record(lesson.occurrence)
    OccurrenceOutcome.objects.update(is_final=True)
    excuse(excused_time(lesson.ben), now=AFTER)

    assert statuses(lesson.occurrence)["Ben"] == "absent"


def test_excused_sessions_are_in_no_rate(lesson: Lesson) -> None:
    elsewhere = make_occurrence(lesson.group, days=1)
    for person in (lesson.teacher, lesson.ana, lesson.ben):
        make_stay(elsewhere, person, 0, 60)
    record(lesson.occurrence)
    record_attendance(occurrence_id=elsewhere.pk, now=minute(3000))
    excuse(excused_time(lesson.ben), now=AFTER)

    ben = next(one for one in by_student(Occurrence.objects.all()) if one.subject_id == lesson.ben.pk)
    assert (ben.present, ben.excused, ben.absent, ben.known, ben.rate) == (1, 1, 0, 1, 1.0)
    scope = Scope(reader=make_admin(), starts_at=minute(-60), ends_at=minute(5000))
    whole = classes(scope, start=0, size=5).rows[0]
    assert (whole.present, whole.excused, whole.known, whole.rate) == (3, 1, 3, 1.0)


def test_hours_cover_what_expects_the_person_and_what_they_do_not_hold(lesson: Lesson) -> None:
    make_occurrence(make_class())

    assert list(occurrences_covered(excused_time(lesson.ben))) == [lesson.occurrence]
    assert list(occurrences_covered(excused_time(lesson.teacher))) == []
    assert list(occurrences_covered(excused_time(make_student()))) == []


def test_many_sessions_are_judged_by_jobs(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classbell.meetings.attendance.excused.MOST_AT_ONCE", 0)
    record(lesson.occurrence)
    excuse(excused_time(lesson.ben), now=AFTER)

    assert MOST_AT_ONCE > 0
    assert statuses(lesson.occurrence)["Ben"] == "absent"
    job = ProcrastinateJob.objects.filter(task_name="meetings.record_attendance", status="todo").get()
    assert job.args == {"occurrence_id": str(lesson.occurrence.pk)}


@pytest.mark.django_db(transaction=True)
def test_judged_and_excused_at_once_ben_is_excused() -> None:
    lesson = Lesson()

    done_at_once(
        [lambda: record(lesson.occurrence), lambda: excuse(excused_time(lesson.ben), now=AFTER)],
    )

    assert statuses(lesson.occurrence) == {"Ana": "present", "Ben": "excused"}
    assert counted() == added_up()


def take_one_back(lesson: Lesson) -> None:
    for time in ExcusedTime.objects.filter(user=lesson.ben)[:1]:
        excuse_no_longer(time.pk, now=AFTER)


STEPS: Final[dict[str, Callable[[Lesson], object]]] = {
    "ben comes": lambda lesson: make_stay(lesson.occurrence, lesson.ben, 0, 60),
    "judged": lambda lesson: record(lesson.occurrence),
    "excused from the session": lambda lesson: excuse(
        excused_time(lesson.ben, occurrence=lesson.occurrence), now=AFTER
    ),
    "excused from the hours": lambda lesson: excuse(excused_time(lesson.ben), now=AFTER),
    "one taken back": take_one_back,
}


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_in_whatever_order_the_verdict_follows_from_what_is_known_in_the_end(steps: list[str]) -> None:
    Meeting.objects.all().delete()
    AttendanceCount.objects.all().delete()
    ExcusedTime.objects.all().delete()
    lesson = Lesson()
    for step in steps:
        STEPS[step](lesson)
        assert counted() == added_up()
    record(lesson.occurrence)

    came, excused = "ben comes" in steps, ExcusedTime.objects.filter(user=lesson.ben).exists()
    assert statuses(lesson.occurrence)["Ben"] == ("present" if came else "excused" if excused else "absent")
    assert counted() == added_up()
