"""What became of a session and of everybody expected in it, and by which rules."""

from dataclasses import fields
from typing import Self
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.accounts.wall import personal
from classbell.groups.models import Group
from classbell.history import CHANGED, keeps_history
from classbell.ids import uuid7
from classbell.meetings.judging.inputs import Policy
from classbell.meetings.models.attendance_count import COUNTING, KNOWING_THE_START
from classbell.meetings.models.occurrence import Occurrence, is_told_of_people
from classbell.meetings.periods import Difference
from classbell.meetings.verdicts import AttendanceStatus, OccurrenceResult, TeacherStatus

DEFAULT = Policy()


class AttendanceSource(models.TextChoices):
    """Who a verdict is from: Zoom's live events, Zoom's report, or a person."""

    WEBHOOK = "webhook", _("Live events")
    REPORT = "report", _("Zoom's report")
    MANUAL = "manual", _("A person")


@keeps_history("group", "in_force_from", "follows_school", *(field.name for field in fields(Policy)))
class AttendancePolicy(models.Model):
    """
    The attendance rules of one group, or of the whole school (no group), for the sessions that begin at `in_force_from` or
    later, until the next rules of the same group. See `attendance.Policy` for their meaning.

    A group that `follows_school` from then on has no rules of its own any more. `set_at` is when somebody decided so: when
    that was later than `in_force_from`, the sessions between the two are judged again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="attendance_policies"
    )
    in_force_from = models.DateTimeField()
    set_at = models.DateTimeField()
    follows_school = models.BooleanField(default=False)
    late_after_minutes = models.PositiveSmallIntegerField(default=DEFAULT.late_after_minutes)
    present_percent = models.PositiveSmallIntegerField(default=DEFAULT.present_percent)
    partial_percent = models.PositiveSmallIntegerField(default=DEFAULT.partial_percent)
    grace_before_minutes = models.PositiveSmallIntegerField(default=DEFAULT.grace_before_minutes)
    grace_after_minutes = models.PositiveSmallIntegerField(default=DEFAULT.grace_after_minutes)
    least_minutes = models.PositiveSmallIntegerField(default=DEFAULT.least_minutes)
    teacher_tolerance_minutes = models.PositiveSmallIntegerField(default=DEFAULT.teacher_tolerance_minutes)
    void_when_host_never_came = models.BooleanField(default=DEFAULT.void_when_host_never_came)
    difference_minutes = models.PositiveSmallIntegerField(default=DEFAULT.difference_minutes)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "in_force_from"], nulls_distinct=False, name="one_attendance_policy_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(follows_school=False) | Q(group__isnull=False), name="the_school_follows_nobody"
            ),
            models.CheckConstraint(
                condition=Q(partial_percent__lte=F("present_percent"), present_percent__lte=100),
                name="attendance_percentages_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Attendance rules of {self.group or 'the school'}"

    def as_policy(self) -> Policy:
        """Return the rules as the calculation takes them."""
        return Policy(**{field.name: getattr(self, field.name) for field in fields(Policy)})


class OccurrenceOutcome(models.Model):
    """
    What is known of one session once it is over, by the rules in `policy`.

    `reasons` and `teacher_reasons` are lists of `verdicts.Reason` as JSON. [counted_from, counted_until) is what attendance
    is measured against, null when it did not take place. `differences` lists whom Zoom's events and its report tell
    differently: `{"user": id, "webhook_seconds": n, "report_seconds": n}`. One that `is_final` is not worked out anew: what
    it was made of is not kept any more.
    """

    occurrence = models.OneToOneField(Occurrence, primary_key=True, on_delete=models.CASCADE, related_name="outcome")
    result = models.CharField(max_length=16, choices=OccurrenceResult.choices)
    reasons = models.JSONField(default=list)
    counted_from = models.DateTimeField(null=True)
    counted_until = models.DateTimeField(null=True)
    teacher_status = models.CharField(max_length=16, choices=TeacherStatus.choices)
    teacher_seconds = models.PositiveIntegerField(default=0)
    teacher_late_seconds = models.PositiveIntegerField(default=0)
    teacher_early_seconds = models.PositiveIntegerField(default=0)
    teacher_first_joined_at = models.DateTimeField(null=True)
    teacher_last_left_at = models.DateTimeField(null=True)
    teacher_reasons = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    policy = models.JSONField(default=dict)
    computed_at = models.DateTimeField()
    is_final = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.occurrence}: {self.get_result_display()}"

    def difference_of(self, user_id: UUID) -> Difference[UUID] | None:
        """Return what the two sources say of one person, None where they agree."""
        for told in self.differences:
            if told["user"] == str(user_id):
                return Difference(
                    person=user_id,
                    webhook_seconds=told["webhook_seconds"],
                    report_seconds=told["report_seconds"],
                )
        return None


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Students see their own, teachers those of what they teach, admins all."""
        if user.is_admin:
            return self
        taught = Group.teachers.through.objects.filter(user=user).values("group")
        return self.filter(
            Q(user=user)
            | Q(occurrence__meeting__teacher=user)
            | Q(occurrence__meeting__group__in=taught)
            | Q(occurrence__substitute=user)
        )


