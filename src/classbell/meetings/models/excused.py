"""From what somebody is excused, as judging is told."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from classbell.groups.models import Group
from classbell.meetings.models.meeting import Meeting
from classbell.meetings.models.occurrence import Occurrence


class ExcusedTime(models.Model):
    """
    One accepted excuse: `user` is excused from `occurrence` whenever it is held, or from whatever sessions reach into
    [starts_at, ends_at): those of one `meeting`, of one `group`, or all. There is a row for as long as the excuse is
    accepted; its key is the excuse's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    occurrence = models.ForeignKey(Occurrence, null=True, on_delete=models.CASCADE, related_name="+")
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["user", "ends_at"], name="excused_times_of_a_person")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="excused_time_in_order")]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at} to {self.ends_at}"
