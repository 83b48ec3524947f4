"""What comes from a timetable file."""

from django.db import models

from classbell.groups.models import Group
from classbell.ids import uuid7
from classbell.meetings.models import Meeting


class Section(models.Model):
    """
    One row of an imported timetable: a weekly class.

    `code` is its name in the file and finds it again at the next import. `removed_at` is when it was pruned because the
    file no longer had it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=100, unique=True)
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="section")
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="section")
    imported_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
