"""The one timetable: who or what is taken, and when."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from classbell.ids import uuid7
from classbell.meetings.models.hosts import ForeignMeeting
from classbell.meetings.models.occurrence import Occurrence


class ClaimKind(models.TextChoices):
    """What kind of resource `resource_id` names; `elsewhere` is a teacher, taken by what stands in their own calendar."""

    TEACHER = "teacher", _("Teacher")
    ELSEWHERE = "elsewhere", _("Busy in their own calendar")
    STUDENT = "student", _("Student")
    SEAT = "seat", _("Place at a Zoom host")


class Claim(models.Model):
    """
    A resource taken for a period.

    `resource_id` is a person's id or a host seat's id; `during` is half-open, [start, end). The database refuses two
    overlapping claims of one resource unless one of them is `shared`, which only an admin may make, and only of a
    teacher. The exclusion constraint and its range type are in the first migration.

    It belongs to a session, to a meeting made elsewhere, or, by `held_by`, to something above the engine that has no
    session (yet): a booking that waits for its answer, or somebody's own calendars.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=ClaimKind.choices)
    resource_id = models.UUIDField()
    during = DateTimeRangeField()
    shared = models.BooleanField(default=False)
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.CASCADE, related_name="claims")
    foreign_meeting = models.ForeignKey(ForeignMeeting, null=True, on_delete=models.CASCADE, related_name="claims")
    held_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shared=False) | models.Q(kind="teacher"), name="only_teachers_are_shared"
            )
        ]
        indexes = [
            models.Index("resource_id", Lower("during"), name="claim_resource_and_start"),
            models.Index(fields=["held_by"], condition=models.Q(held_by__isnull=False), name="claim_held_by"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.resource_id} {self.during}"
