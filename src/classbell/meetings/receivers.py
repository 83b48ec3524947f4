"""What the engine does when other modules announce something."""

from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from classbell.groups.models import Group
from classbell.groups.signals import membership_changed
from classbell.meetings import tasks
from classbell.meetings.models import Meeting


@receiver(membership_changed)
def register_members(group: Group, added: AbstractSet[UUID], removed: AbstractSet[UUID], **_kwargs: Any) -> None:
    """Who joins a class is registered for its coming meetings, who leaves it is taken out."""
    if added or removed:
        coming = Meeting.objects.filter(group=group, registration=True, wanted=True)
        ahead = coming.filter(occurrences__ends_at__gt=timezone.now()).distinct()
        tasks.defer_registration(list(ahead.values_list("pk", flat=True)))
