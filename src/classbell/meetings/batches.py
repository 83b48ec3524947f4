"""Changes of many meetings at once, in a constant number of statements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from classbell.accounts.models import User
from classbell.meetings import claims, jobs
from classbell.meetings.clashes import teacher_busy
from classbell.meetings.hosts import pool
from classbell.meetings.locks import wait_for_other_moves
from classbell.meetings.models import ClaimKind, Meeting, Occurrence, OccurrenceStatus, SyncStatus
from classbell.meetings.schedule import retake_teachers_time
from classbell.meetings.signals import occurrences_cancelled


def cancel_meetings(*, meeting_ids: Collection[UUID], now: datetime, reason: str = "") -> int:
    """
    Stop wanting those of these meetings that have sessions to come; their time is free. Whom they expected hears of all of
    it at once. Returns how many. Safe to repeat.
    """
    with transaction.atomic():
        meetings = _locked(meeting_ids)
        coming = _coming(meetings, now)
        stopped = {occurrence.meeting_id for occurrence in coming}
        occurrences = [occurrence.pk for occurrence in coming]
        claims.release(occurrence_ids=occurrences)
        Occurrence.objects.filter(pk__in=occurrences).update(
            status=OccurrenceStatus.CANCELLED, cancellation_reason=reason[:200]
        )
        Meeting.objects.filter(pk__in=stopped).update(wanted=False)
        _bump_revisions(stopped, now)
        if occurrences:
            occurrences_cancelled.send(Meeting, occurrence_ids=occurrences)
    return len(stopped)


def cancel_occurrences(*, occurrence_ids: Collection[UUID], now: datetime, reason: str = "") -> int:
    """
    Cancel these sessions, of any meetings, that are still to come; the rest of each series stays. Whom they expected hears of
    all of it at once. Returns how many. Safe to repeat.
    """
    with transaction.atomic():
        meetings = _locked(Occurrence.objects.filter(pk__in=occurrence_ids).values_list("meeting", flat=True))
        wanted = set(occurrence_ids)
        coming = [occurrence for occurrence in _coming(meetings, now) if occurrence.pk in wanted]
        cancelled = [occurrence.pk for occurrence in coming]
        claims.release(occurrence_ids=cancelled)
        Occurrence.objects.filter(pk__in=cancelled).update(
            status=OccurrenceStatus.CANCELLED, cancellation_reason=reason[:200], is_exception=True
        )
        _bump_revisions({occurrence.meeting_id for occurrence in coming}, now)
        if cancelled:
            occurrences_cancelled.send(Occurrence, occurrence_ids=cancelled)
    return len(cancelled)


def hand_over(*, meeting_ids: Collection[UUID], teacher: User, now: datetime) -> int:
    """
    Let somebody else hold the coming sessions of these meetings. Returns of how many meetings.

    Each keeps its Zoom host, and so its links, where the host may serve that teacher or a session runs there now; the others
    get another one.

    Raises TeacherBusy with every clash; then nothing has changed.
    """
    with transaction.atomic():
        wait_for_other_moves()
        meetings = _locked(meeting_ids)
        coming = _coming(meetings, now)
        ahead = {occurrence.meeting_id for occurrence in coming}
        handed = [meeting for meeting in meetings if meeting.pk in ahead]
        Meeting.objects.filter(pk__in=ahead).update(teacher=teacher, updated_at=now)
        for meeting in handed:
            meeting.teacher = teacher
        refused = retake_teachers_time(coming)
        if refused:
            raise teacher_busy(refused, coming)
        _change_hosts(teacher, handed, coming, now)
    return len(handed)


def _change_hosts(teacher: User, meetings: Sequence[Meeting], coming: Sequence[Occurrence], now: datetime) -> None:
    open_to = {group: pool.seats_open_to(teacher, group) for group in {meeting.group_id for meeting in meetings}}
    running = set(Occurrence.objects.running(now).filter(meeting__in=meetings).values_list("meeting", flat=True))
    moving = [
        one
        for one in meetings
        if not one.is_elsewhere and one.seat_id not in open_to[one.group_id] and one.pk not in running
    ]
    theirs = {meeting.pk for meeting in moving}
    occurrences = [occurrence for occurrence in coming if occurrence.meeting_id in theirs]
    claims.release(occurrence_ids=[occurrence.pk for occurrence in occurrences], kind=ClaimKind.SEAT)
    pool.place(moving, occurrences)
    _bump_revisions(theirs, now)


def _bump_revisions(meeting_ids: Collection[UUID], now: datetime) -> None:
    """Make the present spec of these meetings their next revision, with the jobs that make it true."""
    Meeting.objects.filter(pk__in=meeting_ids).update(
        revision=F("revision") + 1,
        sync_status=SyncStatus.PENDING,
        sync_error="",
        sync_error_code="",
        sync_failures=0,
        next_attempt_at=now,
        updated_at=now,
    )
    jobs.defer_reconcile(sorted(meeting_ids), batch=True)


def _locked(meeting_ids: Iterable[UUID]) -> list[Meeting]:
    wanted = Meeting.objects.filter(pk__in=meeting_ids, wanted=True).order_by("pk")
    return list(wanted.select_for_update(of=("self",)))


def _coming(meetings: Sequence[Meeting], now: datetime) -> list[Occurrence]:
    """Return the sessions of these meetings that have not begun and take place, bound to these very objects."""
    by_id = {meeting.pk: meeting for meeting in meetings}
    coming = list(Occurrence.objects.taking_place().filter(meeting__in=by_id, starts_at__gt=now))
    for occurrence in coming:
        occurrence.meeting = by_id[occurrence.meeting_id]
    return coming
