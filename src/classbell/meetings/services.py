"""
Every change of what should be on Zoom. The spec, its sessions, its claims and the job that makes it true commit together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.holidays.locks import hold_holidays
from classbell.holidays.queries import Holidays, holidays_from
from classbell.meetings import claims, jobs
from classbell.meetings.clashes import clashes_by_meeting
from classbell.meetings.errors import Clash, MeetingNotWanted, TeacherBusy
from classbell.meetings.hosts import pool
from classbell.meetings.locations import checked_location
from classbell.meetings.locks import LockBusy
from classbell.meetings.models import (
    DECIDED,
    Audience,
    ClaimKind,
    Meeting,
    Occurrence,
    OccurrenceStatus,
    SyncStatus,
)
from classbell.meetings.queries import account_of_meeting
from classbell.meetings.recurrence import ZOOM_MAX_OCCURRENCES
from classbell.meetings.schedule import ahead, lay_out, teacher_claims
from classbell.meetings.signals import occurrences_cancelled
from classbell.meetings.sync.gateway import is_configured, zoom_in_request
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.sync.zoom_recurrence import to_zoom
from classbell.zoom.errors import ZoomBusy, ZoomNotConfigured

SPEC_COLUMNS = [
    *DECIDED,
    "seat",
    "wanted",
    "revision",
    "sync_status",
    "sync_error",
    "sync_error_code",
    "sync_failures",
    "next_attempt_at",
    "updated_at",
]

# What the request does itself, its job only does when the request could not.
HEAD_START_OF_REQUESTS = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingSpec:
    """
    A meeting as somebody wants it.

    `starts_at` is aware; its wall time in `timezone` is kept by all sessions of `rule` (RFC 5545, "" for one session).
    `location` is where it is held instead of at Zoom, "" for Zoom.
    `cancelled` maps local dates on which it does not take place to the reason. `shared` lets the teacher be booked twice,
    which only admins may ask for.
    """

    teacher: User
    title: str
    starts_at: datetime
    duration_minutes: int
    timezone: str
    rule: str = ""
    description: str = ""
    group: Group | None = None
    audience: Audience = Audience.CLASS
    registration: bool = False
    zoom_settings: Mapping[str, object] = field(default_factory=dict)
    gap_minutes: int = 0
    location: str = ""
    cancelled: Mapping[date, str] = field(default_factory=dict)
    shared: bool = False

    def fields(self) -> dict[str, Any]:
        """Return the values of the Meeting columns this spec decides. Raises LocationRefused."""
        columns = {name: getattr(self, name) for name in DECIDED}
        return columns | {
            "title": self.title[:200],
            "zoom_settings": dict(self.zoom_settings),
            "location": checked_location(self.location),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What became of one spec of a batch: its meeting, or the clashes that prevented it."""

    meeting: Meeting | None
    clashes: tuple[Clash, ...] = ()


def want_meeting(spec: MeetingSpec, *, now: datetime, soon: bool = False) -> Meeting:
    """
    Want one meeting. With `soon`, the caller goes on to `sync_now` and the job waits for it.

    Raises TeacherBusy, CannotBeOneSeries.
    """
    with transaction.atomic():
        (outcome,) = want_meetings([spec], now=now, batch=False, soon=soon)
        if outcome.meeting is None:
            raise TeacherBusy(spec.teacher, outcome.clashes)
        return outcome.meeting


def want_meetings(
    specs: Sequence[MeetingSpec], *, now: datetime, batch: bool = True, soon: bool = False
) -> list[Wanted]:
    """
    Want many meetings at once, in a constant number of statements; answers stand in the order of the specs.

    A spec whose teacher is taken leaves nothing behind and does not stop the others. A meeting for which no host is free
    is kept and says so. Of one that is held elsewhere Zoom never hears.

    Raises CannotBeOneSeries, LocationRefused.
    """
    meetings = [Meeting(**spec.fields(), next_attempt_at=now) for spec in specs]
    for meeting in meetings:
        if meeting.is_elsewhere:
            meeting.sync_status, meeting.synced_revision = SyncStatus.SYNCED, meeting.revision
            meeting.next_attempt_at = None
    with transaction.atomic():
        holidays = _holidays_of(specs)
        laid_out = [
            lay_out(meeting, cancelled=spec.cancelled, holidays=holidays)
            for meeting, spec in zip(meetings, specs, strict=True)
        ]
        for meeting, occurrences in zip(meetings, laid_out, strict=True):
            check_schedule(meeting, ahead(occurrences, now))
        Meeting.objects.bulk_create(meetings)
        Occurrence.objects.bulk_create([o for occurrences in laid_out for o in occurrences], batch_size=5000)
        refused = claims.take(
            claim
            for spec, occurrences in zip(specs, laid_out, strict=True)
            for claim in teacher_claims(occurrences, shared=spec.shared)
        )
        clashes = clashes_by_meeting(refused, [o for occurrences in laid_out for o in occurrences])
        Meeting.objects.filter(pk__in=clashes).delete()
        kept = [meeting for meeting in meetings if meeting.pk not in clashes]
        held = [
            o for occurrences in laid_out for o in occurrences if o.meeting_id not in clashes and not o.is_cancelled
        ]
        pool.place(kept, held)
        at_zoom = [meeting.pk for meeting in kept if not meeting.is_elsewhere]
        jobs.defer_reconcile(at_zoom, batch=batch, at=after_request(now) if soon else None)
    return [
        Wanted(meeting=None, clashes=tuple(clashes[meeting.pk])) if meeting.pk in clashes else Wanted(meeting=meeting)
        for meeting in meetings
    ]


