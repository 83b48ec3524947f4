"""Who was in a session, when, and on what connection."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.accounts.wall import personal
from classbell.groups.models import Group
from classbell.history import CHANGED, keeps_history
from classbell.ids import uuid7
from classbell.meetings.models.occurrence import Occurrence, is_told_of_people
from classbell.meetings.periods import StaySource


class MatchedBy(models.TextChoices):
    """What a participant was recognised by, the surest first."""

    MANUAL = "manual", _("A person")
    REGISTRANT = "registrant", _("Personal link")
    CUSTOMER_KEY = "customer_key", _("Joined from our page")
    HOST = "host", _("Started the meeting")
    EMAIL = "email", _("E-mail")
    REMEMBERED = "remembered", _("Recognised from before")
    NOBODY = "nobody", _("Nobody of ours, said a person")


@keeps_history(
    "occurrence",
    "zoom_meeting_id",
    "started_at",
    "ended_at",
    "decided_at",
    of=[CHANGED],
    when=pgtrigger.AnyChange("decided_at", "decided_by"),
)
class MeetingRun(models.Model):
    """
    One run of a Zoom meeting, from its start to its end; a session that was started twice has two.

    Runs that are no session's (`presence.belonging` says which are), or of a meeting that we do not know (yet), have no
    occurrence, and nothing follows from them. Since `decided_at` the occurrence, or that there is none, is a person's word.
    `ended_at` null: it runs, or nobody told us of its end; `heard_until` is the latest that we know of it before.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    zoom_instance_uuid = models.TextField(unique=True)
    zoom_meeting_id = models.TextField(blank=True)
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.SET_NULL, related_name="runs")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heard_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["zoom_meeting_id"], name="meeting_run_of_meeting"),
            models.Index(fields=["started_at"], name="meeting_run_started_at"),
        ]

    def __str__(self) -> str:
        return self.zoom_instance_uuid


@personal("user")
class Participation(models.Model):
    """
    One stay of one connection in a session, as one source tells it. `left_at` null: still there.

    Somebody who drops out and comes back, or uses two devices, has several. Zoom's events and its report each have their
    own rows, side by side. `zoom_user_id` is Zoom's id of who was signed in; `user` is ours, null while nobody could be
    matched, and `matched_by` says what they were recognised by, or that a person said that they are nobody of ours.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="participations")
    zoom_instance_uuid = models.TextField()
    connection = models.TextField()
    zoom_user_id = models.TextField(blank=True)
    name = models.TextField(blank=True)
    email = models.TextField(blank=True)
    registrant_id = models.TextField(blank=True)
    customer_key = models.TextField(blank=True)
    phone = models.BooleanField(default=False)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    leave_reason = models.TextField(blank=True)
    source = models.CharField(max_length=16, choices=StaySource.choices, default=StaySource.WEBHOOK)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="participations"
    )
    matched_by = models.CharField(max_length=16, choices=MatchedBy.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["zoom_instance_uuid", "source", "connection", "joined_at"], name="one_row_per_stay_and_source"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")), name="nobody_leaves_before_they_join"
            ),
        ]
        indexes = [
            models.Index(fields=["occurrence", "user"], name="participation_of_person"),
            models.Index(fields=["joined_at"], condition=Q(user=None), name="participation_unmatched"),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.occurrence}"

    def concerns(self, person: User) -> bool:
        """Who keeps the attendance of its session, of people whom nobody knows too."""
        return is_told_of_people(person, self.occurrence_id)


@personal("user", "teacher")
class KnownAlias(models.Model):
    """
    Whom somebody said a participant is, so that they are recognised the next time they come under the same alias.

    `alias` is the e-mail or, without one, the name under which they came, normalised. It counts in the meetings of the
    group or, for meetings without a group, of the teacher.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    alias = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "alias"], name="one_person_per_alias_in_group"),
            models.UniqueConstraint(fields=["teacher", "alias"], name="one_person_per_alias_at_teacher"),
            models.CheckConstraint(
                condition=Q(group=None, teacher__isnull=False) | Q(group__isnull=False, teacher=None),
                name="alias_counts_in_group_or_at_teacher",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alias} is {self.user}"


class ReportFetch(models.Model):
    """How far asking Zoom for the report of one session is. `due_at` null: nothing more is expected from it."""

    occurrence = models.OneToOneField(
        Occurrence, primary_key=True, on_delete=models.CASCADE, related_name="report_fetch"
    )
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    fetched_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Report of {self.occurrence}"
