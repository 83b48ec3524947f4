"""What the database keeps along with attendance records agrees with the records, whatever way they change."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any, cast

import pytest
from django.db import connection
from django.db.models import Count, F, Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbell.accounts.models import User
from classbell.meetings.attendance.excused import excuse, excuse_no_longer
from classbell.meetings.attendance.records import record_attendance
from classbell.meetings.attendance.services import lift_override, override_attendance
from classbell.meetings.models import Attendance, AttendanceCount, ExcusedTime, Meeting, Occurrence
from classbell.meetings.verdicts import AttendanceStatus
from tests.at_once import at_once
from tests.examples import examples
from tests.factories import make_admin, make_class, make_student
from tests.factories_attendance import excused_time, make_occurrence, make_stay, minute

pytestmark = pytest.mark.django_db

STUDENTS, OCCURRENCES = 3, 2


def counted() -> list[dict[str, Any]]:
    """Return what the database kept, without sessions that have no record any more."""
    rows = AttendanceCount.objects.exclude(**dict.fromkeys(AttendanceStatus.values, 0))
    return list(rows.order_by("occurrence_id").values("occurrence_id", *AttendanceStatus.values))


def added_up() -> list[dict[str, Any]]:
    """Return the same from the records themselves."""
    statuses: dict[str, Any] = {name: Count("pk", filter=Q(status=name)) for name in AttendanceStatus.values}
    rows = Attendance.objects.values("occurrence_id").annotate(**statuses).order_by("occurrence_id")
    return [dict(row) for row in rows]


def strays() -> int:
    """Return how many records do not know when their session begins."""
    return Attendance.objects.exclude(occurrence_starts_at=F("occurrence__starts_at")).count()


class School:
    """A class with some sessions that are over, and what can happen to their records."""

    def __init__(self) -> None:
        self.admin = make_admin()
        self.students = [make_student() for _ in range(STUDENTS)]
        self.group = make_class(students=self.students)
        self.occurrences = [make_occurrence(self.group, days=day) for day in range(OCCURRENCES)]

    def comes(self, occurrence: Occurrence, student: User) -> None:
        if Occurrence.objects.filter(pk=occurrence.pk).exists() and User.objects.filter(pk=student.pk).exists():
            make_stay(occurrence, student, 5, 55)

    def is_recorded(self, occurrence: Occurrence, _student: User) -> None:
        if Occurrence.objects.filter(pk=occurrence.pk).exists():
            record_attendance(occurrence_id=occurrence.pk, now=minute(90))

    def is_overruled(self, occurrence: Occurrence, student: User) -> None:
        if Attendance.objects.filter(occurrence=occurrence.pk, user=student.pk).exists():
            override_attendance(
                occurrence_id=occurrence.pk,
                student_id=student.pk,
                status=AttendanceStatus.PARTIAL,
                reason="I saw them.",
                by=self.admin,
                # It may have moved since it was read.
                now=Occurrence.objects.get(pk=occurrence.pk).ends_at,
            )

    def is_not_overruled_any_more(self, occurrence: Occurrence, student: User) -> None:
        if Attendance.objects.filter(occurrence=occurrence.pk, user=student.pk).exists():
            lift_override(occurrence_id=occurrence.pk, student_id=student.pk)

    def is_excused(self, occurrence: Occurrence, student: User) -> None:
        if Occurrence.objects.filter(pk=occurrence.pk).exists() and User.objects.filter(pk=student.pk).exists():
            excuse(excused_time(student, occurrence=occurrence), now=minute(90))

    def is_excused_no_longer(self, _occurrence: Occurrence, student: User) -> None:
        for time in ExcusedTime.objects.filter(user=student.pk):
            excuse_no_longer(time.pk, now=minute(90))

    def records_go(self, occurrence: Occurrence, _student: User) -> None:
        Attendance.objects.filter(occurrence=occurrence.pk).delete()

    def student_goes(self, _occurrence: Occurrence, student: User) -> None:
        User.objects.filter(pk=student.pk).delete()

    def occurrence_goes(self, occurrence: Occurrence, _student: User) -> None:
        Occurrence.objects.filter(pk=occurrence.pk).delete()

    def occurrence_moves(self, occurrence: Occurrence, _student: User) -> None:
        Occurrence.objects.filter(pk=occurrence.pk).update(
            starts_at=F("starts_at") + timedelta(hours=1), ends_at=F("ends_at") + timedelta(hours=1)
        )

    def all_are_present(self, _occurrence: Occurrence, _student: User) -> None:
        Attendance.objects.update(computed_status=AttendanceStatus.PRESENT, seconds=F("seconds") + 60)

    def record_changes_occurrence(self, occurrence: Occurrence, student: User) -> None:
        elsewhere = Occurrence.objects.exclude(attendances__user=student.pk).first()
        if elsewhere is not None:
            Attendance.objects.filter(occurrence=occurrence.pk, user=student.pk).update(occurrence=elsewhere)


HAPPENINGS: list[Callable[[School, Occurrence, User], None]] = [
    School.comes,
    School.is_recorded,
    School.is_overruled,
    School.is_not_overruled_any_more,
    School.is_excused,
    School.is_excused_no_longer,
    School.records_go,
    School.student_goes,
    School.occurrence_goes,
    School.occurrence_moves,
    School.all_are_present,
    School.record_changes_occurrence,
]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happened=st.lists(
        st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, OCCURRENCES - 1), st.integers(0, STUDENTS - 1)),
        min_size=3,
        max_size=12,
    )
)
def test_counts_agree_with_the_records_whatever_happens(happened: list[Any]) -> None:
    Meeting.objects.all().delete()
    school = School()
    school.is_recorded(school.occurrences[0], school.students[0])

    for happening, occurrence, student in happened:
        happening(school, school.occurrences[occurrence], school.students[student])

        assert counted() == added_up()
        assert strays() == 0


def test_recalculation_that_changes_nothing_writes_no_count() -> None:
    school = School()
    school.is_recorded(school.occurrences[0], school.students[0])
    version = "SELECT xmin::text AS version, occurrence_id FROM meetings_attendancecount"
    before = [row.version for row in cast("Iterable[Any]", AttendanceCount.objects.raw(version))]

    Attendance.objects.update(reasons=[])

    assert [row.version for row in cast("Iterable[Any]", AttendanceCount.objects.raw(version))] == before


def test_filling_counts_what_was_there_before() -> None:
    school = School()
    school.is_recorded(school.occurrences[0], school.students[0])
    school.is_recorded(school.occurrences[1], school.students[0])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_attendancecount SET present = 7")

        fill = import_module("classbell.meetings.migrations.0014_fill_attendance_counts").FILL
        # The column has another name since.
        cursor.execute(fill.replace("sitting_starts_at", "occurrence_starts_at"))

    assert len(counted()) == OCCURRENCES
    assert counted() == added_up()


@pytest.mark.django_db(transaction=True)
def test_corrections_of_one_occurrence_at_the_same_time_all_count() -> None:
    school = School()
    occurrence = school.occurrences[0]
    school.is_recorded(occurrence, school.students[0])

    outcomes = at_once([partial(school.is_overruled, occurrence, student) for student in school.students])

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert counted() == added_up()
    assert counted()[0]["partial"] == STUDENTS
