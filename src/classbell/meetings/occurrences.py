"""Changes to one session of a meeting; the rest of its series stays."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.errors import DomainError
from classbell.meetings import claims, jobs
from classbell.meetings.clashes import teacher_busy
from classbell.meetings.errors import HostBusy, OccurrenceOver
from classbell.meetings.hosts import pool
from classbell.meetings.locations import checked_location
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import ClaimKind, Meeting, Occurrence, OccurrenceStatus
from classbell.meetings.schedule import retake_teachers_time
from classbell.meetings.services import bump_revision, locked_meeting
from classbell.meetings.signals import (
    occurrence_held_again,
    occurrence_held_elsewhere,
    occurrence_moved,
    occurrences_cancelled,
    substitute_asked,
)


class CannotTeach(DomainError):
    """The person is no teacher, or no longer."""

    code = "cannot_teach"


def move_occurrence(
    *,
    occurrence_id: UUID,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    teacher: User | None = None,
    now: datetime,
) -> Occurrence:
    """
    Hold one session at another time or for longer or shorter, None being as it is; the rest of the series stays. Its teacher
    must be free then. Where the Zoom host is not, the meeting goes to another one that is.

    `teacher` holds it from now on, as `let_substitute`; None: whoever did. What is so already changes nothing and is
    nobody's news.

    Raises TeacherBusy, CannotTeach, OccurrenceOver, HostBusy.
    """
    with transaction.atomic():
        wait_for_other_moves()
        occurrence, meeting = _locked_occurrence(occurrence_id, now)
        before = occurrence.starts_at, occurrence.ends_at
        substitute = occurrence.substitute
        length = occurrence.ends_at - occurrence.starts_at
        if duration_minutes is not None:
            length = timedelta(minutes=duration_minutes)
        occurrence.starts_at = starts_at or occurrence.starts_at
        occurrence.ends_at = occurrence.starts_at + length
        if teacher is not None:
            _put_in_charge(teacher, occurrence)
        is_moved = (occurrence.starts_at, occurrence.ends_at) != before
        if not is_moved and occurrence.substitute == substitute:
            return occurrence
        claims.release(occurrence_ids=[occurrence.pk], kind=ClaimKind.SEAT)
        occurrence.is_exception = True
        occurrence.save(update_fields=["starts_at", "ends_at", "is_exception", "substitute"])
        _take_time(occurrence, meeting, now)
        if is_moved:
            occurrence_moved.send(Occurrence, occurrence_id=occurrence.pk)
    return occurrence


def cancel_occurrence(*, occurrence_id: UUID, reason: str, now: datetime) -> Occurrence:
    """
    Call one session off; the rest of the series stays.

    Raises OccurrenceOver.
    """
    with transaction.atomic():
        occurrence, meeting = _locked_occurrence(occurrence_id, now)
        claims.release(occurrence_ids=[occurrence.pk])
        occurrence.status = OccurrenceStatus.CANCELLED
        occurrence.cancellation_reason, occurrence.is_exception = reason[:200], True
        occurrence.save(update_fields=["status", "cancellation_reason", "is_exception"])
        bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk], batch=False)
        occurrences_cancelled.send(Occurrence, occurrence_ids=[occurrence.pk])
    return occurrence


def hold_again(*, occurrence_id: UUID, now: datetime) -> Occurrence:
    """
    Take back that one session was cancelled: it is held at its time, by whom it was. Safe to repeat.

    Raises OccurrenceOver when its time has come, TeacherBusy and HostBusy when that time is somebody else's by now, and
    MeetingNotWanted when the whole meeting was cancelled.
    """
    with transaction.atomic():
        wait_for_other_moves()
        meeting = locked_meeting(Occurrence.objects.values_list("meeting_id", flat=True).get(pk=occurrence_id))
        occurrence = Occurrence.objects.select_related("substitute").get(pk=occurrence_id)
        occurrence.meeting = meeting
        if not occurrence.is_cancelled:
            return occurrence
        if occurrence.starts_at <= now:
            raise OccurrenceOver(_("The time of this session has come; it can no longer be put back."))
        occurrence.status, occurrence.cancellation_reason = OccurrenceStatus.SCHEDULED, ""
        occurrence.is_exception = occurrence.substitute is not None or _stands_out(occurrence)
        occurrence.save(update_fields=["status", "cancellation_reason", "is_exception"])
        _take_time(occurrence, meeting, now)
        occurrence_held_again.send(Occurrence, occurrence_id=occurrence.pk)
    return occurrence


def let_substitute(*, occurrence_id: UUID, teacher: User, now: datetime) -> Occurrence:
    """
    Let somebody else hold one session, also one that has begun; the meeting's own teacher takes it back.

    The substitute's time is taken and the teacher's is free, or the other way round. The Zoom meeting, its host and its
    links stay as they are.

    Raises TeacherBusy, CannotTeach, OccurrenceOver.
    """
    with transaction.atomic():
        wait_for_other_moves()
        occurrence, meeting = _locked_occurrence(occurrence_id, now, begun_too=True)
        _put_in_charge(teacher, occurrence)
        occurrence.is_exception = occurrence.substitute is not None or _stands_out(occurrence)
        occurrence.save(update_fields=["substitute", "is_exception"])
        meeting.save(update_fields=["updated_at"])  # Calendars ask when what they show was changed.
        refused = retake_teachers_time([occurrence])
        if refused:
            raise teacher_busy(refused, [occurrence])
    return occurrence


def hold_elsewhere(*, occurrence_id: UUID, location: str, now: datetime) -> Occurrence:
    """
    Hold one session by another link or in a room, or with "" where its series is held; the rest of the series stays. Held
    elsewhere it gives its host back and is no session at Zoom; held there again, it takes a host as one that is moved does.

    Raises LocationRefused, OccurrenceOver, HostBusy.
    """
    place = checked_location(location)
    with transaction.atomic():
        wait_for_other_moves()
        occurrence, meeting = _locked_occurrence(occurrence_id, now)
        if occurrence.location == place:
            return occurrence
        occurrence.location = place
        occurrence.is_exception = occurrence.substitute is not None or _stands_out(occurrence)
        occurrence.save(update_fields=["location", "is_exception"])
        claims.release(occurrence_ids=[occurrence.pk], kind=ClaimKind.SEAT)
        if not place and not meeting.is_elsewhere and not pool.hold_seat(meeting, [occurrence], now=now):
            raise HostBusy
        bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk], batch=False)
        occurrence_held_elsewhere.send(Occurrence, occurrence_id=occurrence.pk)
    return occurrence


def change_occurrence(
    *,
    occurrence_id: UUID,
    starts_at: datetime | None = None,
    duration_minutes: int | None = None,
    teacher: User | None = None,
    location: str | None = None,
    now: datetime,
) -> None:
    """
    Hold one session at another time or in another place, or let another teacher hold it, who is told; what is None stays.

    The meeting's own teacher takes it back. The caller goes on to `sync_now`. Raises TeacherBusy, CannotTeach,
    OccurrenceOver, HostBusy, LocationRefused; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        if location is not None:
            hold_elsewhere(occurrence_id=occurrence_id, location=location, now=now)
        before = Occurrence.objects.get(pk=occurrence_id)
        if starts_at or duration_minutes:
            after = move_occurrence(
                occurrence_id=occurrence_id,
                starts_at=starts_at,
                duration_minutes=duration_minutes,
                teacher=teacher,
                now=now,
            )
        elif teacher is not None:
            after = let_substitute(occurrence_id=occurrence_id, teacher=teacher, now=now)
        else:
            return
        is_changed = any(
            getattr(before, name) != getattr(after, name) for name in ("starts_at", "ends_at", "substitute_id")
        )
        if teacher is not None and after.substitute is not None and is_changed:
            substitute_asked.send(Occurrence, occurrence_id=occurrence_id)


