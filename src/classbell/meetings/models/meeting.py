"""The meeting: a spec, and what is known of its fulfilment."""

from datetime import UTC
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from classbell import reasons
from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.history import keeps_history
from classbell.ids import uuid7
from classbell.meetings.models.hosts import FREE_MINUTES, HostSeat, ZoomHost

LONGEST_LOCATION: Final = 500


class SyncStatus(models.TextChoices):
    """How Zoom stands to the spec. `failed` waits for a person; `pending` goes on by itself."""

    PENDING = "pending", _("On its way to Zoom")
    SYNCED = "synced", _("On Zoom")
    FAILED = "failed", _("Needs attention")
    REMOVED = "removed", _("Removed from Zoom")


class Audience(models.TextChoices):
    """Who may attend."""

    CLASS = "class", _("The class")
    STUDENTS = "students", _("All students")
    TEACHERS = "teachers", _("All teachers")
    EVERYONE = "all", _("Everyone")
    INVITED = "invited", _("Invited people")


# What people decide about a meeting, as `MeetingSpec` has it. Whatever is added here is copied, changed and saved with the
# rest; Zoom's host and whether the meeting is wanted at all follow from other decisions.
DECIDED: Final = (
    "teacher",
    "group",
    "title",
    "description",
    "starts_at",
    "duration_minutes",
    "timezone",
    "rule",
    "audience",
    "registration",
    "zoom_settings",
    "gap_minutes",
    "location",
)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Filters that read after the noun."""

    def visible_to(self, user: User) -> Self:
        """
        Students see what they may attend, teachers what they teach or may attend, admins all. A substitute sees the
        meeting of their session; which of its sessions, `Occurrence.objects.visible_to` says.
        """
        if not user.is_teacher:
            return self.open_to(user)
        substituted = self.model.objects.filter(occurrences__substitute=user).values("pk")
        return self.filter(pk__in=substituted.union(*self._ways_in(user)))

    def open_to(self, user: User) -> Self:
        """The meetings of which a person may see every session: as `visible_to`, but for substitutes."""
        if user.is_admin:
            return self
        first, *others = self._ways_in(user)
        return self.filter(pk__in=first.union(*others))

    def _ways_in(self, user: User) -> list[models.QuerySet["Meeting", Any]]:
        """
        The keys of what somebody teaches, learns, is invited to, and of what is for all, each by its index: joined by OR,
        all meetings would be read.
        """
        audiences = [
            Audience.EVERYONE,
            *([Audience.TEACHERS] if user.is_teacher else []),
            *([Audience.STUDENTS] if user.is_student else []),
        ]
        meetings = self.model.objects
        return [
            meetings.filter(teacher=user).values("pk"),
            meetings.filter(group__in=Group.objects.visible_to(user).values("pk"), audience=Audience.CLASS).values(
                "pk"
            ),
            meetings.filter(registrants__user=user, registrants__is_invited=True).values("pk"),
            meetings.filter(audience__in=audiences).values("pk"),
        ]

    def unfinished(self) -> Self:
        """Meetings whose spec is not yet true on Zoom and that go on by themselves."""
        return self.filter(sync_status=SyncStatus.PENDING)


# Without the pause of a host between two meetings, which nobody who reads the history asks for.
@keeps_history(*(name for name in DECIDED if name != "gap_minutes"), "seat", "wanted", in_numbers=True)
class Meeting(models.Model):
    """
    What should be on Zoom, and what is known of it.

    The spec: everything up to `revision`, which counts its changes. `starts_at` is the first session and, read in
    `timezone`, the wall time that all sessions of `rule` (an RFC 5545 RRULE, "" for a single session) keep. The sessions
    themselves are `Occurrence` rows. `location` is where it is held instead of at Zoom: an address on the web, or a room in
    words; "" is at Zoom.

    The knowledge: everything from `synced_revision`. `zoom_host` is where the Zoom meeting is, or where an unfinished
    create (`create_started_at`) may have put it. Only the reconciler writes these. `start_url` is never kept: it
    carries a host's token. `zoom_overrules` notes which settings Zoom keeps otherwise (`meeting_settings.overruled`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    teacher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="meetings")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="meetings")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    timezone = models.CharField(max_length=64)
    rule = models.CharField(max_length=200, blank=True)
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.CLASS)
    registration = models.BooleanField(default=False)
    zoom_settings = models.JSONField(default=dict, blank=True)
    seat = models.ForeignKey(HostSeat, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings")
    gap_minutes = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=LONGEST_LOCATION, blank=True, default="", db_default="")
    wanted = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)

    synced_revision = models.PositiveIntegerField(default=0)
    sync_status = models.CharField(max_length=16, choices=SyncStatus.choices, default=SyncStatus.PENDING)
    sync_error = models.TextField(blank=True)
    sync_error_code = models.CharField(max_length=64, blank=True)
    sync_failures = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    zoom_host = models.ForeignKey(ZoomHost, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    create_started_at = models.DateTimeField(null=True, blank=True)
    zoom_meeting_id = models.CharField(max_length=32, blank=True)
    join_url = models.TextField(blank=True)
    password = models.CharField(max_length=32, blank=True)
    registration_url = models.TextField(blank=True)
    zoom_overrules = models.JSONField(default=dict, db_default={}, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["zoom_meeting_id"],
                condition=~models.Q(zoom_meeting_id=""),
                name="one_meeting_per_zoom_meeting",
            ),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=1, duration_minutes__lte=1440),
                name="meeting_lasts_a_minute_to_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=~models.Q(sync_status="synced"), name="meeting_unsynced"
            ),
            models.Index(fields=["audience"], condition=~models.Q(audience="class"), name="meeting_for_many"),
            # Who is missing at Zoom is looked for four times a minute, and most meetings register nobody.
            models.Index(
                fields=["sync_status"],
                condition=models.Q(registration=True, wanted=True),
                name="meeting_registering",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        """The timezone whose wall time the sessions keep."""
        return ZoneInfo(self.timezone)

    @property
    def zoom_account_id(self) -> str:
        """Zoom's id of the account it is, or may be, in; "" while it has been in none."""
        return self.zoom_host.account.account_id if self.zoom_host is not None else ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is held somewhere else than at Zoom, which then has no meeting for it."""
        return bool(self.location)

    @property
    def location_url(self) -> str:
        """The address to go to instead of Zoom's, "" where there is none."""
        return self.location if self.location.startswith(("https://", "http://")) else ""

    @property
    def room(self) -> str:
        """The room in words in which it is held, "" for what is held online."""
        return "" if self.location_url else self.location

    @property
    def zoom_number(self) -> str:
        """Zoom's number of it, "" while it is not held there; what Zoom still has of one that was, nobody is to enter."""
        return "" if self.is_elsewhere else self.zoom_meeting_id

    @property
    def can_be_entered(self) -> bool:
        """Whether there is a link to it: Zoom's, or its own."""
        return self.wanted and bool(self.location_url or self.zoom_number)

    @property
    def ends_after_minutes(self) -> int | None:
        """After how many minutes Zoom ends it, where that is sooner than planned: its host has no licence. None otherwise."""
        is_cut_short = self.seat is not None and self.seat.host.is_basic and self.duration_minutes > FREE_MINUTES
        return FREE_MINUTES if is_cut_short and self.wanted else None

    @property
    def sync_error_in_words(self) -> str:
        """What went wrong at Zoom, in the active language; what Zoom said as Zoom said it. "" for nothing."""
        if self.sync_error == reasons.HOST_LIMIT and self.next_attempt_at is not None:
            return reasons.told(self.sync_error, {"day": date_format(self.next_attempt_at.astimezone(UTC), "j F")})
        return reasons.told(self.sync_error)

    @property
    def zooms_words(self) -> str:
        """What Zoom said went wrong, in English; "" when it said nothing."""
        return reasons.zooms_words(self.sync_error)

    @property
    def is_recurring(self) -> bool:
        """Whether it is a series on Zoom, even when one session is left of it."""
        return bool(self.rule)
