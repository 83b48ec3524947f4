"""A lesson that a student asked a teacher for."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from classbell.accounts.models import User
from classbell.accounts.wall import personal, remembered
from classbell.bookings.models.kind import GroupLesson, LessonKind
from classbell.bookings.models.series import BookingSeries
from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.meetings.models import Meeting, Occurrence

SHORTEST_MINUTES = 15
LONGEST_MINUTES = 480


class BookingStatus(models.TextChoices):
    """PENDING → CONFIRMED → COMPLETED; PENDING or CONFIRMED → CANCELLED; nothing leaves the last two."""

    PENDING = "PENDING", _("Waiting for an answer")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", pgettext_lazy("lesson", "Cancelled")


LIVE_STATUSES = (BookingStatus.PENDING, BookingStatus.CONFIRMED)


class NoShow(models.TextChoices):
    """Who did not come."""

    NOBODY = "", _("Nobody missed it")
    STUDENT = "student", _("The student did not come")
    TEACHER = "teacher", _("The teacher did not come")


_AT_ZOOM = ("meeting__zoom_host", "meeting__seat__host")


class BookingQuerySet(models.QuerySet["Booking"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """Students and teachers see their own, teachers none that is only held; admins all."""
        return self if user.is_admin else self.filter(Q(student=user) | Q(teacher=user, is_held=False))

    def live(self) -> Self:
        """Bookings that hold time."""
        return self.filter(status__in=LIVE_STATUSES)

    def with_people(self) -> Self:
        """With what a page or an answer shows, in the same query."""
        shared = (f"{one}__{way}" for one in ("series", "group_lesson") for way in _AT_ZOOM)
        return self.select_related("student", "teacher", "booked_by", "kind", *_AT_ZOOM, *shared)


@keeps_history("student", "teacher", "starts_at", "ends_at", "status", "notes", "cancellation_reason", "no_show")
@personal("student", "teacher")
class Booking(models.Model):
    """
    One lesson: who, when, how it stands. The time of a live booking is claimed: by the booking itself while it is PENDING
    (the teacher's) and until its end (the student's), by its meeting's session once CONFIRMED (the teacher's). `booked_by` is
    who booked it for the student.

    One date of a `series` has no meeting of its own: once confirmed it is a session, `occurrence`, of the series' meeting.
    Its `slot` is where the series' rule puts it, wherever it was moved.

    Without a `kind` it is a lesson of any length. A seat of a `group_lesson` has no meeting of its own either, and claims its
    student's time alone. `answers` are by the key of the kind's questions.

    While it `is_held`, it holds its time until it lapses and is told to nobody: who booked it has yet to pay, if it
    `awaits_payment`, or else, a guest, to follow the mailed link.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    student = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="booked_lessons")
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="given_lessons")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=16, choices=BookingStatus.choices, default=BookingStatus.PENDING)
    notes = models.TextField(blank=True, max_length=2000)
    cancellation_reason = models.CharField(max_length=500, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # None for who asked for it themselves, as students do. Nobody looks for bookings by it, and no account is deleted.
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    no_show = models.CharField(max_length=16, choices=NoShow.choices, default=NoShow.NOBODY, blank=True)
    lapses_at = models.DateTimeField(null=True, blank=True)
    meeting = models.OneToOneField(Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="booking")
    series = models.ForeignKey(BookingSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="dates")
    slot = models.DateTimeField(null=True, blank=True)
    occurrence = models.OneToOneField(
        Occurrence, null=True, blank=True, on_delete=models.SET_NULL, related_name="booking"
    )
    kind = models.ForeignKey(LessonKind, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings")
    answers = models.JSONField(default=dict, db_default={}, blank=True)
    group_lesson = models.ForeignKey(
        GroupLesson, null=True, blank=True, on_delete=models.PROTECT, related_name="bookings"
    )
    is_held = models.BooleanField(default=False, db_default=False, db_column="awaits_guest")
    awaits_payment = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(student=F("teacher")), name="nobody_books_themselves"),
            models.CheckConstraint(
                condition=Q(series__isnull=True, slot__isnull=True, occurrence__isnull=True)
                | Q(series__isnull=False, slot__isnull=False, meeting__isnull=True),
                name="date_of_a_series_has_a_slot",
            ),
            models.CheckConstraint(
                condition=Q(group_lesson__isnull=True)
                | Q(kind__isnull=False, meeting__isnull=True, series__isnull=True),
                name="seat_has_no_meeting_of_its_own",
            ),
            models.CheckConstraint(
                condition=Q(awaits_payment=False) | Q(is_held=True), name="what_awaits_payment_is_held"
            ),
        ]
        indexes = [
            models.Index(fields=["student", "starts_at"], name="booking_of_student"),
            models.Index(fields=["teacher", "starts_at"], name="booking_of_teacher"),
            models.Index(fields=["lapses_at"], condition=Q(status="PENDING"), name="booking_lapses"),
            models.Index(fields=["ends_at"], condition=Q(status="CONFIRMED"), name="booking_to_complete"),
        ]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.student} / {self.teacher} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def duration_minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))

    @property
    def held_in(self) -> Meeting | None:
        """The meeting in which it is held: its own, or that of its series or group lesson."""
        shared = self.series or self.group_lesson
        return self.meeting if shared is None else shared.meeting

    @property
    def session(self) -> Occurrence | None:
        """The session that it is. At most one query."""
        if self.series is not None:
            return self.occurrence
        meeting = self.held_in
        return meeting.occurrences.first() if meeting is not None else None

    @property
    def is_live(self) -> bool:
        """Whether it can still take place."""
        return self.status in LIVE_STATUSES


@personal("by")
class Reschedule(models.Model):
    """One move of a booking, kept for its history; `counts` against the student's moves a month."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="reschedules")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    old_starts_at = models.DateTimeField()
    old_ends_at = models.DateTimeField()
    new_starts_at = models.DateTimeField()
    new_ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    counts = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["by", "created_at"], name="reschedule_by_person")]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.old_starts_at:%Y-%m-%d %H:%M} - {self.new_starts_at:%Y-%m-%d %H:%M}"

    def concerns(self, person: User) -> bool:
        """Whom the booking concerns, which says so when it is read."""
        key = "booking", self.booking_id
        return remembered(person, key, lambda: Booking.objects.filter(pk=self.booking_id).first()) is not None
