"""Changes to one sitting of a meeting; the rest of its series stays."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.meetings import claims, hosts, tasks
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.refusals import HostBusy, OccurrenceOver, TeacherBusy
from classbell.meetings.schedule import teacher_claims
from classbell.meetings.services import clashes_by_meeting, locked_meeting, wish_anew


def move_occurrence(*, occurrence_id: UUID, starts_at: datetime, duration_minutes: int, now: datetime) -> Occurrence:
    """
    Hold one sitting at another time; the rest of the series stays. Its seat and its teacher must be free then.

    Raises TeacherBusy, OccurrenceOver, HostBusy.
    """
    with transaction.atomic():
        wait_for_other_moves()
        occurrence, meeting = _locked_occurrence(occurrence_id, now)
        claims.release(occurrence_ids=[occurrence.pk])
        occurrence.starts_at, occurrence.ends_at = starts_at, starts_at + timedelta(minutes=duration_minutes)
        occurrence.is_exception = True
        occurrence.save(update_fields=["starts_at", "ends_at", "is_exception"])
        refused = claims.take(teacher_claims([occurrence]))
        if refused:
            raise TeacherBusy(meeting.teacher, clashes_by_meeting(refused, [occurrence])[meeting.pk])
        if meeting.seat is not None and claims.take([hosts.seat_claim(meeting, occurrence)]):
            raise HostBusy(_("The Zoom host of this meeting has another one at that time; choose another time."))
        wish_anew(meeting, now)
        tasks.defer_reconcile([meeting.pk], batch=False)
    return occurrence


def cancel_occurrence(*, occurrence_id: UUID, reason: str, now: datetime) -> Occurrence:
    """
    Call one sitting off; the rest of the series stays.

    Raises OccurrenceOver.
    """
    with transaction.atomic():
        occurrence, meeting = _locked_occurrence(occurrence_id, now)
        claims.release(occurrence_ids=[occurrence.pk])
        occurrence.status = OccurrenceStatus.CANCELLED
        occurrence.cancellation_reason, occurrence.is_exception = reason[:200], True
        occurrence.save(update_fields=["status", "cancellation_reason", "is_exception"])
        wish_anew(meeting, now)
        tasks.defer_reconcile([meeting.pk], batch=False)
    return occurrence


def _locked_occurrence(occurrence_id: UUID, now: datetime) -> tuple[Occurrence, Meeting]:
    meeting = locked_meeting(Occurrence.objects.values_list("meeting_id", flat=True).get(pk=occurrence_id))
    occurrence = Occurrence.objects.get(pk=occurrence_id)
    occurrence.meeting = meeting
    if occurrence.is_cancelled or occurrence.starts_at <= now:
        raise OccurrenceOver(_("This sitting has started, or was cancelled; it can no longer be changed."))
    return occurrence, meeting