def _holidays_of(specs: Sequence[MeetingSpec]) -> Holidays:
    """Return the holidays that concern series, until the end of the transaction all there are; nothing for single dates."""
    first = min((spec.starts_at for spec in specs if spec.rule), default=None)
    if first is None:
        return Holidays([])
    hold_holidays()
    return holidays_from(first)


def cancel_meeting(*, meeting_id: UUID, now: datetime, reason: str = "", batch: bool = False) -> Meeting:
    """Stop wanting a meeting: its coming sessions are cancelled and its time is free. Safe to repeat."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting_id)
        if not meeting.wanted:
            return meeting
        coming = list(meeting.occurrences.taking_place().filter(starts_at__gt=now).values_list("pk", flat=True))
        claims.release(occurrence_ids=coming)
        Occurrence.objects.filter(pk__in=coming).update(
            status=OccurrenceStatus.CANCELLED, cancellation_reason=reason[:200]
        )
        meeting.wanted = False
        bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk], batch=batch)
        if coming and not batch:
            occurrences_cancelled.send(Meeting, occurrence_ids=coming)
    return meeting


def retry_sync(*, meeting_id: UUID, now: datetime) -> None:
    """Try again now, whatever was recorded before; a meeting without a host is placed first if it can be."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting_id)
        if meeting.wanted and meeting.seat is None:
            pool.place([meeting], _unclaimed(meeting, now))
        # Whoever asks again wants Zoom to be asked for everything again.
        Meeting.objects.filter(pk=meeting_id).update(zoom_overrules={})
        bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk], batch=False)


def sync_again(*, meeting_id: UUID, now: datetime, soon: bool = False) -> None:
    """
    Compare a meeting with Zoom, whatever was recorded before: what differs is put right, and what Zoom kept otherwise is
    asked for again. With `soon`, the caller goes on to `sync_now` with `verify`, and the job waits for it.

    Raises MeetingNotWanted.
    """
    with transaction.atomic():
        meeting = locked_meeting(meeting_id)
        if meeting.sync_status != SyncStatus.SYNCED:
            retry_sync(meeting_id=meeting_id, now=now)
            return
        Meeting.objects.filter(pk=meeting_id).update(zoom_overrules={})
        jobs.defer_reconcile([meeting.pk], batch=False, at=after_request(now) if soon else None, verify=True)


def place_unhosted(*, now: datetime) -> int:
    """Give seats to the coming meetings that have none, now that there may be more hosts. Returns how many got one."""
    with transaction.atomic():
        coming = Occurrence.objects.filter(
            starts_at__gt=now, meeting__wanted=True, meeting__seat=None, meeting__location=""
        )
        waiting = list(
            Meeting.objects.filter(pk__in=coming.values("meeting"))
            .select_related("teacher")
            .select_for_update(of=("self",), skip_locked=True)
        )
        still_waiting = pool.place(waiting, [o for meeting in waiting for o in _unclaimed(meeting, now)])
        placed = [meeting for meeting in waiting if meeting not in still_waiting]
        for meeting in placed:
            bump_revision(meeting, now)
        jobs.defer_reconcile([meeting.pk for meeting in placed], batch=True)
    return len(placed)


def sync_now(meeting_id: UUID, *, verify: bool = False) -> SyncStatus:
    """
    Make a meeting true within this request, for at most ZOOM_INLINE_TIMEOUT, and say how it stands then.

    `verify` looks at Zoom even where nothing was changed here. Never raises for Zoom's sake: what cannot be done now, the
    meeting's job does later. Call it without a transaction.
    """
    deadline = settings.ENVIRONMENT.zoom_inline_timeout.total_seconds()
    if not is_configured():
        return SyncStatus.PENDING
    try:
        with zoom_in_request(account_of_meeting(meeting_id)) as client:
            return reconcile(meeting_id, client, verify=verify, lock_wait_seconds=deadline)
    except (LockBusy, ZoomBusy, ZoomNotConfigured):
        return SyncStatus.PENDING


def locked_meeting(meeting_id: UUID) -> Meeting:
    """
    Return the meeting with its row locked, for a change of its spec. Raises MeetingNotWanted.

    What it points to is read afterwards: joined to a row that was waited for, it would be as of before the wait.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting_id)
    if not meeting.wanted:
        raise MeetingNotWanted(_("This meeting was cancelled; make a new one."))
    return meeting


def bump_revision(meeting: Meeting, now: datetime) -> None:
    """Save the spec as its next revision. What is known of Zoom is the reconciler's and stays untouched."""
    meeting.revision = F("revision") + 1  # an expression, until refreshed below
    meeting.sync_status = SyncStatus.PENDING
    meeting.sync_error, meeting.sync_error_code, meeting.sync_failures = "", "", 0
    meeting.next_attempt_at = now
    meeting.save(update_fields=SPEC_COLUMNS)
    meeting.refresh_from_db(fields=["revision"])


def _unclaimed(meeting: Meeting, now: datetime) -> list[Occurrence]:
    return ahead(meeting.occurrences.exclude(claims__kind=ClaimKind.SEAT), now)


def check_schedule(meeting: Meeting, coming: Sequence[Occurrence]) -> None:
    """Refuse now what Zoom could never be asked for. Raises CannotBeOneSeries."""
    if meeting.rule and coming and not meeting.is_elsewhere:
        shown = min(len(coming), ZOOM_MAX_OCCURRENCES)
        to_zoom(meeting.rule, occurrences_left=shown, starts_at=meeting.starts_at.astimezone(meeting.zone))


def after_request(now: datetime) -> datetime:
    """Return when the job of a change begins whose request goes on to `sync_now`."""
    inline: timedelta = settings.ENVIRONMENT.zoom_inline_timeout
    return now + inline + HEAD_START_OF_REQUESTS
