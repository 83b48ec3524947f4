"""People a meeting expects by name."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classbell import reasons
from classbell.ids import uuid7
from classbell.meetings.models.meeting import Meeting


class RegistrantStatus(models.TextChoices):
    """How far the registration at Zoom is; `invited` needs none."""

    INVITED = "invited", _("Invited")
    PENDING = "pending", _("On its way to Zoom")
    APPROVED = "approved", _("Registered at Zoom")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Refused by Zoom")


class Registrant(models.Model):
    """
    One person whom a meeting expects by name, beside the members of its group.

    Where registration is on, it holds Zoom's registrant id and the personal link, which is a secret of that person, or in
    `error` why there is none, with `error_facts` where the sentence is ours. Those with `is_invited` are expected in their
    own right, the others while they are in the meeting's group.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="registrants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="registrations")
    status = models.CharField(max_length=16, choices=RegistrantStatus.choices, default=RegistrantStatus.INVITED)
    zoom_registrant_id = models.CharField(max_length=64, blank=True)
    join_url = models.TextField(blank=True)
    error = models.TextField(blank=True)
    error_facts = models.JSONField(null=True, blank=True)
    is_invited = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_registrant_per_person")]

    def __str__(self) -> str:
        return f"{self.user} in {self.meeting}"

    @property
    def error_in_words(self) -> str:
        """Why there is no registration, in the active language; "" for nothing."""
        is_zooms = self.error_facts is None and self.zooms_words
        return reasons.told(reasons.ZOOM_REFUSED, {}) if is_zooms else reasons.told(self.error, self.error_facts)

    @property
    def zooms_words(self) -> str:
        """What Zoom said about it, in English; "" for nothing."""
        return reasons.zooms_words(self.error, self.error_facts)
