"""Groups of people who are taught together: a class, a course's or a halaka's members."""

from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.accounts.wall import personal, remembered
from classbell.history import MADE, REMOVED, keeps_history
from classbell.ids import uuid7
from classbell.zones import validate_timezone


class GroupKind(models.TextChoices):
    """Which part of the product a group belongs to."""

    CLASS = "class", _("Class")
    COURSE = "course", _("Course")
    HALAKA = "halaka", _("Circle")


class GroupQuerySet(models.QuerySet["Group"]):
    """Filters that read after the noun."""

    def active(self) -> Self:
        """Only groups that are still taught."""
        return self.filter(archived_at=None)

    def visible_to(self, user: User) -> Self:
        """Students see the groups they are in, teachers those they teach, admins all."""
        if user.is_admin:
            return self
        teaching = Group.teachers.through.objects.filter(user=user).values("group")
        learning = Membership.objects.filter(user=user).values("group")
        # A union, here and below: of conditions joined by OR the database expects half of all rows, and reads them all.
        return self.filter(pk__in=teaching.union(learning))

    def with_people(self) -> Self:
        """Fetch the teachers along, and count the members as `student_count`."""
        members = Membership.objects.filter(group=models.OuterRef("pk")).order_by().values("group")
        counted = models.Subquery(members.annotate(number=models.Count("pk")).values("number"))
        waiting = WaitingStudent.objects.filter(group=models.OuterRef("pk")).order_by().values("group")
        waits = models.Subquery(waiting.annotate(number=models.Count("pk")).values("number"))
        return self.prefetch_related("teachers").annotate(
            student_count=Coalesce(counted, 0), waiting_count=Coalesce(waits, 0)
        )


class Group(models.Model):
    """
    People taught together, and who teaches them.

    `external_id` is the group's name in the file or system it came from (a timetable's section), unique per kind, so that
    importing again finds it. Students take places in a class or course that `is_open` by themselves; circles always are.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=GroupKind.choices, default=GroupKind.CLASS)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_timezone])
    external_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 -- NULL keeps it out of the unique constraint
    capacity = models.PositiveIntegerField(null=True, blank=True)
    is_open = models.BooleanField(default=False, db_default=False)
    teachers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="taught_groups", blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="member_groups")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "external_id"], name="group_external_id_is_unique")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def beyond_capacity(self) -> int:
        """By how many it has more members than places. One query where it is bounded."""
        return 0 if self.capacity is None else max(0, self.memberships.count() - self.capacity)


@keeps_history("group", "user", of=[MADE, REMOVED], in_numbers=True)
@personal("user")
class Membership(models.Model):
    """One student in one group."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_person_and_group")]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"

    def concerns(self, person: User) -> bool:
        """Who learns or teaches in the same group."""
        return self.group_id in remembered(person, "groups", lambda: _groups_of(person))


class WaitingStudent(models.Model):
    """A student who waits for a place in a full group; the longest waiting comes first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="waiting")
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "student"], name="one_place_in_the_waiting_list_of_a_group")
        ]
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.student} for {self.group}"


def _groups_of(person: User) -> set[UUID]:
    learning = Membership.objects.filter(user=person).order_by().values_list("group", flat=True)
    teaching = Group.teachers.through.objects.filter(user=person).order_by().values_list("group", flat=True)
    return set(learning.union(teaching))
