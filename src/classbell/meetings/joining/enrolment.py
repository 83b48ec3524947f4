"""Registering a class's students for its meetings: one while somebody waits for the answer, or all of them by jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings import jobs
from classbell.meetings.audience import expected_people
from classbell.meetings.changes import change_meeting
from classbell.meetings.joining.registration import is_open, register_everybody
from classbell.meetings.locks import LockBusy
from classbell.meetings.models import Meeting, Registrant, RegistrantStatus
from classbell.meetings.services import sync_now
from classbell.reasons import of_zoom
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError

LOCK_WAIT_SECONDS: Final = 5.0
# How long somebody waits for one student's registrations; what is left then the jobs do.
REGISTRATION_SECONDS: Final = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """One meeting of a student's registration; `reason` says why it did not work, "" when it did."""

    meeting: Meeting
    reason: str


def register_student(*, student: User, group: Group, client: ZoomClient, now: datetime) -> list[Registration]:
    """
    Register one student for all coming meetings of a class, now; meetings without registration get it.

    What Zoom cannot do now is said, and done later by the meeting's job. Call it without a transaction.
    """
    results = []
    for meeting in coming_meetings(group, now=now):
        _expect(meeting, student)
        if not meeting.registration:
            change_meeting(meeting_id=meeting.pk, changes={"registration": True}, now=now, soon=True)
            sync_now(meeting.pk)
        reason = _register_now(meeting.pk, student, client)
        results.append(Registration(meeting=meeting, reason=reason))
    return results


def register_class(*, group: Group, now: datetime) -> int:
    """
    Have everybody registered for the coming meetings of a class, by the meetings' jobs; meetings without registration get it.

    Returns for how many meetings. Safe to repeat: who is registered stays so.
    """
    with transaction.atomic():
        coming = list(coming_meetings(group, now=now))
        for meeting in coming:
            if not meeting.registration:
                change_meeting(meeting_id=meeting.pk, changes={"registration": True}, now=now)
        jobs.defer_registration([meeting.pk for meeting in coming if meeting.registration])
    return len(coming)


def coming_meetings(group: Group, *, now: datetime) -> QuerySet[Meeting]:
    """Return a class's meetings that have a session to come, the earliest first."""
    coming = Meeting.objects.filter(group=group, wanted=True, occurrences__ends_at__gt=now).distinct()
    return coming.order_by("starts_at", "pk")


def _expect(meeting: Meeting, student: User) -> None:
    """Whoever is in the class that a meeting is for is expected anyway; anybody else is from now on."""
    is_expected = expected_people(meeting).filter(pk=student.pk).exists()
    wanted = {"status": RegistrantStatus.PENDING} | ({} if is_expected else {"is_invited": True})
    Registrant.objects.update_or_create(
        meeting=meeting, user=student, defaults=wanted, create_defaults={"is_invited": False} | wanted
    )


def _register_now(meeting_id: UUID, student: User, client: ZoomClient) -> str:
    """Return "" when the student is registered, else why not."""
    meeting = Meeting.objects.get(pk=meeting_id)
    if not is_open(meeting):
        return _("Zoom has this meeting not ready yet; the student is registered as soon as it does.")
    try:
        outcome = register_everybody(meeting_id, client, lock_wait_seconds=LOCK_WAIT_SECONDS)
    except LockBusy:
        return _("Others are being registered for this meeting just now; the student follows.")
    except ZoomError as error:
        return of_zoom(error)
    return (
        "" if student.pk in outcome.registered else outcome.failed.get(student.pk, _("Zoom does not list the student."))
    )