def _take_time(occurrence: Occurrence, meeting: Meeting, now: datetime) -> None:
    """Claim its teacher and a host for a saved session, and have Zoom follow. Raises TeacherBusy and HostBusy."""
    refused = retake_teachers_time([occurrence])
    if refused:
        raise teacher_busy(refused, [occurrence])
    if not pool.hold_seat(meeting, [occurrence], now=now):
        raise HostBusy
    bump_revision(meeting, now)
    jobs.defer_reconcile([meeting.pk], batch=False)


def _put_in_charge(teacher: User, occurrence: Occurrence) -> None:
    if not (teacher.is_active and (teacher.is_teacher or teacher.is_admin)):
        raise CannotTeach(_("%(name)s cannot teach: choose a teacher.") % {"name": teacher.name})
    group = occurrence.meeting.group
    if group is not None and group.memberships.filter(user=teacher).exists():
        raise CannotTeach(_("%(name)s learns in this group: choose another teacher.") % {"name": teacher.name})
    occurrence.substitute = teacher if teacher.pk != occurrence.meeting.teacher_id else None


def _stands_out(occurrence: Occurrence) -> bool:
    """Whether a session is held at another time, for longer or shorter, or in another place, than its series."""
    length = timedelta(minutes=occurrence.meeting.duration_minutes)
    slot = occurrence.original_starts_at
    return bool(occurrence.location) or (occurrence.starts_at, occurrence.ends_at) != (slot, slot + length)


def _locked_occurrence(occurrence_id: UUID, now: datetime, *, begun_too: bool = False) -> tuple[Occurrence, Meeting]:
    meeting = locked_meeting(Occurrence.objects.values_list("meeting_id", flat=True).get(pk=occurrence_id))
    occurrence = Occurrence.objects.select_related("substitute").get(pk=occurrence_id)
    occurrence.meeting = meeting
    too_late = occurrence.ends_at if begun_too else occurrence.starts_at
    if occurrence.is_cancelled or too_late <= now:
        raise OccurrenceOver(_("This session has started, or was cancelled; it can no longer be changed."))
    return occurrence, meeting
