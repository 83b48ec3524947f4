"""Recordings, who may watch them, and who did."""

from datetime import datetime, timedelta
from typing import Final, Self
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.accounts.wall import personal, remembered
from classbell.asked_texts import AskedText
from classbell.groups.models import Group
from classbell.history import CHANGED, REMOVED, keeps_history
from classbell.ids import uuid7
from classbell.meetings.models import Meeting, MeetingRun, Occurrence

# How long Zoom keeps in its trash what was put there.
IN_TRASH_FOR: Final = timedelta(days=30)
FEWEST_DAYS, MOST_DAYS = 1, 3650
MOST_NOTICE_DAYS: Final = 60


class RecordingKind(models.TextChoices):
    """What is in the file."""

    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    TRANSCRIPT = "transcript", _("Transcript")
    CHAT = "chat", _("Chat")
    OTHER = "other", _("Other file")


class RecordingStatus(models.TextChoices):
    """Whether it can be watched; `trashed` comes back when somebody recovers it at Zoom, `deleting` waits for Zoom."""

    AVAILABLE = "available", _("Available")
    DELETING = "deleting", _("Being deleted")
    TRASHED = "trashed", _("In the trash at Zoom")
    DELETED = "deleted", _("Deleted")


class Watchers(models.TextChoices):
    """Who may watch, each with those before; admins always."""

    NOBODY = "nobody", _("Nobody but admins")
    TEACHERS = "teachers", _("The teacher")
    STUDENTS = "students", _("The teacher and whoever may attend")
    FAMILIES = "families", _("The teacher, whoever may attend, and guardians")


class RecordingQuerySet(models.QuerySet["Recording"]):
    """Filters that read after the noun."""

    def kept(self) -> Self:
        """Those that can be watched: neither gone at Zoom nor to be deleted."""
        return self.filter(gone_at=None, delete_asked_at=None)

    def shown(self, now: datetime) -> Self:
        """Those, and what still lies in Zoom's trash or waits for Zoom to delete it."""
        gone = Q(gone_at__lte=now - IN_TRASH_FOR) | Q(gone_at__isnull=False, is_for_good=True)
        return self.exclude(gone)

    def to_delete(self) -> Self:
        """Those that Zoom still has though somebody asked that they go."""
        return self.filter(delete_asked_at__isnull=False, gone_at=None)


@keeps_history(
    "kind",
    "starts_at",
    "delete_asked_at",
    "is_for_good",
    "kept_until",
    of=[CHANGED, REMOVED],
)
@personal()
class Recording(models.Model):
    """
    One file that Zoom has of one run: its video, its sound, its transcript or its chat.

    `gone_at` is when Zoom was first seen without it. `delete_asked_at`: it is to go, out of Zoom's trash too where
    `is_for_good`; without, Zoom keeps it there for 30 days. `kept_until`: an admin keeps it at least until then.
    `expiry_told_at` is when its teacher was told that its time is over. `download_url` is where Zoom has it: whoever has
    our token may fetch it from there, so it leaves this program in no answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(MeetingRun, on_delete=models.CASCADE, related_name="recordings")
    zoom_file_id = models.TextField(unique=True)
    kind = models.CharField(max_length=16, choices=RecordingKind.choices)
    extension = models.CharField(max_length=8, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    size = models.BigIntegerField()
    download_url = models.TextField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    delete_asked_at = models.DateTimeField(null=True)
    is_for_good = models.BooleanField(default=False)
    kept_until = models.DateField(null=True)
    expiry_told_at = models.DateTimeField(null=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="recording_ends_later")]
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(gone_at=None, delete_asked_at=None), name="recordings_kept"),
            models.Index(fields=["gone_at"], condition=Q(gone_at__isnull=False), name="recordings_gone"),
        ]
        ordering = ["starts_at", "kind", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.run}"

    def concerns(self, person: User) -> bool:
        """Who may attend its session, or teaches it."""
        return self.run_id in remembered(person, "runs", lambda: _runs_of(person))

    @property
    def duration(self) -> timedelta:
        """How long it is."""
        return self.ends_at - self.starts_at

    def status_at(self, now: datetime) -> RecordingStatus:
        """Return how it stands."""
        if self.gone_at is None:
            return RecordingStatus.AVAILABLE if self.delete_asked_at is None else RecordingStatus.DELETING
        is_over = self.is_for_good or self.gone_at <= now - IN_TRASH_FOR
        return RecordingStatus.DELETED if is_over else RecordingStatus.TRASHED


@keeps_history("watchers", "may_download", "keep_days", "notice_days", "erases_lessons")
class RecordingRules(models.Model):
    """
    The school's rules: one row, or none while it has changed nothing.

    `may_download` is of who is neither teacher nor admin. Recordings go `keep_days` after they ended (null: never by
    rule), and their teachers are told `notice_days` before. `erases_lessons`: with a person's erasure go the recordings of
    sessions that were of them and a teacher alone.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    watchers = models.CharField(max_length=16, choices=Watchers.choices, default=Watchers.TEACHERS)
    may_download = models.BooleanField(default=False)
    keep_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(FEWEST_DAYS), MaxValueValidator(MOST_DAYS)]
    )
    notice_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(MOST_NOTICE_DAYS)]
    )
    erases_lessons = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_set_of_recording_rules")]

    def __str__(self) -> str:
        return "Rules for recordings"


@keeps_history("group", "meeting", "watchers", "may_download")
class WatchRule(models.Model):
    """
    Who may watch the recordings of one class or of one meeting, in place of the school's rule. The meeting's goes first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.OneToOneField(Group, null=True, on_delete=models.CASCADE, related_name="watch_rule")
    meeting = models.OneToOneField(Meeting, null=True, on_delete=models.CASCADE, related_name="watch_rule")
    watchers = models.CharField(max_length=16, choices=Watchers.choices)
    may_download = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(group=None, meeting__isnull=False) | Q(group__isnull=False, meeting=None),
                name="watch_rule_of_a_class_or_a_meeting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.group or self.meeting}: {self.watchers}"


@personal("person")
class RecordingAccess(models.Model):
    """Somebody opened a recording to watch it, or to keep a copy; `for_student`: as a guardian, in whose place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="accesses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    for_student = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    is_download = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="recording_accesses_by_time")]
        ordering = ["-at", "pk"]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.recording_id}"


class RecordingText(AskedText):
    """What people read before they join, because sessions are recorded."""


@personal("person")
class RecordingConsent(models.Model):
    """Somebody agreed to a version of the text before they joined; `given_by` did it for them, where a guardian did."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="one_recording_consent_per_person_and_text")
        ]
        ordering = ["-given_at", "pk"]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.version}"


def _runs_of(person: User) -> set[UUID]:
    of_theirs = Recording.objects.filter(run__occurrence__in=Occurrence.objects.visible_to(person).values("pk"))
    return set(of_theirs.values_list("run", flat=True))
