"""Scheduling a meeting together with the people who are invited to it by name."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from classbell.accounts.models import User
from classbell.meetings.models import Meeting, Registrant
from classbell.meetings.services import MeetingSpec, want_meeting
from classbell.meetings.signals import sessions_planned


def schedule_meeting(spec: MeetingSpec, *, invited: Collection[User] = (), now: datetime) -> Meeting:
    """
    Want a meeting that expects these people beside those of its audience, who hear of it; the caller goes on to `sync_now`.

    Raises TeacherBusy, CannotBeOneSeries; then nothing is left behind.
    """
    with transaction.atomic():
        meeting = want_meeting(spec, now=now, soon=True)
        Registrant.objects.bulk_create(Registrant(meeting=meeting, user=person) for person in invited)
        sessions_planned.send(Meeting, meeting_ids=[meeting.pk])
    return meeting
