"""What teachers are paid, from a day on, and by which rules."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classbell.accounts.wall import personal
from classbell.bookings.models import LessonKind
from classbell.groups.models import Group
from classbell.history import keeps_history
from classbell.ids import uuid7

# In the smallest unit of a currency: a million euros an hour, and more of others.
MOST_RATE = 100_000_000


class Per(models.TextChoices):
    """What a rate is for."""

    HOUR = "hour", _("an hour")
    LESSON = "lesson", _("a session")


@keeps_history("teacher", "kind", "group", "in_force_from", "amount", "currency", "per")
@personal("teacher")
class TeacherRate(models.Model):
    """
    What a teacher is paid for sessions that begin on `in_force_from`, by the school's calendar, or later: until the next rate
    for the same thing. `amount` is in the smallest unit of `currency`, for each hour of the planned length or each session.

    A rate for a `kind` of lesson or a `group` goes before the one for everything.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint below is its index.
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rates", db_index=False
    )
    # Nobody looks for rates by what they are for.
    kind = models.ForeignKey(
        LessonKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    in_force_from = models.DateField()
    amount = models.PositiveIntegerField(validators=[MaxValueValidator(MOST_RATE)])
    currency = models.CharField(max_length=3)
    per = models.CharField(max_length=8, choices=Per.choices)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "kind", "group", "in_force_from"], nulls_distinct=False, name="one_rate_at_a_time"
            ),
            models.CheckConstraint(condition=Q(kind=None) | Q(group=None), name="rate_of_kind_or_of_group"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="rate_has_a_currency"),
        ]
        ordering = ["-in_force_from", "pk"]

    def __str__(self) -> str:
        return f"{self.teacher}: {self.amount} {self.currency} / {self.per} from {self.in_force_from}"


@keeps_history("late_cancellation_percent", "student_away_percent", "pays_unknown")
class PayRules(models.Model):
    """
    The school's rules, of which there is one row at most: how much of its rate is paid for a lesson that was lost because it
    was cancelled too late, or because no student came; and whether a session is paid of which nothing is known.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    late_cancellation_percent = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    student_away_percent = models.PositiveSmallIntegerField(default=100, validators=[MaxValueValidator(100)])
    pays_unknown = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "pay rules"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_set_of_pay_rules"),
            models.CheckConstraint(
                condition=Q(late_cancellation_percent__lte=100, student_away_percent__lte=100),
                name="nobody_is_paid_more_than_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.late_cancellation_percent} % / {self.student_away_percent} %"
