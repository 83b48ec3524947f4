"""What Zoom told us, kept as it came until it has been understood."""

from django.db import models
from django.db.models.functions import Now

from classbell.ids import uuid7


class WebhookEvent(models.Model):
    """
    One verified webhook of Zoom.

    `body` is what was sent, without network addresses and whatever opens a recording. `digest` is the SHA-256 of the raw
    bytes: a repeat is refused by it. Of the events of a running meeting, `zoom_instance_uuid` names the run and
    `connection` the participant's connection in it; both are empty otherwise. `happened_at` is Zoom's time of it. `signed_by`
    is the account whose secret it was signed with, by Zoom's id; "": not known.

    Until `processed_at` is set it is taken up again from `due_at` on; `error` says why it has not worked yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.TextField()
    digest = models.BinaryField(unique=True)
    body = models.JSONField()
    zoom_meeting_id = models.TextField(blank=True)
    zoom_instance_uuid = models.TextField(blank=True)
    connection = models.TextField(blank=True)
    signed_by = models.CharField(max_length=64, blank=True, db_default="", default="")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(db_default=0)
    error = models.TextField(blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["happened_at"], condition=models.Q(processed_at=None), name="webhook_event_unprocessed"
            ),
            models.Index(fields=["zoom_instance_uuid", "connection"], name="webhook_event_of_connection"),
            models.Index(fields=["zoom_meeting_id"], name="webhook_event_of_meeting"),
            # How long Zoom has been silent is looked up each minute, and what is too old is looked for each night.
            models.Index(fields=["received_at"], name="webhook_event_received"),
        ]

    def __str__(self) -> str:
        return self.event
