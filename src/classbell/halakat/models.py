"""Study circles: who teaches them, when they meet, and the meetings behind them."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.halakat.pattern import Frequency, Pattern
from classbell.halakat.periods import Period
from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.meetings.models import Meeting


class HalakaFrequency(models.TextChoices):
    """How often the pattern of days comes again."""

    DAILY = Frequency.DAILY.value, _("Every day")
    WEEKLY = Frequency.WEEKLY.value, _("Every week")
    BIWEEKLY = Frequency.BIWEEKLY.value, _("Every other week")
    MONTHLY = Frequency.MONTHLY.value, _("Every month")


class HalakaQuerySet(models.QuerySet["Halaka"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Members see their circles, teachers those they teach, admins all."""
        if user.is_admin:
            return self
        return self.filter(models.Q(teacher=user) | models.Q(group__in=Group.objects.visible_to(user).values("pk")))

    def findable_by(self, user: User) -> Self:
        """As visible_to, and for who learns here every circle that goes on: they choose among them."""
        if user.is_admin or not user.is_student:
            return self.visible_to(user)
        return self.filter(
            models.Q(ended_at=None)
            | models.Q(teacher=user)
            | models.Q(group__in=Group.objects.visible_to(user).values("pk"))
        )


@keeps_history(
    "group",
    "teacher",
    "start_date",
    "end_date",
    "except_dates",
    "periods",
    "weekdays",
    "frequency",
    "start_time",
    "duration_minutes",
    "timezone",
    "ended_at",
)
class Halaka(models.Model):
    """
    A circle. Its members, capacity and name are its group's; its sessions are those of its meetings, one after another
    (`parts`), because Zoom bounds how many sessions one meeting has. `periods` are as `periods.Period.kept` writes them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="halaka")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="halakat")
    start_date = models.DateField()
    end_date = models.DateField()
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    frequency = models.CharField(max_length=16, choices=HalakaFrequency.choices)
    start_time = models.TimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)
    except_dates = ArrayField(models.DateField(), default=list, blank=True)
    periods = models.JSONField(default=list, db_default=[], blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = HalakaQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "halakat"
        ordering = ["start_date"]

    def __str__(self) -> str:
        return str(self.group)

    @property
    def pattern(self) -> Pattern:
        """When it meets."""
        return Pattern(
            start_date=self.start_date,
            end_date=self.end_date,
            weekdays=tuple(self.weekdays),
            frequency=Frequency(self.frequency),
            start_time=self.start_time,
            duration_minutes=self.duration_minutes,
            timezone=self.timezone,
            excluded=tuple(self.except_dates),
            periods=tuple(Period.of(kept) for kept in self.periods),
        )


class HalakaPart(models.Model):
    """One of the meetings that a circle consists of, in their order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    halaka = models.ForeignKey(Halaka, on_delete=models.CASCADE, related_name="parts")
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="halaka_part")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.halaka} {self.number}"


class WaitingStudent(models.Model):
    """Not read any more: who waits is in `groups.WaitingStudent`. What the version before writes here goes there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    halaka = models.ForeignKey(Halaka, on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["halaka", "student"], name="one_place_in_the_waiting_list")]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.student} for {self.halaka}"
