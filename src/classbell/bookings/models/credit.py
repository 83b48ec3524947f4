"""What a student gets for a lesson that the teacher missed."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from classbell.bookings.models.booking import Booking
from classbell.ids import uuid7


class MakeUpCreditQuerySet(models.QuerySet["MakeUpCredit"]):
    """Filters that read after the noun."""

    def usable(self, now: datetime) -> Self:
        """Credits that can still be used, the first to expire first."""
        return self.filter(used_by=None, expires_at__gt=now).order_by("expires_at", "pk")


class MakeUpCredit(models.Model):
    """One lesson with this teacher that the student is owed, until it expires."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="makeup_credits")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    missed = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="makeup_credit")
    used_by = models.OneToOneField(
        Booking, null=True, blank=True, on_delete=models.SET_NULL, related_name="paid_by_credit"
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MakeUpCreditQuerySet.as_manager()

    class Meta:
        ordering = ["expires_at"]

    def __str__(self) -> str:
        return f"{self.student} / {self.teacher} until {self.expires_at:%Y-%m-%d}"
