"""Kinds of lessons that a school offers, who teaches them, and the lessons that several students share."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from classbell.accounts.models import User
from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.meetings.models import Meeting

MOST_SEATS = 300
MOST_PRICE = 100_000_000


class OpenTo(models.TextChoices):
    """Who may book lessons of a kind; everybody includes guests."""

    NOBODY = "nobody", _("Nobody by themselves: only the school books it")
    SIGNED_IN = "signed_in", _("Everybody with an account")
    EVERYBODY = "everybody", _("Everybody, guests too")


class ChosenBy(models.TextChoices):
    """How a teacher is chosen when the student leaves it open."""

    LEAST_BOOKED = "least_booked", _("Who has the fewest lessons in the days around")
    IN_TURN = "in_turn", _("Everybody in turn")
    PRIORITY = "priority", _("By the order of the list")


class LessonKindQuerySet(models.QuerySet["LessonKind"]):
    """Filters that read after the noun."""

    def offered(self) -> Self:
        """What can be booked now by somebody."""
        return self.filter(is_active=True).exclude(open_to=OpenTo.NOBODY)

    def offered_to_guests(self) -> Self:
        """What somebody without an account may see and book."""
        return self.filter(is_active=True, open_to=OpenTo.EVERYBODY)


@keeps_history(
    "name", "address", "description", "minutes", "price", "currency", "trial", "seats", "open_to", "min_notice_minutes",
    "buffer_minutes", "questions", "meeting_settings", "chosen_by", "takes_a_lesson", "is_active",
)  # fmt: skip
class LessonKind(models.Model):
    """
    One kind of lesson, such as a trial or a group of beginners; a booking without one is as long as was asked for.

    `minutes` are the lengths to choose from, `price` is in the smallest unit of `currency`, null or 0 for free. A `trial` is
    booked once by each person. With more than one of `seats` its lessons are `GroupLesson`s. `min_notice_minutes` and
    `buffer_minutes` null are the teacher's. `questions` are objects of `key`, `text`, `kind` (short, long, choice),
    `required` and `choices`; `meeting_settings` is by the catalogue of meetings. `address` names it in links. One
    that `takes_a_lesson` is booked with a lesson of the student's balance, and not without.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    address = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, max_length=2000)
    minutes = ArrayField(models.PositiveSmallIntegerField())
    price = models.PositiveIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    trial = models.BooleanField(default=False)
    seats = models.PositiveSmallIntegerField(default=1)
    open_to = models.CharField(max_length=16, choices=OpenTo.choices, default=OpenTo.SIGNED_IN)
    min_notice_minutes = models.PositiveIntegerField(null=True, blank=True)
    buffer_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    questions = models.JSONField(default=list, blank=True)
    meeting_settings = models.JSONField(default=dict, blank=True)
    colour = models.CharField(max_length=7, blank=True)
    chosen_by = models.CharField(max_length=16, choices=ChosenBy.choices, default=ChosenBy.LEAST_BOOKED)
    takes_a_lesson = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    place = models.PositiveSmallIntegerField(default=0)
    teachers = models.ManyToManyField(settings.AUTH_USER_MODEL, through="KindTeacher", related_name="lesson_kinds")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LessonKindQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes__len__gte=1), name="kind_has_a_length"),
            models.CheckConstraint(condition=Q(seats__gte=1, seats__lte=MOST_SEATS), name="kind_has_seats"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price=0) | ~Q(currency=""), name="price_has_a_currency"
            ),
        ]
        ordering = ["place", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_group(self) -> bool:
        """Whether several students share a lesson."""
        return self.seats > 1

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing."""
        return not self.price


class KindTeacher(models.Model):
    """One teacher of a kind; the lowest `priority` comes first where teachers are chosen by the order of the list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The constraint below is its index.
    kind = models.ForeignKey(LessonKind, on_delete=models.CASCADE, related_name="taught_by", db_index=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kinds_taught")
    priority = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "teacher"], name="a_teacher_of_a_kind_once")]
        ordering = ["priority", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} / {self.teacher}"


class GroupLessonQuerySet(models.QuerySet["GroupLesson"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Those that somebody teaches or has a seat in; admins all."""
        if user.is_admin:
            return self
        seats = Q(pk__in=user.booked_lessons.filter(group_lesson__isnull=False).values("group_lesson"))
        return self.filter(Q(teacher=user) | seats)


class GroupLesson(models.Model):
    """
    One lesson that students book seats of: it claims its teacher's time, each booking only its student's. Seats are counted
    while its row is locked. Its meeting is for who has a seat; with the last one gone it is `cancelled_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(LessonKind, on_delete=models.PROTECT, related_name="group_lessons")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="group_lessons")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    meeting = models.OneToOneField(
        Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="group_lesson"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = GroupLessonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="group_lesson_ends_after_it_starts")
        ]
        indexes = [
            models.Index(
                fields=["teacher", "starts_at"], condition=Q(cancelled_at__isnull=True), name="group_lesson_of_teacher"
            )
        ]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.kind} / {self.teacher} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def duration_minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))
