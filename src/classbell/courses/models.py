"""Courses with their sessions, and the weekly classes of imported timetables."""

from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from classbell.accounts.models import User
from classbell.groups.models import Group, Membership, WaitingStudent
from classbell.ids import uuid7
from classbell.meetings.models import Meeting, Occurrence


class CourseQuerySet(models.QuerySet["Course"]):
    """Filters that read after the noun."""

    def active(self) -> Self:
        """Only courses that are still taught."""
        return self.filter(ended_at=None)

    def visible_to(self, user: User) -> Self:
        """Students see the courses they are in, teachers those they teach, admins all."""
        if user.is_admin:
            return self
        return self.filter(models.Q(teacher=user) | models.Q(group__in=Group.objects.visible_to(user).values("pk")))

    def with_counts(self) -> Self:
        """Fetch group and teacher along; count `student_count`, `waiting_count` and, of what takes place, `session_count`."""
        members = Membership.objects.filter(group=models.OuterRef("group"))
        waiting = WaitingStudent.objects.filter(group=models.OuterRef("group"))
        sessions = Session.objects.filter(course=models.OuterRef("pk"), meeting__wanted=True)
        return self.select_related("group", "teacher").annotate(
            student_count=_count(members, "group"),
            waiting_count=_count(waiting, "group"),
            session_count=_count(sessions, "course"),
        )


class Course(models.Model):
    """
    What one teacher teaches a group in sessions of their own times.

    Its name, description, timezone and members are its group's. `start_date` and `end_date` (included) bound what is
    planned unless something else is said; either may be open.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="course")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="courses")
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date")), name="course_ends_after_it_starts"
            )
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="course_created_at")]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return str(self.group)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.group.name

    @property
    def zone(self) -> ZoneInfo:
        """The timezone in which its sessions are planned."""
        return ZoneInfo(self.group.timezone)


class SessionQuerySet(models.QuerySet["Session"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Those of the courses one sees, and those that one teaches in another's place."""
        if user.is_admin:
            return self
        courses = Course.objects.visible_to(user).values("pk")
        return self.filter(models.Q(course__in=courses) | models.Q(meeting__teacher=user))

    def with_meetings(self) -> Self:
        """Fetch course, meeting, teacher and session along: two statements for any number."""
        return self.select_related("course__group", "meeting__teacher", "meeting__seat__host").prefetch_related(
            "meeting__occurrences"
        )


class Session(models.Model):
    """
    One session of a course: its place in it, and a meeting of its own with one session.

    Title, time and teacher are the meeting's. A teacher other than the course's is a substitute.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="sessions")
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="session")
    number = models.PositiveIntegerField()

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="one_session_per_number")]
        ordering = ["number"]

    def __str__(self) -> str:
        return str(self.meeting)

    @property
    def title(self) -> str:
        """What it is called, here and on Zoom."""
        return self.meeting.title

    @property
    def teacher(self) -> User:
        """Who teaches it: the course's teacher or a substitute."""
        return self.meeting.teacher

    @property
    def is_substituted(self) -> bool:
        """Whether somebody else than the course's teacher teaches it."""
        return self.meeting.teacher_id != self.course.teacher_id

    @property
    def occurrence(self) -> Occurrence:
        """When it takes place, or took place last. Ask of sessions read `with_meetings`."""
        return max(self.meeting.occurrences.all(), key=lambda occurrence: occurrence.starts_at)


class Section(models.Model):
    """
    One weekly time of an imported timetable's class: `part` 1, and further parts where its days differ in time.

    `code` is the class's name in the file; with it, and with its time, a part is found again at the next import.
    `removed_at` is when it was taken out because the file no longer had it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=100)
    part = models.PositiveSmallIntegerField(default=1)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="sections")
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="section")
    imported_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "part"], name="one_section_per_code_and_part")]
        ordering = ["code", "part"]

    def __str__(self) -> str:
        return self.code if self.part == 1 else f"{self.code} ({self.part})"


def _count(rows: models.QuerySet[Any], by: str) -> Coalesce:
    """Count related rows in a subquery, so that two counts of one list do not multiply."""
    counted = rows.order_by().values(by).annotate(number=models.Count("pk")).values("number")
    return Coalesce(models.Subquery(counted), 0, output_field=models.IntegerField())


class TermDraft(models.Model):
    """
    A term that an admin has handed in and not yet brought in: the files' texts, when it applies, and what was foreseen.

    `holidays` are dates in ISO 8601. `foreseen` is `timetable.drafts.Foreseen` as JSON, from when it was handed in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    timetable = models.TextField()
    enrolments = models.TextField()
    people = models.TextField(blank=True, default="", db_default="")
    holidays = models.JSONField(default=list)
    starts_on = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)
    gap_minutes = models.PositiveSmallIntegerField()
    prune = models.BooleanField()
    foreseen = models.JSONField()

    def __str__(self) -> str:
        return f"Term from {self.starts_on}"


class TermImport(models.Model):
    """When a term was brought in, and for which days: offered when it is brought in again. `holidays` are as in a draft."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    holidays = models.JSONField(default=list)
    starts_on = models.DateField()
    weeks = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)
    gap_minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"Term from {self.starts_on}"
