"""Holidays: whole days of the school, of one class or of one teacher."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.history import keeps_history
from classbell.ids import uuid7

LONGEST_DAYS = 366
LONGEST_SOURCE = 500


class Effect(models.TextChoices):
    """What a holiday does to dates that are made."""

    LEAVE_OUT = "leave_out", _("Leave the days out")
    WARN = "warn", _("Only warn")


class HolidayQuerySet(models.QuerySet["Holiday"]):
    """Filters that read after the noun."""

    def kept_by(self, user: User) -> Self:
        """Those that this person may change: admins all, teachers their own and those of the groups they teach."""
        if user.is_admin:
            return self
        return self.filter(Q(teacher=user) | Q(group__in=_taught_by(user)))

    def visible_to(self, user: User) -> Self:
        """The school's, those of one's groups, and a teacher's own; admins see all."""
        if user.is_admin:
            return self
        mine = Group.objects.visible_to(user).values("pk")
        return self.filter(Q(group=None, teacher=None) | Q(teacher=user) | Q(group__in=mine))

    def of_calendar(self, user: User) -> Self:
        """Those that this person's own calendar shows, an admin's too: no other teacher's and no other group's."""
        learning = Group.objects.filter(memberships__user=user).values("pk")
        mine = Q(teacher=user) | Q(group__in=_taught_by(user)) | Q(group__in=learning)
        return self.filter(Q(group=None, teacher=None) | mine)

    def touching(self, first: date, last: date) -> Self:
        """Those with a day from `first` to `last`, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)

    def with_places(self) -> Self:
        """With whatever says in which timezone their days are."""
        return self.select_related("group", "teacher")


@keeps_history("name", "first_day", "last_day", "group", "teacher", "effect")
class Holiday(models.Model):
    """
    The days from `first_day` to `last_day`, both included, of the school or of one group or teacher, in whose timezone they
    are whole days. `uid` and `source` say which entry of which calendar it was imported from; both "" for a typed one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="holidays")
    teacher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="holidays"
    )
    effect = models.CharField(max_length=16, choices=Effect.choices, default=Effect.LEAVE_OUT)
    uid = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=LONGEST_SOURCE, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="holiday_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(group=None) | Q(teacher=None), name="holiday_of_group_or_of_teacher"),
        ]
        indexes = [models.Index(fields=["last_day"], name="holiday_last_day")]
        ordering = ["first_day", "name"]

    def __str__(self) -> str:
        return f"{self.name} {self.first_day}"

    @property
    def zone(self) -> ZoneInfo:
        """The timezone in which its days are whole: its group's, its teacher's, else the school's."""
        if self.group is not None:
            return ZoneInfo(self.group.timezone)
        if self.teacher is not None:
            return self.teacher.zone
        return ZoneInfo(settings.TIME_ZONE)

    @property
    def reason(self) -> str:
        """Why something is cancelled for it, as everybody reads: its name; of a teacher's own no more than that it is one."""
        return self.name if self.teacher_id is None else reasons.TEACHERS_HOLIDAY

    @property
    def reasons_kept(self) -> tuple[str, str]:
        """What may be kept as the reason of what was cancelled for it: versions before kept a teacher's own by its name."""
        return self.reason[:200], self.name[:200]

    @property
    def starts_at(self) -> datetime:
        """When its first day begins, aware UTC."""
        return day_begins(self.first_day, self.zone)

    @property
    def ends_at(self) -> datetime:
        """When the day after its last one begins, aware UTC."""
        return day_begins(self.last_day + timedelta(days=1), self.zone)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """
    Return the first moment of a local day, aware UTC: where the clocks skip midnight, when they go on after it; where they
    repeat it, its first.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _taught_by(user: User) -> models.QuerySet[Group]:
    return Group.objects.filter(teachers=user).values("pk")  # type: ignore[return-value]  # only ever a subquery
