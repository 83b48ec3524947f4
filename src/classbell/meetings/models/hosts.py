"""The Zoom accounts we may use and the users in them that can host."""

from datetime import timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell.groups.models import Group
from classbell.ids import uuid7

# Zoom ends the meetings of users without a licence (Basic) after this.
FREE_MINUTES: Final = 40
FREE_TIME: Final = timedelta(minutes=FREE_MINUTES)


class ZoomPlan(models.TextChoices):
    """What an account pays for, which decides how much Zoom takes in a day."""

    FREE = "free", _("Free")
    PRO = "pro", _("Pro")
    BUSINESS = "business", _("Business, Education or Enterprise")
    UNLIMITED = "unlimited", _("No limits: for simulators")


class LostBecause(models.TextChoices):
    """Why a teacher's own Zoom is ours to use no more."""

    REFUSED = "refused", _("Zoom takes the permission no longer: it was taken back there, or has run out.")
    INTERRUPTED = "interrupted", _("The connection broke off while Zoom renewed the permission.")
    REMOVED = "removed", _("The app was removed at Zoom.")
    DISCONNECTED = "disconnected", _("It was disconnected here.")


class ZoomAccountQuerySet(models.QuerySet["ZoomAccount"]):
    """Filters that read after the noun."""

    def set_up(self) -> Self:
        """
        Those with credentials: of an app, as admins have added them, or by consent; the settings' own is not among them.
        """
        return self.exclude(client_id="")

    def added(self) -> Self:
        """Those that admins have added with an app's credentials."""
        return self.set_up().filter(by_consent=False)


class ZoomAccount(models.Model):
    """
    One account at Zoom. Hosts, tokens and limits belong to it. `account_id` is Zoom's own id.

    What stands from `name` to `sealed` (the secrets, encrypted) is of accounts that admins have added; the settings have it
    of the first. Without an `api_url` and `oauth_url` it is asked where the first is. One `by_consent` is a teacher's own
    Zoom, of which `sealed` has the refresh token: `owner` lets us hold their meetings there, as the only host. Since
    `lost_at` that is over, and its owner and the admins were told at `lost_told_at`; `refreshing_since` is when Zoom was
    asked for tokens and nothing was heard yet. `locks` is what it has for the settings of meetings and whether that is
    locked, null where we may not read it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100, blank=True, db_default="", default="")
    client_id = models.CharField(max_length=128, blank=True, db_default="", default="")
    plan = models.CharField(max_length=16, choices=ZoomPlan.choices, db_default=ZoomPlan.PRO, default=ZoomPlan.PRO)
    seats_per_host = models.PositiveSmallIntegerField(db_default=1, default=1)
    sdk_key = models.CharField(max_length=128, blank=True, db_default="", default="")
    api_url = models.CharField(max_length=500, blank=True, db_default="", default="")
    oauth_url = models.CharField(max_length=500, blank=True, db_default="", default="")
    sealed = models.BinaryField(blank=True, db_default=b"", default=b"")
    by_consent = models.BooleanField(db_default=False, default=False)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="own_zoom"
    )
    connected_at = models.DateTimeField(null=True, blank=True)
    refreshing_since = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    lost_because = models.CharField(max_length=16, choices=LostBecause.choices, blank=True, db_default="", default="")
    lost_told_at = models.DateTimeField(null=True, blank=True)
    hosts_read_at = models.DateTimeField(null=True, blank=True)
    locks = models.JSONField(null=True, blank=True)

    objects = ZoomAccountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or self.account_id


class UserApp(models.Model):
    """The app at Zoom that teachers consent to, as an admin has entered it: one row at most, its secrets encrypted."""

    ONLY: Final = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    client_id = models.CharField(max_length=128)
    sealed = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return self.client_id


class AccountBinding(models.Model):
    """A group, or a teacher, whose new meetings are held in one account only; a group's goes before its teacher's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ZoomAccount, on_delete=models.CASCADE, related_name="bindings")
    group = models.OneToOneField(Group, null=True, on_delete=models.CASCADE, related_name="zoom_binding")
    teacher = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="zoom_binding"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group=None, teacher__isnull=False) | models.Q(group__isnull=False, teacher=None),
                name="bound_is_a_group_or_a_teacher",
            )
        ]

    def __str__(self) -> str:
        return f"{self.group or self.teacher}: {self.account}"


class ZoomHostQuerySet(models.QuerySet["ZoomHost"]):
    """Filters that read after the noun."""

    def usable(self) -> Self:
        """Hosts that Zoom lets hold meetings, if only for a while."""
        return self.filter(models.Q(is_licensed=True) | models.Q(is_basic=True), is_active=True)


class ZoomHost(models.Model):
    """
    A Zoom user who can host meetings.

    Hosts in the pool serve any teacher; the others only the teacher whose own Zoom user they are. A Basic one has no licence:
    it runs one meeting at a time, which Zoom ends after `FREE_MINUTES`. `capacity` is how many people Zoom lets into a
    meeting of theirs, null while nobody knows.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ZoomAccount, on_delete=models.PROTECT, related_name="hosts")
    zoom_user_id = models.CharField(max_length=64)
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    is_licensed = models.BooleanField(default=True)
    is_basic = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    in_pool = models.BooleanField(default=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    capacity_read_at = models.DateTimeField(null=True, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)

    objects = ZoomHostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "zoom_user_id"], name="one_host_per_zoom_user")]
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email


class HostSeat(models.Model):
    """One meeting that a host can run at a time; a host who may run two has two seats. Its id is what claims name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.ForeignKey(ZoomHost, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "number"], name="one_seat_per_number")]
        ordering = ["host__email", "number"]

    def __str__(self) -> str:
        return f"{self.host} · {self.number}"


class ForeignMeeting(models.Model):
    """A coming meeting of one of our hosts that somebody made elsewhere: shown to admins, and its time is claimed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.ForeignKey(ZoomHost, on_delete=models.CASCADE, related_name="foreign_meetings")
    zoom_meeting_id = models.CharField(max_length=32)
    topic = models.CharField(max_length=300)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    is_recurring = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "zoom_meeting_id"], name="foreign_meeting_seen_once")]
        ordering = ["starts_at"]

    def __str__(self) -> str:
        return self.topic
