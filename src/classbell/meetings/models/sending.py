"""What all processes share about sending to Zoom: turns, budgets, the circuit, the token."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SendSlot(models.Model):
    """The next free turn of one kind of request of one account (`key`), as handed out by the limiter."""

    key = models.CharField(max_length=120, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class DailyBudget(models.Model):
    """How many requests of a kind (`key`: an account's heavy ones, a host's writes) went out on one UTC day."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=120)
    day = models.DateField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="one_budget_per_day")]

    def __str__(self) -> str:
        return f"{self.key} {self.day}: {self.used}"


class Circuit(models.Model):
    """Whether an account's Zoom seems to be up. `open_until` in the future: nobody asks."""

    account_id = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.failures} failures"


class ZoomToken(models.Model):
    """An account's access token, encrypted with the installation's secret key."""

    account_id = models.CharField(max_length=64, primary_key=True)
    ciphertext = models.BinaryField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} until {self.expires_at}"


class ZoomTrouble(models.TextChoices):
    """What keeps a whole account from working: only a person can mend the first two."""

    NONE = "", _("None")
    CREDENTIALS = "credentials", _("Zoom refuses the credentials")
    SCOPES = "scopes", _("The Zoom app lacks a permission")
    UNAVAILABLE = "unavailable", _("Zoom does not answer")


class ZoomHealth(models.Model):
    """
    How an account's Zoom is, as everybody here knows it: what the latest check or the latest failed call found.

    `since` is when the trouble began, `told_at` when admins were told of it. `fingerprint` names the credentials that were
    tried: what is known of others says nothing. `missing` are the scopes to add, by purpose.
    """

    account_id = models.CharField(max_length=64, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    checked_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=16, choices=ZoomTrouble.choices, blank=True, default="")
    error = models.TextField(blank=True)
    since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    user_id = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=254, blank=True)
    missing = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.account_id}: {self.trouble or 'well'}"


class Refusal(models.Model):
    """
    How often somebody was refused, by kind. Told that they ask too fast (429): we by Zoom as `zoom_…`, others by a limit as
    `limit_…`, or named by what they asked for. Not taken in at all: `front_door:…` (`config/not_taken_in.py`).
    """

    kind = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveBigIntegerField()
    latest_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}: {self.count}"


class Reading(models.Model):
    """
    How far behind Zoom was at one moment: meetings on their way to it, meetings waiting for a person, and the changes sent
    to all hosts since midnight UTC.
    """

    taken_at = models.DateTimeField(primary_key=True)
    pending = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    changes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.taken_at}: {self.pending} pending, {self.failed} failed"
