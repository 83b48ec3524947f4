"""What people are told when their class is held in a backup room, and when it is not any more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from classbell.accounts.models import User
from classbell.meetings.audience import expected_people
from classbell.meetings.joining.backup import room_now
from classbell.meetings.models import Occurrence
from classbell.notices.models import Notice
from classbell.notices.services import tell
from classbell.notices.texts import Kind


def tell_given(*, occurrence_id: UUID, now: datetime) -> None:
    """
    Tell the teacher and whom a session expects where it is held instead of at Zoom. Safe to repeat; says nothing when the
    room has been withdrawn by now.
    """
    occurrence = _occurrence(occurrence_id)
    offer = room_now(occurrence.meeting, now=now)
    if offer is None:
        return
    path = reverse("meeting-backup", args=[occurrence.meeting_id])
    _tell_all(occurrence, Kind.BACKUP_ROOM_GIVEN, path=path, since=offer.since, now=now)


def tell_withdrawn(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell those who were sent to a backup room that the class is at Zoom after all. Safe to repeat."""
    occurrence = _occurrence(occurrence_id)
    if room_now(occurrence.meeting, now=now) is not None:
        return
    path = reverse("meeting-join", args=[occurrence.meeting_id])
    _tell_all(occurrence, Kind.BACKUP_ROOM_WITHDRAWN, path=path, since=occurrence.backup_room.given_at, now=now)


def _occurrence(occurrence_id: UUID) -> Occurrence:
    return Occurrence.objects.select_related("meeting", "backup_room").get(pk=occurrence_id)


def _tell_all(occurrence: Occurrence, kind: Kind, *, path: str, since: datetime, now: datetime) -> None:
    facts = {"title": occurrence.meeting.title, "time": occurrence.starts_at.isoformat()}
    with transaction.atomic():
        expected = expected_people(occurrence.meeting).order_by().values("pk")
        people = User.objects.filter(Q(pk__in=expected) | Q(pk=occurrence.teacher_id), is_active=True)
        # By this job before it crashed.
        told = Notice.objects.filter(path=path, created_at__gte=since).values("user")
        for person in people.exclude(pk__in=told).order_by("pk"):
            tell(person, kind, facts, path=path, now=now)
