"""The database's answer to whom a meeting expects."""

from django.conf import settings
from django.db import models

from classbell.meetings.models.meeting import Meeting


class Expected(models.Model):
    """
    One person whom one meeting expects: a row of a view, never written. What it says is told in `meetings.audience`.

    Ask it for given meetings: nobody needs it for all of them, and the view is made anew each time.
    """

    pk = models.CompositePrimaryKey("meeting", "user")
    meeting = models.ForeignKey(Meeting, on_delete=models.DO_NOTHING, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False
        db_table = "meetings_expected"

    def __str__(self) -> str:
        return f"{self.user} at {self.meeting}"
