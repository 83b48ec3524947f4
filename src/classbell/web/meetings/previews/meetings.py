"""What changing a meeting would come to: done by the engine, shown, and taken back; and the meeting as it is."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.meetings.changes import MeetingChanges, change_meeting
from classbell.meetings.errors import TeacherBusy
from classbell.meetings.models import Meeting, Occurrence
from classbell.rehearsal import rehearsal
from classbell.web.kit.previews import Plan, PlannedOccurrence, notes_of, plan_of, summary


def plan_as_it_is(meeting: Meeting, *, now: datetime, first_weekday: int) -> Plan:
    """Return the coming sessions as they are; of a cancelled meeting, that it can no longer be changed. One statement."""
    if not meeting.wanted:
        return Plan(refusal=_("This meeting was cancelled; make a new one."))
    coming = meeting.occurrences.filter(starts_at__gt=now).order_by("starts_at")
    return _plan(meeting, coming, first_weekday=first_weekday)


def rehearse_change(meeting: Meeting, changes: MeetingChanges, *, now: datetime, first_weekday: int) -> Plan:
    """Return the coming sessions as they would be after these changes; what the engine refuses, with what is in the way."""
    zone = meeting.zone
    try:
        with rehearsal():
            changed = change_meeting(meeting_id=meeting.pk, changes=changes, now=now)
            coming = list(changed.occurrences.filter(starts_at__gt=now).order_by("starts_at"))
    except TeacherBusy as error:
        clashing = [
            PlannedOccurrence(
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                kind="bad",
                why=one.said,
            )
            for one in error.clashes
        ]
        return plan_of(clashing, zone=zone, first_weekday=first_weekday, sentence=str(error))
    except DomainError as error:
        return Plan(refusal=str(error))
    return _plan(changed, coming, first_weekday=first_weekday)


def _plan(meeting: Meeting, coming: Iterable[Occurrence], *, first_weekday: int) -> Plan:
    occurrences = [
        PlannedOccurrence(
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            kind="off" if one.is_cancelled else "ok",
            why=_("Cancelled") if one.is_cancelled else "",
        )
        for one in coming
    ]
    return plan_of(
        occurrences,
        zone=meeting.zone,
        first_weekday=first_weekday,
        sentence=summary(occurrences),
        notes=notes_of(meeting),
    )