@pgtrigger.register(KNOWING_THE_START, *COUNTING)
@keeps_history(
    "occurrence",
    "user",
    "override_status",
    "override_reason",
    "objection",
    "objection_answer",
    of=[CHANGED],
    when=pgtrigger.AnyChange("override_status", "override_reason", "objection", "objection_answer"),
)
@personal("user")
class Attendance(models.Model):
    """
    How one expected person attended one session.

    `computed_status` and everything up to `reasons` (a list of `verdicts.Reason` as JSON) is calculated, and again whenever
    more is heard. A person may overrule it, with a reason; the calculation goes on underneath and stays visible. `status`
    is what counts. `source` is where the calculated verdict is from, "" when nothing was heard. The database fills in
    `occurrence_starts_at`, by which the records of a range of days are found, and adds all records up in `AttendanceCount`.

    Whoever it is about may object once, and gets an answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attendances")
    occurrence_starts_at = models.DateTimeField(editable=False)
    status = models.GeneratedField(
        expression=Case(When(override_status="", then=F("computed_status")), default=F("override_status")),
        output_field=models.CharField(max_length=16, choices=AttendanceStatus.choices),
        db_persist=True,
    )
    computed_status = models.CharField(
        max_length=16, choices=AttendanceStatus.choices, default=AttendanceStatus.UNKNOWN
    )
    seconds = models.PositiveIntegerField(default=0)
    counted_seconds = models.PositiveIntegerField(default=0)
    first_joined_at = models.DateTimeField(null=True)
    last_left_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=16, choices=AttendanceSource.choices, blank=True)
    reasons = models.JSONField(default=list)

    override_status = models.CharField(max_length=16, choices=AttendanceStatus.choices, blank=True)
    override_reason = models.TextField(blank=True)
    overridden_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    overridden_at = models.DateTimeField(null=True)

    objection = models.TextField(blank=True)
    objected_at = models.DateTimeField(null=True)
    objection_answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "user"], name="one_attendance_per_person_and_occurrence"),
            models.CheckConstraint(
                condition=Q(override_status="") | ~Q(override_reason=""), name="overrides_have_a_reason"
            ),
        ]
        indexes = [
            # With all that a report by student reads, so that it reads nothing else.
            models.Index(fields=["occurrence_starts_at"], include=["user", "status"], name="attendance_by_time"),
            models.Index(
                fields=["objected_at"],
                condition=Q(objected_at__isnull=False, answered_at=None),
                name="attendance_open_objections",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.occurrence}: {self.status}"

    def concerns(self, person: User) -> bool:
        """Who keeps the attendance of its session."""
        return is_told_of_people(person, self.occurrence_id)

    @property
    def decided_by(self) -> str:
        """Who the status that counts is from: an `AttendanceSource`, "" when nothing was heard."""
        return AttendanceSource.MANUAL if self.override_status else self.source
