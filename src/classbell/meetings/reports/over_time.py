"""
Attendance over a stretch of time: week by week, and per student, class and teacher. The database adds everything up.

Weeks, classes and teachers are added up from what is kept of each session; only students' figures read attendance records.
Void sessions have no records, so they count for and against nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, DurationField, F, FloatField, Q, QuerySet, Sum, Window
from django.db.models.functions import Cast, Coalesce, NullIf, Trunc

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.models import Attendance, AttendanceCount, Occurrence, OccurrenceOutcome, OccurrenceStatus
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult, TeacherStatus

HELD: Final = Q(result=OccurrenceResult.HELD)
ATTENDED: Final = F("present") + F("late") + F("partial")
# Those who came the least often come first, of them those who missed the most; whose attendance is not known comes last.
WORST_FIRST: Final = (
    (Cast(ATTENDED, FloatField()) / NullIf(ATTENDED + F("absent"), 0)).asc(nulls_last=True),
    F("absent").desc(),
    "subject_id",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How often each verdict was given."""

    present: int
    late: int
    partial: int
    absent: int
    excused: int
    unknown: int

    @property
    def rate(self) -> float | None:
        """How often they came, late and partly included, of the times that are known, 0 to 1; None if none is."""
        return self.attended / self.known if self.known else None

    @property
    def attended(self) -> int:
        """How often they came, late and partly included."""
        return self.present + self.late + self.partial

    @property
    def known(self) -> int:
        """How often it is known whether they came."""
        return self.attended + self.absent


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceFigures(Counts):
    """The records of one student or class."""

    subject_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekFigures(Counts):
    """The sessions of one week, which is named by its Monday, 00:00; `ran` is how long those that ended ran, in sum."""

    week: datetime
    occurrences: int
    ended: int
    ran: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class TeacherFigures:
    """
    How one teacher kept the timetable. `void` sessions did not take place, `no_shows` of all because they did not come;
    one who came late and left early was late.
    """

    subject_id: UUID
    held: int
    void: int
    unknown: int
    no_shows: int
    late: int
    left_early: int


Figures = TypeVar("Figures", AttendanceFigures, TeacherFigures)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Figures]):
    """Some rows of a report, in order, and how many it has in all."""

    rows: list[Figures]
    of_all: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a report is about: what `reader` answers for and begins within [starts_at, ends_at); of one group, if given."""

    reader: User
    starts_at: datetime
    ends_at: datetime
    group_id: UUID | None = None

    def occurrences(self) -> OccurrenceQuerySet:
        """The sessions, cancelled ones included."""
        found = reported_occurrences(self.reader).filter(starts_at__gte=self.starts_at, starts_at__lt=self.ends_at)
        return found.filter(meeting__group=self.group_id) if self.group_id else found

    def records(self) -> QuerySet[Attendance]:
        """The attendance records; those of the whole school without a look at their sessions."""
        found = Attendance.objects.filter(
            occurrence_starts_at__gte=self.starts_at, occurrence_starts_at__lt=self.ends_at
        )
        is_all = self.reader.is_admin and self.group_id is None
        return found if is_all else found.filter(occurrence__in=self.occurrences())


def reported_occurrences(user: User) -> OccurrenceQuerySet:
    """The sessions whose attendance this person answers for: those they hold or whose class they teach; admins all."""
    if user.is_admin:
        return Occurrence.objects.all()
    taught = Group.teachers.through.objects.filter(user=user).values("group")
    occurrences = Occurrence.objects.order_by().values("pk")
    theirs = occurrences.filter(meeting__teacher=user).union(
        occurrences.filter(meeting__group__in=taught), occurrences.filter(substitute=user)
    )
    return Occurrence.objects.filter(pk__in=theirs)


def reported_groups(user: User) -> QuerySet[Group]:
    """The classes, courses and circles that this person answers for: those they teach or meet with; admins all."""
    if user.is_admin:
        return Group.objects.all()
    groups = Group.objects.order_by().values("pk")
    theirs = groups.filter(teachers=user).union(
        groups.filter(meetings__teacher=user), groups.filter(meetings__occurrences__substitute=user)
    )
    return Group.objects.filter(pk__in=theirs)


def week_by_week(scope: Scope, *, zone: ZoneInfo, now: datetime) -> list[WeekFigures]:
    """Return the weeks, by the calendar of `zone`, in which sessions began until now that nobody cancelled. One statement."""
    has_ended = Q(status=OccurrenceStatus.ENDED)
    ran = Coalesce("actual_ends_at", "ends_at") - Coalesce("actual_starts_at", "starts_at")
    rows: QuerySet[Any, Any] = (
        scope.occurrences()
        .taking_place()
        .filter(starts_at__lte=now)
        .order_by()
        .values(week=Trunc("starts_at", "week", output_field=DateTimeField(), tzinfo=zone))
        .annotate(
            occurrences=Count("*"),
            ended=Count("status", filter=has_ended),
            ran=Coalesce(Sum(ran, filter=has_ended), timedelta(), output_field=DurationField()),
            **_sums("attendance_count__"),
        )
        .order_by("week")
    )
    return [WeekFigures(**row) for row in rows]


def by_student(occurrences: OccurrenceQuerySet) -> list[AttendanceFigures]:
    """Return each student's figures in these sessions, those who came the least often first. One statement."""
    return [AttendanceFigures(**row) for row in _of_students(Attendance.objects.filter(occurrence__in=occurrences))]


