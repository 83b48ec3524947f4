"""
Attendance over time: per student, class and teacher. The database adds everything up.

Each report takes the sittings it is about as a queryset, `reported_sittings(user)` narrowed down as the reader asks. Void
sittings have no records, so they count for and against nobody.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, F, Q, Sum, Value
from django.db.models.functions import Coalesce, Trunc

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.attendance.verdicts import AttendanceStatus, SittingResult, TeacherStatus
from classbell.meetings.models import Attendance, Occurrence, SittingOutcome
from classbell.meetings.models.occurrence import OccurrenceQuerySet


@dataclass(frozen=True, kw_only=True, slots=True)
class Every:
    """The steps of a report over time: weeks from Monday, or months, by the calendar of `zone`."""

    unit: Literal["week", "month"]
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceFigures:
    """
    The records of one student or class (`subject_id`) in one step of time, which begins at `step_starts_at`; None: all.

    `attended_seconds` were spent in sittings that lasted `held_seconds`.
    """

    subject_id: UUID
    step_starts_at: datetime | None
    present: int
    late: int
    partial: int
    absent: int
    unknown: int
    attended_seconds: int
    held_seconds: int

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
class TeacherFigures:
    """
    How one teacher kept the timetable in one step of time. `void` sittings did not take place, `no_shows` of all because
    they did not come; `late_seconds` are all minutes they came late, tolerated or not.
    """

    teacher_id: UUID
    step_starts_at: datetime | None
    held: int
    void: int
    unknown: int
    no_shows: int
    late: int
    left_early: int
    late_seconds: int
    seconds: int


def reported_sittings(user: User) -> OccurrenceQuerySet:
    """The sittings whose attendance this person answers for: those they hold or whose class they teach; admins all."""
    if user.is_admin:
        return Occurrence.objects.all()
    taught = Group.teachers.through.objects.filter(user=user).values("group")
    sittings = Occurrence.objects.order_by().values("pk")
    theirs = sittings.filter(meeting__teacher=user).union(
        sittings.filter(meeting__group__in=taught), sittings.filter(substitute=user)
    )
    return Occurrence.objects.filter(pk__in=theirs)


def by_student(sittings: OccurrenceQuerySet, *, every: Every | None = None) -> list[AttendanceFigures]:
    """Return each student's figures, by student, then time. One statement."""
    return _attendance(sittings, "user_id", every)


def by_class(sittings: OccurrenceQuerySet, *, every: Every | None = None) -> list[AttendanceFigures]:
    """Return each class's figures, by class, then time; meetings without one are left out. One statement."""
    return _attendance(sittings.exclude(meeting__group=None), "occurrence__meeting__group_id", every)


def over_time(figures: Iterable[AttendanceFigures]) -> list[AttendanceFigures]:
    """Return the figures of each subject in all its steps of time together; the subjects stay in their order."""
    steps: dict[UUID, list[AttendanceFigures]] = defaultdict(list)
    for one in figures:
        steps[one.subject_id].append(one)
    return [
        AttendanceFigures(
            subject_id=subject,
            step_starts_at=None,
            present=sum(one.present for one in of_subject),
            late=sum(one.late for one in of_subject),
            partial=sum(one.partial for one in of_subject),
            absent=sum(one.absent for one in of_subject),
            unknown=sum(one.unknown for one in of_subject),
            attended_seconds=sum(one.attended_seconds for one in of_subject),
            held_seconds=sum(one.held_seconds for one in of_subject),
        )
        for subject, of_subject in steps.items()
    ]


def by_teacher(sittings: OccurrenceQuerySet, *, every: Every | None = None) -> list[TeacherFigures]:
    """Return how each teacher kept the timetable, by teacher, then time; cancelled sittings do not count. One statement."""
    held = Q(result=SittingResult.HELD)
    rows = (
        SittingOutcome.objects.filter(occurrence__in=sittings.taking_place())
        .values(
            teacher_id=Coalesce("occurrence__substitute_id", "occurrence__meeting__teacher_id"),
            step_starts_at=_step(every),
        )
        .annotate(
            held=Count("pk", filter=held),
            void=Count("pk", filter=Q(result=SittingResult.VOID)),
            unknown=Count("pk", filter=Q(result=SittingResult.UNKNOWN)),
            no_shows=Count("pk", filter=Q(teacher_status=TeacherStatus.NO_SHOW)),
            late=Count("pk", filter=held & Q(teacher_status=TeacherStatus.LATE)),
            left_early=Count("pk", filter=held & Q(teacher_status=TeacherStatus.LEFT_EARLY)),
            late_seconds=Coalesce(Sum("teacher_late_seconds", filter=held), 0),
            seconds=Coalesce(Sum("teacher_seconds", filter=held), 0),
        )
        .order_by("teacher_id", "step_starts_at")
    )
    return [TeacherFigures(**row) for row in rows]


def _attendance(sittings: OccurrenceQuerySet, subject: str, every: Every | None) -> list[AttendanceFigures]:
    rows = (
        Attendance.objects.filter(occurrence__in=sittings)
        .values(subject_id=F(subject), step_starts_at=_step(every))
        .annotate(
            present=Count("pk", filter=Q(status=AttendanceStatus.PRESENT)),
            late=Count("pk", filter=Q(status=AttendanceStatus.LATE)),
            partial=Count("pk", filter=Q(status=AttendanceStatus.PARTIAL)),
            absent=Count("pk", filter=Q(status=AttendanceStatus.ABSENT)),
            unknown=Count("pk", filter=Q(status=AttendanceStatus.UNKNOWN)),
            attended_seconds=Sum("seconds"),
            held_seconds=Sum("counted_seconds"),
        )
        .order_by("subject_id", "step_starts_at")
    )
    return [AttendanceFigures(**row) for row in rows]


def _step(every: Every | None) -> Trunc | Value:
    if every is None:
        return Value(None, output_field=DateTimeField(null=True))
    return Trunc("occurrence__starts_at", every.unit, output_field=DateTimeField(), tzinfo=every.zone)
