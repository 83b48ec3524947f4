"""When a teacher can be booked, and when not."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from classbell.accounts.wall import personal
from classbell.bookings.walltime import MINUTES_A_DAY, wall_text
from classbell.ids import uuid7


class Availability(models.Model):
    """
    One window in which a teacher can be booked: every week on a weekday (0 = Monday), or on one date.

    Minutes count from midnight on the teacher's clock, half-open; 1440 is the end of the day. Windows may overlap or
    touch: they merge in effect.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="availability")
    day_of_week = models.PositiveSmallIntegerField(null=True, blank=True)
    date = models.DateField(null=True, blank=True)
    start_minute = models.PositiveSmallIntegerField()
    end_minute = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "availability"
        constraints = [
            models.CheckConstraint(
                condition=Q(day_of_week__isnull=True, date__isnull=False)
                | Q(day_of_week__isnull=False, date__isnull=True),
                name="availability_is_weekly_or_dated",
            ),
            models.CheckConstraint(
                condition=Q(day_of_week__isnull=True) | Q(day_of_week__lte=6), name="availability_weekday_exists"
            ),
            models.CheckConstraint(
                condition=Q(end_minute__gt=F("start_minute"), end_minute__lte=MINUTES_A_DAY),
                name="availability_ends_after_it_starts",
            ),
        ]
        ordering = ["day_of_week", "date", "start_minute"]

    def __str__(self) -> str:
        return f"{self.start_time}-{self.end_time}"

    @property
    def is_recurring(self) -> bool:
        """Whether it holds every week."""
        return self.date is None

    @property
    def start_time(self) -> str:
        """The start on the teacher's clock, `HH:MM:SS`."""
        return wall_text(self.start_minute)

    @property
    def end_time(self) -> str:
        """The end on the teacher's clock; the end of the day is `24:00:00`."""
        return wall_text(self.end_minute)


class HoursPeriod(models.Model):
    """
    Weekly hours that replace the usual ones from `first_day` to `last_day`, both included, on the teacher's clock, as in
    Ramadan. Windows on one date hold beside them. `windows` are objects of `day` (0 = Monday), `start` and `end` in minutes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hours_periods")
    name = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    windows = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="hours_period_ends_after_it_begins"),
        ]
        ordering = ["first_day"]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day}"


@personal("teacher")
class TimeOff(models.Model):
    """A period in which a teacher cannot be booked, whatever the availability says. What is booked already stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "time off"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["teacher", "ends_at"], name="time_off_of_teacher")]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} - {self.ends_at:%Y-%m-%d}"
