"""Lessons that students are owed, such as bought ones and make-up lessons, and the ledger of what became of each."""

from datetime import datetime
from typing import Final, Self
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from classbell.accounts.models import User
from classbell.accounts.wall import people_of, personal, remembered
from classbell.bookings.models.booking import Booking
from classbell.bookings.models.kind import LessonKind
from classbell.groups.models import Group
from classbell.ids import uuid7
from classbell.meetings.models import Occurrence

LONGEST_REASON = 500


# A lesson with whichever teacher the student chooses.
WITH_ANYBODY: Final = Q(teacher=None, group=None)


class Origin(models.TextChoices):
    """Why a student is owed a lesson."""

    MAKEUP = "makeup", _("Make-up lesson")
    PACKAGE = "package", _("From a package")
    SINGLE = "single", _("Bought by itself")
    GIFT = "gift", _("A gift of the school")
    CORRECTION = "correction", _("Put right by the school")


# What an admin may enter by hand; the others follow from a lesson that was missed, or an absence.
BY_HAND: Final = (Origin.PACKAGE, Origin.SINGLE, Origin.GIFT, Origin.CORRECTION, Origin.MAKEUP)


class MakeUpCreditQuerySet(models.QuerySet["MakeUpCredit"]):
    """Filters that read after the noun."""

    def usable(self, now: datetime) -> Self:
        """Credits that can still be used, the first to expire first."""
        is_not_over = Q(expires_at=None) | Q(expires_at__gt=now)
        there = self.filter(is_not_over, used_by=None, taken_back_at=None)
        return there.order_by(F("expires_at").asc(nulls_last=True), "pk")

    def with_teacher(self, teacher: User) -> Self:
        """Those for a lesson with this teacher."""
        taught = Group.teachers.through.objects.filter(user=teacher).values("group")
        return self.filter(Q(teacher=teacher) | Q(group__in=taught) | WITH_ANYBODY)

    def for_kind(self, kind_id: UUID | None) -> Self:
        """Those for a lesson of this kind, None being a lesson without one."""
        return self.filter(Q(kind=None) | Q(kind=kind_id)) if kind_id else self.filter(kind=None)


@personal("student", "teacher")
class MakeUpCredit(models.Model):
    """
    One lesson that the student is owed, until it expires (None: never): with `teacher` or, where it stands for a group's
    session, with any teacher of `group`; with neither of them, with any teacher. For a lesson of `kind`, if it names one.

    `origin` says why: bought, given, or to make up for something. What a make-up lesson stands for is `missed`, a lesson
    whose teacher did not come, or `session`, from which the student was excused in time. `CreditEntry` has what became of it.
    The model keeps the name from when all of them were make-up lessons, as its table does.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="makeup_credits")
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    # Nobody looks for credits by their kind.
    kind = models.ForeignKey(
        LessonKind, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    origin = models.CharField(
        max_length=16, choices=Origin.choices, default=Origin.MAKEUP, db_default=Origin.MAKEUP.value
    )
    # Nobody looks for credits by their group.
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    missed = models.OneToOneField(
        Booking, null=True, blank=True, on_delete=models.CASCADE, related_name="makeup_credit"
    )
    # The constraint below is its index.
    session = models.ForeignKey(
        Occurrence, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    used_by = models.OneToOneField(
        Booking, null=True, blank=True, on_delete=models.SET_NULL, related_name="paid_by_credit"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MakeUpCreditQuerySet.as_manager()

    class Meta:
        ordering = ["expires_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "student"], name="one_makeup_per_session_and_student")
        ]

    def __str__(self) -> str:
        until = f" until {self.expires_at:%Y-%m-%d}" if self.expires_at else ""
        return f"{self.student} / {self.teacher or 'any teacher'}{until}"


class EntryKind(models.TextChoices):
    """What became of a credit. Corrections go either way; of all others the amount is plain."""

    EARNED = "earned", _("Earned")
    USED = "used", pgettext_lazy("make-up lesson", "Used")
    RETURNED = "returned", _("Returned")
    EXPIRED = "expired", pgettext_lazy("make-up lesson", "Expired")
    TAKEN_BACK = "taken_back", _("Taken back")
    CORRECTED = "corrected", _("Corrected")


@personal()
class CreditEntry(models.Model):
    """
    One line of the ledger of a credit: it comes (1) or goes (-1), in turn, so that no balance is ever below nothing. A
    student's balance is the sum of theirs. Lines are only added.

    `by` is None where Classbell did it by a rule. `reason` is what a person wrote; why a rule did it follows from the credit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    credit = models.ForeignKey(MakeUpCredit, on_delete=models.CASCADE, related_name="entries", db_index=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    amount = models.SmallIntegerField()
    # Neither bookings nor accounts are deleted.
    booking = models.ForeignKey(Booking, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit", "number"], name="lines_of_a_credit_follow_one_another"),
            models.CheckConstraint(condition=Q(amount=F("number") % 2 * 2 - 1), name="a_credit_comes_and_goes_in_turn"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="append_only", fields=["credit", "number", "kind", "amount", "reason", "at"])
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.kind} {self.amount:+}"

    def concerns(self, person: User) -> bool:
        """Whom the lesson itself concerns, which is always shown with its lines."""
        return self.credit_id in remembered(person, "credits", lambda: _credits_of(person))


def _credits_of(person: User) -> set[UUID]:
    whose = Q(student=person) | Q(teacher=person) | Q(student__in=people_of(person))
    return set(MakeUpCredit.objects.filter(whose).values_list("pk", flat=True))
