"""Where a session is held while Zoom has no meeting for it."""

from django.db import models

from classbell.meetings.models.occurrence import Occurrence


class BackupRoom(models.Model):
    """
    The room elsewhere that was given out for one session, because Zoom had no meeting shortly before it.

    `url` is kept, so that a changed setting does not part a class. Whoever knows `token` may come in, as with Zoom's own
    links. `used_at` is the first click into it: from then on it stays, whatever Zoom does; until then it is withdrawn as
    soon as Zoom has the meeting.
    """

    occurrence = models.OneToOneField(
        Occurrence, primary_key=True, on_delete=models.CASCADE, related_name="backup_room"
    )
    token = models.CharField(max_length=64, unique=True)
    url = models.CharField(max_length=500)
    reason_code = models.CharField(max_length=64, blank=True)
    given_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(withdrawn_at=None),
                name="used_backup_rooms_are_not_withdrawn",
            )
        ]

    def __str__(self) -> str:
        return f"Backup room of {self.occurrence}"
