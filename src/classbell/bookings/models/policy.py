"""An academy's rules for bookings."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from classbell.ids import uuid7


class BookingPolicy(models.Model):
    """
    Rules for one teacher's bookings, or (teacher null) for all teachers without rules of their own. Null: no such rule.

    The hours of notice and the number of reschedules bind students; teachers and admins may always act.

    A lesson of the student's balance that was booked comes back when they cancel with notice. Without, they cannot cancel at
    all, unless `late_cancellation_takes_lesson`: then they may, and it is lost, so that the teacher does not wait for nobody.
    Not to come loses it too, unless `no_show_returns_lesson`.

    The two caps keep one student from holding a teacher's whole calendar: they count what nobody has said yes to, requests
    that wait and, with teachers who confirm automatically, lessons ahead. Ten with one teacher are five weeks of two lessons;
    thirty in all are that with three teachers. The one in all is the rule of the teacher who is asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="booking_policy"
    )
    cancel_notice_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    reschedule_notice_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    reschedules_per_month = models.PositiveSmallIntegerField(null=True, blank=True)
    open_requests_with_teacher = models.PositiveSmallIntegerField(null=True, blank=True, default=10)
    open_requests_in_all = models.PositiveSmallIntegerField(null=True, blank=True, default=30)
    request_lapses_after_hours = models.PositiveSmallIntegerField(default=48, validators=[MinValueValidator(1)])
    no_show_after_minutes = models.PositiveSmallIntegerField(default=15, validators=[MaxValueValidator(240)])
    makeup_credit_days = models.PositiveSmallIntegerField(null=True, blank=True, default=30)
    late_cancellation_takes_lesson = models.BooleanField(default=False, db_default=False)
    no_show_returns_lesson = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name_plural = "booking policies"
        constraints = [
            # Unique over a nullable column would allow many rows for "all teachers".
            models.UniqueConstraint(models.Value(1), condition=Q(teacher__isnull=True), name="one_policy_for_all")
        ]

    def __str__(self) -> str:
        return str(self.teacher or "all teachers")
