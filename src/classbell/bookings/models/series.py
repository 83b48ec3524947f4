"""Lessons of one student with one teacher at the same time of the week."""

from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from classbell.accounts.models import User
from classbell.accounts.wall import personal
from classbell.bookings.weekly import dates_of, rule_of
from classbell.ids import uuid7
from classbell.meetings.models import Meeting


class BookingSeriesQuerySet(models.QuerySet["BookingSeries"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Students and teachers see their own; admins all."""
        return self if user.is_admin else self.filter(Q(student=user) | Q(teacher=user))

    def with_people(self) -> Self:
        """With what a page or an answer shows, in the same query."""
        return self.select_related("student", "teacher", "booked_by", "meeting__zoom_host", "meeting__seat__host")


@personal("student", "teacher")
class BookingSeries(models.Model):
    """
    What was asked for: `count` lessons from `starts_at` on, `interval_weeks` apart on the clock of `timezone`, whether each
    of them is held or not. Its dates are bookings, each with its own state; one meeting at Zoom holds those that are
    confirmed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="booked_series")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="given_series")
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    interval_weeks = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)
    notes = models.TextField(blank=True, max_length=2000)
    # As of a booking.
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    meeting = models.OneToOneField(
        Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="booking_series"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BookingSeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "booking series"
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="series_has_dates"),
            models.CheckConstraint(condition=Q(interval_weeks__gte=1), name="series_goes_on"),
            models.CheckConstraint(condition=~Q(student=F("teacher")), name="nobody_books_a_series_with_themselves"),
        ]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.student} / {self.teacher} {self.starts_at:%Y-%m-%d %H:%M} x {self.count}"

    @property
    def zone(self) -> ZoneInfo:
        """The timezone whose wall time the dates keep."""
        return ZoneInfo(self.timezone)

    @property
    def rule(self) -> str:
        """The dates as an RRULE."""
        return rule_of(self.starts_at, zone=self.zone, count=self.count, interval_weeks=self.interval_weeks)

    @property
    def slots(self) -> list[datetime]:
        """Where the rule puts the dates, aware UTC, in order: those too that are not held."""
        return dates_of(self.starts_at, zone=self.zone, count=self.count, interval_weeks=self.interval_weeks)
