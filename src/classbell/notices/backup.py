"""What people are told when their class is held in a backup room, and when it is not any more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.meetings.joining.backup import room_now
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import expected_people
from classbell.notices.models import Notice
from classbell.notices.services import Words, tell


def tell_given(*, occurrence_id: UUID, now: datetime) -> None:
    """
    Tell the teacher and whom a sitting expects where it is held instead of at Zoom. Safe to repeat; says nothing when the
    room has been withdrawn by now.
    """
    sitting = _sitting(occurrence_id)
    offer = room_now(sitting.meeting, now=now)
    if offer is None:
        return

    def words() -> tuple[str, str]:
        names = {"title": sitting.meeting.title, "time": date_format(localtime(sitting.starts_at), "H:i")}
        return (
            _("“%(title)s” is held in a backup room") % names,
            _("Zoom has no meeting for “%(title)s” at %(time)s. Class is held here instead; come in by this link.")
            % names,
        )

    _tell_all(sitting, words, path=reverse("meeting-backup", args=[sitting.meeting_id]), since=offer.since, now=now)


def tell_withdrawn(*, occurrence_id: UUID, now: datetime) -> None:
    """Tell those who were sent to a backup room that the class is at Zoom after all. Safe to repeat."""
    sitting = _sitting(occurrence_id)
    if room_now(sitting.meeting, now=now) is not None:
        return

    def words() -> tuple[str, str]:
        names = {"title": sitting.meeting.title, "time": date_format(localtime(sitting.starts_at), "H:i")}
        return (
            _("“%(title)s” is at Zoom after all") % names,
            _("Zoom is back before anybody went into the backup room. “%(title)s” at %(time)s is held at Zoom.")
            % names,
        )

    _tell_all(
        sitting,
        words,
        path=reverse("meeting-join", args=[sitting.meeting_id]),
        since=sitting.backup_room.given_at,
        now=now,
    )


def _sitting(occurrence_id: UUID) -> Occurrence:
    return Occurrence.objects.select_related("meeting", "backup_room").get(pk=occurrence_id)


def _tell_all(sitting: Occurrence, words: Words, *, path: str, since: datetime, now: datetime) -> None:
    with transaction.atomic():
        expected = expected_people(sitting.meeting).order_by().values("pk")
        people = User.objects.filter(Q(pk__in=expected) | Q(pk=sitting.teacher_id), is_active=True)
        # By this job before it crashed.
        told = Notice.objects.filter(path=path, created_at__gte=since).values("user")
        for person in people.exclude(pk__in=told).order_by("pk"):
            tell(person, words, path=path, now=now)
