"""Calendars that teachers keep elsewhere, when these say that they are busy, and which sessions were written into them."""

from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from classbell.accounts.wall import personal
from classbell.ids import uuid7

LONGEST_URL: Final = 1000
LONGEST_LOGIN: Final = 254
LONGEST_NAME: Final = 100


class CalendarKind(models.TextChoices):
    """By what it is read."""

    ICS = "ics", _("Address of a calendar (ICS)")
    CALDAV = "caldav", _("CalDAV")
    GOOGLE = "google", _("Google")
    MICROSOFT = "microsoft", _("Microsoft")


class CalendarStatus(models.TextChoices):
    """How it stands; `lapsed` could not be read for so long that what was known of it counts no more."""

    WAITING = "waiting", _("Not read yet")
    OK = "ok", _("Up to date")
    FAILING = "failing", _("Cannot be read")
    LAPSED = "lapsed", _("Counts no more")


class ExternalCalendarQuerySet(models.QuerySet["ExternalCalendar"]):
    """Filters that read after the noun."""

    def present(self) -> Self:
        """Those that their owners have not removed."""
        return self.filter(going_at=None)

    def counting(self, now: datetime) -> Self:
        """Those of which what is known still holds."""
        return self.present().filter(Q(failing_since=None) | Q(failing_since__gt=now - holds_for()))


@personal("teacher")
class ExternalCalendar(models.Model):
    """
    One calendar of somebody who teaches.

    `sealed` is where it is and what opens it, encrypted: who has the address of a calendar can often read it. By
    `digest` it is known again. `name` is what pages call it: its host. `version` is how the other side
    names the state that was read last, `read_whole_at` when all of it was. It is read again at `due_at`. It could not be
    read since `failing_since`, because of `error` (a code of `troubles.Trouble`), which its owner was told at `told_at`.
    `remark` says what of it is not known, though it was read. `write_error` is why sessions are not written into it.
    `going_at` is when its owner removed it: it counts no more, and is kept until what was written into it is deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_calendars")
    kind = models.CharField(max_length=16, choices=CalendarKind.choices)
    name = models.CharField(max_length=LONGEST_NAME)
    login = models.CharField(max_length=LONGEST_LOGIN, blank=True)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    takes_tentative = models.BooleanField(default=True)
    takes_whole_days = models.BooleanField(default=True)
    writes_lessons = models.BooleanField(default=False)
    version = models.CharField(max_length=500, blank=True)
    read_whole_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=32, blank=True)
    told_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=32, blank=True)
    write_error = models.CharField(max_length=32, blank=True, db_default="")
    going_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ExternalCalendarQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["teacher", "digest"], name="a_calendar_is_added_once"),
            models.UniqueConstraint(
                fields=["teacher"], condition=Q(writes_lessons=True), name="lessons_are_written_into_one_calendar"
            ),
            models.CheckConstraint(
                condition=Q(writes_lessons=False) | Q(kind="caldav"), name="lessons_are_written_by_caldav"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="external_calendar_due")]
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def status_at(self, now: datetime) -> CalendarStatus:
        """Return how it stands."""
        if self.failing_since is not None:
            is_over = self.failing_since <= now - holds_for()
            return CalendarStatus.LAPSED if is_over else CalendarStatus.FAILING
        return CalendarStatus.WAITING if self.last_read_at is None else CalendarStatus.OK


class BusyTime(models.Model):
    """A calendar says that its owner is busy in [starts_at, ends_at). What they do then is not kept."""

    calendar = models.ForeignKey(ExternalCalendar, on_delete=models.CASCADE, related_name="busy_times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "starts_at", "ends_at"], name="busy_time_is_kept_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="busy_time_ends_after_it_starts"),
        ]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} - {self.ends_at:%Y-%m-%d %H:%M}"


class WrittenSession(models.Model):
    """
    A session stands in a calendar, as `digest` says ("": as somebody changed it there), at the address `href`; `etag` is how
    the other side names that state. `session_id` is an occurrence's, which may be gone.
    """

    calendar = models.ForeignKey(ExternalCalendar, on_delete=models.CASCADE, related_name="written_sessions")
    session_id = models.UUIDField()
    etag = models.CharField(max_length=255, blank=True)
    href = models.CharField(max_length=LONGEST_URL, db_default="")
    digest = models.CharField(max_length=64, blank=True)
    starts_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "session_id"], name="session_is_written_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} in {self.calendar_id}"


def holds_for() -> timedelta:
    """Return for how long what is known of a calendar holds when it can no longer be read."""
    return timedelta(hours=settings.ENVIRONMENT.calendar_hold_hours)
