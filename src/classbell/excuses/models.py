"""Excuses, their documents, and the school's rules for them."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from classbell.accounts.guardians.queries import wards_of
from classbell.accounts.models import User
from classbell.accounts.wall import personal, remembered
from classbell.groups.models import Group, Membership
from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.meetings.models import Meeting, Occurrence, Registrant
from classbell.meetings.models.occurrence import LONGEST
from classbell.meetings.reports.over_time import reported_occurrences

LONGEST_KIND = 60
MOST_HOURS = 24 * 60


class ExcuseStatus(models.TextChoices):
    """What became of an excuse."""

    PENDING = "pending", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ExcuseQuerySet(models.QuerySet["Excuse"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Their own, those of whom they are guardians, those about sessions that they teach or told; admins all."""
        if user.is_admin:
            return self
        # A union: of conditions joined by OR the database expects half of all excuses, and asks each of every condition.
        rows = self.model.objects.order_by().values("pk")
        theirs = rows.filter(student=user)
        of_wards = rows.filter(student__in=wards_of(user).values("pk"))
        if not user.is_teacher:
            return self.filter(pk__in=theirs.union(of_wards))
        # Who was a guardian sees nothing any more, of what they told either.
        told = rows.filter(told_by=user)
        of_session = rows.filter(occurrence__in=reported_occurrences(user).values("pk"))
        return self.filter(pk__in=theirs.union(of_wards, told, of_session, rows.filter(self._of_hours_taught(user))))

    def waiting(self) -> Self:
        """Those that nobody has decided, the first session first."""
        return self.filter(status=ExcuseStatus.PENDING).order_by("starts_at", "pk")

    def _of_hours_taught(self, user: User) -> Q:
        """Return the condition that an excuse is from hours in which they teach its student. Two statements, made now."""
        # Read now: within what is asked of each excuse, the database would read all of them for each.
        held, substituted = remembered(user, "meetings taught", lambda: _meetings_taught(user))
        # The second condition follows from the third; with it, the index on the start is read no further than it must.
        reaching_in = Occurrence.objects.filter(
            Q(meeting__in=held) | Q(meeting__in=substituted, substitute=user),
            starts_at__gt=OuterRef("starts_at") - LONGEST,
            ends_at__gt=OuterRef("starts_at"),
            starts_at__lt=OuterRef("ends_at"),
        )
        member = Membership.objects.filter(group=OuterRef("meeting__group"), user=OuterRef(OuterRef("student")))
        invited = Registrant.objects.filter(
            meeting=OuterRef("meeting"), user=OuterRef(OuterRef("student")), is_invited=True
        )
        theirs = reaching_in.filter(Exists(member) | Exists(invited))
        whole = Q(meeting=None, group=None) & Q(Exists(theirs))
        of_meeting = Q(Exists(theirs.filter(meeting=OuterRef("meeting"))))
        of_group = Q(Exists(theirs.filter(meeting__group=OuterRef("group"))))
        # Follows from the rest; with it only the excuses of those who are taught are looked at.
        members = Membership.objects.filter(group__meetings__in=[*held, *substituted]).order_by().values("user")
        guests = Registrant.objects.filter(meeting__in=[*held, *substituted], is_invited=True).order_by().values("user")
        return Q(occurrence=None, student__in=members.union(guests)) & (of_meeting | of_group | whole)


