"""What happens to the meetings of a class when the class does."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from classbell import reasons
from classbell.groups.services import archive_group
from classbell.meetings.batches import cancel_meetings
from classbell.meetings.models import Meeting


def close_class(*, class_id: UUID, now: datetime) -> int:
    """
    Stop teaching a class: its coming sessions are cancelled, its records stay. Safe to repeat.

    Returns how many meetings were stopped. Raises NotThere.
    """
    with transaction.atomic():
        archive_group(group_id=class_id, now=now)
        meetings = Meeting.objects.filter(group=class_id, wanted=True).values_list("pk", flat=True)
        return cancel_meetings(meeting_ids=list(meetings), now=now, reason=reasons.CLASS_CLOSED)
