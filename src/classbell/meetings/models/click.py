"""Clicks on "join"."""

from django.conf import settings
from django.db import models

from classbell.ids import uuid7
from classbell.meetings.models.meeting import Meeting


class JoinClick(models.Model):
    """Somebody said that they go in, or left. Not presence: it helps whoever looks into "I was there"."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="join_clicks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=8)
    clicked_at = models.DateTimeField()

    class Meta:
        ordering = ["clicked_at"]

    def __str__(self) -> str:
        return f"{self.user} {self.action}"
