"""The links with which guests see to their lessons."""

from typing import ClassVar

from django.db import models

from classbell.bookings.models.booking import Booking
from classbell.ids import uuid7


class LinkPurpose(models.TextChoices):
    """What a link is for, and nothing else."""

    # Mailed to the address that was typed, to confirm the lesson; once that is done, it sees to it like the next.
    CONFIRM = "confirm"
    MANAGE = "manage"
    # Mailed on demand: to turn a guest into an account.
    ACCOUNT = "account"


class GuestLink(models.Model):
    """
    A link to one guest's lesson. It is found by `digest`, which is no way back; `sealed` is its token encrypted, for the
    mails that come later. `used_at` is when it did what it is for, for one that does it once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="guest_links")
    purpose = models.CharField(max_length=16, choices=LinkPurpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["made_at", "pk"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