@keeps_history("student", "starts_at", "ends_at", "status", "note")
@personal("student", "told_by")
class Excuse(models.Model):
    """
    That a student is away: from `occurrence`, or from the sessions that reach into [starts_at, ends_at), of one `meeting`, of
    one `group`, or all.

    `told_by` is who wrote it, the student or who acts for them. `by_rule` says that the school's rules accepted it when it
    was told; else `decided_by` did, or nobody yet. While it is accepted, `meetings.ExcusedTime` has a row with its key.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="excuses")
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    told_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=LONGEST_KIND, blank=True)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=ExcuseStatus.choices, default=ExcuseStatus.PENDING)
    by_rule = models.BooleanField(default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ExcuseQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="excuse_ends_later")]
        indexes = [
            models.Index(fields=["student", "-told_at"], name="excuses_of_a_student"),
            models.Index(fields=["told_at"], name="excuses_by_time"),
            models.Index(fields=["starts_at"], condition=Q(status="pending"), name="excuses_that_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.student} from {self.starts_at} to {self.ends_at}: {self.status}"

    @property
    def last_moment(self) -> datetime:
        """The last moment that it is about: of one that ends at midnight, on the day before."""
        return self.ends_at - timedelta(microseconds=1)


@personal()
class ExcuseDocument(models.Model):
    """The paper that goes with an excuse: a PDF or a picture, as its first bytes say. In the database, so in every backup."""

    excuse = models.OneToOneField(Excuse, primary_key=True, on_delete=models.CASCADE, related_name="document")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=32)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sent_at"], name="excuse_documents_by_time")]

    def __str__(self) -> str:
        return f"{self.name} of {self.excuse_id}"

    def concerns(self, person: User) -> bool:
        """Whom the excuse concerns, which says so when it is read."""
        excuse = remembered(
            person, ("excuse", self.excuse_id), lambda: Excuse.objects.filter(pk=self.excuse_id).first()
        )
        return excuse is not None


def _meetings_taught(user: User) -> tuple[list[UUID], list[UUID]]:
    """Return the meetings somebody holds or whose group they teach, and those of which they hold a session instead."""
    taught = Group.teachers.through.objects.filter(user=user).values("group")
    held = Meeting.objects.filter(Q(teacher=user) | Q(group__in=taught))
    substituted = Occurrence.objects.filter(substitute=user)
    return list(held.order_by().values_list("pk", flat=True)), list(
        substituted.order_by().values_list("meeting", flat=True)
    )


@keeps_history(
    "accepts_at_once",
    "hours_ahead",
    "monthly_quota",
    "kinds_at_once",
    "kinds_decided",
    "makeup_hours_ahead",
    "makeup_days",
    "makeup_monthly_quota",
    "makeup_term_quota",
    "makeup_kinds",
)
class ExcuseRules(models.Model):
    """
    The school's rules: one row, or none while it has changed nothing.

    With `accepts_at_once`, an excuse told `hours_ahead` of its first session is accepted by rule, at most `monthly_quota`
    times a month and student (null: any number), of the kinds in `kinds_at_once`; of any kind where the school lists none.

    Whoever is excused and told it `makeup_hours_ahead` of the session (null: nobody) earns a make-up lesson, to be used
    within `makeup_days` of the session; for at most as many sessions of a month and of a term as the two quotas say (null:
    for any number), and for a reason of one of `makeup_kinds` (none: of any).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    accepts_at_once = models.BooleanField(default=False)
    hours_ahead = models.PositiveSmallIntegerField(default=24, validators=[MaxValueValidator(MOST_HOURS)])
    monthly_quota = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    kinds_at_once = models.JSONField(default=list, blank=True)
    kinds_decided = models.JSONField(default=list, blank=True)

    makeup_hours_ahead = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_HOURS)]
    )
    makeup_days = models.PositiveSmallIntegerField(
        default=30, db_default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    makeup_monthly_quota = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    makeup_term_quota = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    makeup_kinds = models.JSONField(default=list, db_default=Value([], models.JSONField()), blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_set_of_excuse_rules")]

    def __str__(self) -> str:
        return "Rules for excuses"

    @property
    def makes_up(self) -> bool:
        """Whether anybody earns a make-up lesson by being excused."""
        return self.makeup_hours_ahead is not None

    @property
    def kinds(self) -> list[str]:
        """The kinds of reason that the school lists; none: nobody is asked for one."""
        return [*self.kinds_at_once, *self.kinds_decided]