def students(scope: Scope, *, start: int, size: int) -> Page[AttendanceFigures]:
    """Return `size` students from place `start` on, those who came the least often first. One statement."""
    return _page(AttendanceFigures, _of_students(scope.records()), start, size)


def classes(scope: Scope, *, start: int, size: int) -> Page[AttendanceFigures]:
    """As `students`, for classes; meetings without one are left out. One statement."""
    counts = AttendanceCount.objects.filter(occurrence__in=scope.occurrences().exclude(meeting__group=None))
    with_records = counts.exclude(**dict.fromkeys(AttendanceStatus.values, 0))
    rows = with_records.values(subject_id=F("occurrence__meeting__group_id")).annotate(**_sums())
    return _page(AttendanceFigures, rows.order_by(*WORST_FIRST), start, size)


def teachers(scope: Scope, *, start: int, size: int) -> Page[TeacherFigures]:
    """
    Return how teachers kept the timetable, from place `start` on: those who stayed away the most often first, then those
    who were late; cancelled sessions do not count. One statement.
    """
    rows = (
        OccurrenceOutcome.objects.filter(occurrence__in=scope.occurrences().taking_place())
        .values(subject_id=Coalesce("occurrence__substitute_id", "occurrence__meeting__teacher_id"))
        .annotate(
            held=Count("result", filter=HELD),
            void=Count("result", filter=Q(result=OccurrenceResult.VOID)),
            unknown=Count("result", filter=Q(result=OccurrenceResult.UNKNOWN)),
            no_shows=Count("result", filter=Q(teacher_status=TeacherStatus.NO_SHOW)),
            late=Count("result", filter=HELD & Q(teacher_status=TeacherStatus.LATE)),
            left_early=Count("result", filter=HELD & Q(teacher_status=TeacherStatus.LEFT_EARLY)),
        )
        .order_by("-no_shows", "-late", "-left_early", "subject_id")
    )
    return _page(TeacherFigures, rows, start, size)


def _of_students(records: QuerySet[Attendance]) -> QuerySet[Any, Any]:
    # What is counted is in the index by time, which answers alone; counting rows and taking away the others is cheaper than
    # looking for one more status in each of half a million.
    others = [status for status in AttendanceStatus if status != AttendanceStatus.PRESENT]
    counted = {str(status): Count("status", filter=Q(status=status)) for status in others}
    present = Count("*") - F("late") - F("partial") - F("absent") - F("excused") - F("unknown")
    rows = records.values(subject_id=F("user_id")).annotate(**counted).annotate(present=present)
    return rows.order_by(*WORST_FIRST)


def _sums(counts: str = "") -> Mapping[str, Coalesce]:
    return {str(status): Coalesce(Sum(f"{counts}{status}"), 0) for status in AttendanceStatus}


def _page(figures: type[Figures], rows: QuerySet[Any, Any], start: int, size: int) -> Page[Figures]:
    found = list(rows.annotate(of_all=Window(Count("*")))[start : start + size])
    of_all = found[0]["of_all"] if found else 0
    return Page(rows=[figures(**{name: row[name] for name in row if name != "of_all"}) for row in found], of_all=of_all)
