"""What happens to the meetings of a class when the class does."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.groups.services import archive_group
from classbell.meetings.models import Meeting
from classbell.meetings.services import cancel_meeting


def close_class(*, class_id: UUID, now: datetime) -> int:
    """
    Stop teaching a class: its coming sittings are cancelled, its records stay. Safe to repeat.

    Returns how many meetings were stopped. Raises NotThere.
    """
    with transaction.atomic():
        archive_group(group_id=class_id, now=now)
        coming = Meeting.objects.filter(group=class_id, wanted=True, occurrences__ends_at__gt=now)
        stopped = list(coming.values_list("pk", flat=True).distinct())
        for meeting_id in stopped:
            cancel_meeting(meeting_id=meeting_id, now=now, reason=_("The class was closed."))
    return len(stopped)
