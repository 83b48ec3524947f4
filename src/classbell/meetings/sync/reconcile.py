"""
Make Zoom agree with one meeting's spec: the only code that creates, changes or deletes meetings at Zoom.

Level-triggered: it looks at what should be and what is, and takes the next step, so it may run at any time, twice, or
after a crash at any line. One process at a time works on a meeting (an advisory lock); no transaction is open while Zoom
is asked; outcomes are recorded only for the revision they were made for.

The one step that cannot be repeated is Zoom's create. Right before it is sent, `create_started_at` is committed; while that
mark stands, the meeting is first looked for on its host by the marker in its agenda. Zoom may still be working on a request
we lost sight of, so nothing is concluded from its absence while such a request could still be under way.
"""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from classbell import reasons
from classbell.meetings.hosts.budget import turn_of
from classbell.meetings.locks import MEETING_LOCKS, advisory_lock, meeting_key
from classbell.meetings.meeting_settings import overruled
from classbell.meetings.meeting_settings.inherited import held_at_zoom
from classbell.meetings.models import Meeting, SyncStatus, ZoomHost
from classbell.meetings.signals import meeting_failed, meeting_synced
from classbell.meetings.sync.gateway import in_account
from classbell.meetings.sync.spec import ZoomSpec, marked_meeting, meeting_changes, occurrence_changes, zoom_spec_of
from classbell.meetings.sync.zoom_recurrence import CannotBeOneSeries
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import (
    ZoomBusy,
    ZoomCircuitOpen,
    ZoomDailyLimit,
    ZoomError,
    ZoomInvalid,
    ZoomNotConfigured,
    ZoomNotFound,
    ZoomScopeMissing,
    ZoomUnauthorized,
)
from classbell.zoom.models import Meeting as ZoomMeeting

log = structlog.get_logger(__name__)

# How much longer than a request of ours may last we wait before we call a lost create a failed one.
CREATE_SETTLES_WITHIN: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(seconds=60)
ACCOUNT_TROUBLE_PAUSE: Final = timedelta(minutes=5)
IN_PROGRESS_PAUSE: Final = timedelta(minutes=2)
# Zoom's code for a meeting that cannot be deleted because it runs.
IN_PROGRESS: Final = 3002
# Zoom's older code for an alternative host who cannot be one.
ALTERNATIVE_HOST: Final = 1114
# Times the spec may change under our hands before we leave the rest to the job of that change.
PASSES: Final = 3

# Troubles of the account or the settings: no meeting's own fault, over as soon as somebody mends them.
ACCOUNT_TROUBLES = (ZoomNotConfigured, ZoomUnauthorized, ZoomScopeMissing)


class ZoomDisagrees(Exception):
    """Zoom accepted what was asked and still shows something else."""


class StillInProgress(Exception):
    """Zoom does not remove a meeting while people are in its room; whoever is there stays until it ends."""

    def __init__(self) -> None:
        super().__init__(reasons.STILL_IN_PROGRESS)


class CreateNotSettled(Exception):
    """A create of ours may still be on its way; it is too early to say that it failed."""

    def __init__(self, settles_at: datetime) -> None:
        self.settles_at = settles_at
        super().__init__("an earlier create may still be on its way")


# It was not this meeting's turn yet: no attempt of it has failed.
NOBODYS_FAILURES = (ZoomBusy, ZoomCircuitOpen, ZoomDailyLimit, CreateNotSettled, StillInProgress)


def reconcile(
    meeting_id: UUID,
    client: ZoomClient,
    *,
    verify: bool = False,
    lock_wait_seconds: float = 0.0,
    clock: Callable[[], datetime] = timezone.now,
) -> SyncStatus:
    """
    Bring Zoom to what the meeting should be and return how it then stands.

    `client` says how urgent it is; what is in another account than its own is asked of that one's client. `verify` looks at
    Zoom even when the spec was already fulfilled (the nightly sweep). Zoom's failures are recorded on
    the meeting, with the time of the next attempt, and not raised.

    Raises LockBusy when another process is at this meeting, Meeting.DoesNotExist.
    """
    with advisory_lock(MEETING_LOCKS, meeting_key(meeting_id), wait_seconds=lock_wait_seconds):
        for _pass in range(PASSES):
            meeting = Meeting.objects.select_related("seat__host__account", "zoom_host__account").get(pk=meeting_id)
            if meeting.synced_revision == meeting.revision and not verify:
                break
            try:
                _take_steps(meeting, client, clock)
            except (ZoomError, ZoomDisagrees, CreateNotSettled, StillInProgress, CannotBeOneSeries) as error:
                _record_failure(meeting, error, clock())
                break
            if _record_success(meeting, clock()):
                break
        return SyncStatus(Meeting.objects.values_list("sync_status", flat=True).get(pk=meeting_id))


def _take_steps(meeting: Meeting, client: ZoomClient, clock: Callable[[], datetime]) -> None:
    if meeting.create_started_at is not None:
        _resolve_unfinished_create(meeting, client, clock)
    if not meeting.wanted or meeting.is_elsewhere or meeting.seat is None:
        _remove(meeting, client)
        return
    spec = zoom_spec_of(meeting, list(meeting.occurrences.all()), now=clock(), settings=held_at_zoom(meeting))
    if spec is None:
        return
    shown = _shown(meeting, client)
    if shown is not None and (shown.host_id, meeting.zoom_account_id) != _seat_at_zoom(meeting):
        _remove(meeting, client)
        shown = None
    client = in_account(client, meeting.seat.host.account.account_id)
    shown = _create(meeting, spec, client, clock) if shown is None else _update(meeting, spec, shown, client, clock)
    _note_overruled(meeting, spec, shown, clock())
    for change in occurrence_changes(spec, shown.occurrences):
        if change.body is None:
            client.delete_meeting(meeting.zoom_meeting_id, occurrence_id=change.occurrence_id)
        else:
            client.update_meeting(
                meeting.zoom_meeting_id, change.body, occurrence_id=change.occurrence_id, host_id=shown.host_id
            )


def _seat_at_zoom(meeting: Meeting) -> tuple[str, str]:
    """Return Zoom's ids of the user and, of a meeting that is known to be in one, the account that are to hold it."""
    assert meeting.seat is not None  # noqa: S101 -- the caller has looked
    host = meeting.seat.host
    return host.zoom_user_id, host.account.account_id if meeting.zoom_host is not None else ""


def _where_it_is(meeting: Meeting, client: ZoomClient) -> ZoomClient:
    """Return the client of the account that a meeting is, or may be, in."""
    return in_account(client, meeting.zoom_account_id or client.account_id)


def _shown(meeting: Meeting, client: ZoomClient) -> ZoomMeeting | None:
    """Return the meeting as Zoom has it, or None when there is none (any more)."""
    if not meeting.zoom_meeting_id:
        return None
    try:
        return _where_it_is(meeting, client).get_meeting(meeting.zoom_meeting_id)
    except ZoomNotFound:
        log.warning("meeting_lost_on_zoom", meeting=str(meeting.pk), zoom_meeting_id=meeting.zoom_meeting_id)
        _forget(meeting)
        return None


def _create(meeting: Meeting, spec: ZoomSpec, client: ZoomClient, clock: Callable[[], datetime]) -> ZoomMeeting:
    assert meeting.seat is not None  # noqa: S101 -- the caller has looked
    host = meeting.seat.host

    def leave_word() -> None:
        _save(meeting, zoom_host=host, create_started_at=clock())

    try:
        created = client.create_meeting(host.zoom_user_id, spec.create_body(), before_sending=leave_word)
    except ZoomError as error:
        if not error.may_have_happened:
            _save(meeting, create_started_at=None)
        raise
    _know(meeting, created)
    log.info("meeting_created_on_zoom", meeting=str(meeting.pk), zoom_meeting_id=created.id, host=host.email)
    return created


def _resolve_unfinished_create(meeting: Meeting, client: ZoomClient, clock: Callable[[], datetime]) -> None:
    """Find out what became of a create whose answer we never saw; adopt the meeting if it is there."""
    assert meeting.create_started_at is not None and meeting.zoom_host is not None  # noqa: S101, PT018 -- set together
    found = _find_marked(meeting, meeting.zoom_host, _where_it_is(meeting, client))
    if found is not None:
        log.info("meeting_adopted", meeting=str(meeting.pk), zoom_meeting_id=found.id)
        _know(meeting, found)
        return
    settles_at = meeting.create_started_at + settings.ENVIRONMENT.zoom_request_timeout + CREATE_SETTLES_WITHIN
    if clock() < settles_at:
        raise CreateNotSettled(settles_at)
    _save(meeting, create_started_at=None)


def _find_marked(meeting: Meeting, host: ZoomHost, client: ZoomClient) -> ZoomMeeting | None:
    for summary in client.iter_meetings(host.zoom_user_id, type="scheduled"):
        if marked_meeting(summary) == meeting.pk:
            return client.get_meeting(summary.id)
    return None


def _update(
    meeting: Meeting, spec: ZoomSpec, shown: ZoomMeeting, client: ZoomClient, clock: Callable[[], datetime]
) -> ZoomMeeting:
    notes, locks = meeting.zoom_overrules, _locks(meeting)
    settled = overruled.settled(notes, spec.settings, shown.settings, locks=locks, now=clock())
    changes = meeting_changes(spec, shown, without=settled)
    if changes:
        client.update_meeting(meeting.zoom_meeting_id, changes, host_id=shown.host_id)
        # An update answers nothing, and Zoom overrules some specs without a word: look again.
        shown = client.get_meeting(meeting.zoom_meeting_id)
        left = meeting_changes(spec, shown)
        if "start_time" in left:
            raise ZoomDisagrees(reasons.OTHER_TIMES)
    _know(meeting, shown)
    return shown


def _note_overruled(meeting: Meeting, spec: ZoomSpec, shown: ZoomMeeting, now: datetime) -> None:
    """Remember which settings Zoom keeps otherwise, so that it is not asked for them every night."""
    notes = meeting.zoom_overrules
    found = overruled.noted(notes, spec.settings, shown.settings, locks=_locks(meeting), now=now)
    if found != notes:
        _save(meeting, zoom_overrules=found)
        log.info("settings_overruled_by_zoom", meeting=str(meeting.pk), settings=sorted(found))


def _locks(meeting: Meeting) -> overruled.Locks:
    return meeting.seat.host.account.locks if meeting.seat is not None else None


def _remove(meeting: Meeting, client: ZoomClient) -> None:
    if meeting.zoom_meeting_id:
        try:
            _where_it_is(meeting, client).delete_meeting(meeting.zoom_meeting_id)
        except ZoomNotFound:
            pass  # Gone already is what was asked for.
        except ZoomInvalid as error:
            if error.code != IN_PROGRESS:
                raise
            raise StillInProgress from error
        else:
            log.info("meeting_deleted_on_zoom", meeting=str(meeting.pk), zoom_meeting_id=meeting.zoom_meeting_id)
    _forget(meeting)


def _know(meeting: Meeting, shown: ZoomMeeting) -> None:
    _save(
        meeting,
        create_started_at=None,
        zoom_meeting_id=shown.id,
        join_url=shown.join_url or "",
        password=shown.password or "",
        registration_url=shown.registration_url or "",
    )


def _forget(meeting: Meeting) -> None:
    # The passcode stays while the meeting is wanted: made again, here or on another host, it has the one people know.
    _save(
        meeting,
        zoom_meeting_id="",
        join_url="",
        password=meeting.password if meeting.wanted else "",
        registration_url="",
        zoom_overrules={},
    )


def _save(meeting: Meeting, **knowledge: object) -> None:
    """Write what is known of Zoom, never the spec, which others may be changing at this moment."""
    for name, value in knowledge.items():
        setattr(meeting, name, value)
    Meeting.objects.filter(pk=meeting.pk).update(**knowledge)


def _record_success(meeting: Meeting, now: datetime) -> bool:
    """Mark this revision fulfilled; False when the spec has changed meanwhile and wants another pass."""
    placed = meeting.seat is not None or not meeting.wanted or meeting.is_elsewhere
    outcome = SyncStatus.SYNCED if meeting.wanted else SyncStatus.REMOVED
    with transaction.atomic():
        recorded = Meeting.objects.filter(pk=meeting.pk, revision=meeting.revision).update(
            synced_revision=meeting.revision if placed else meeting.synced_revision,
            sync_status=outcome if placed else SyncStatus.FAILED,
            sync_error="" if placed else reasons.NO_HOST_FREE,
            sync_error_code="" if placed else "no_host_free",
            sync_failures=0,
            next_attempt_at=None,
            synced_at=now if placed else meeting.synced_at,
        )
        if recorded:
            _announce(meeting, outcome if placed else SyncStatus.FAILED)
    return bool(recorded)


def _announce(meeting: Meeting, status: SyncStatus) -> None:
    """Tell how a meeting stands now, unless it stood so before."""
    if status == SyncStatus.SYNCED and (
        meeting.sync_status != SyncStatus.SYNCED or meeting.synced_revision != meeting.revision
    ):
        meeting_synced.send(Meeting, meeting_id=meeting.pk)
    if status == SyncStatus.FAILED and meeting.sync_status != SyncStatus.FAILED:
        meeting_failed.send(Meeting, meeting_id=meeting.pk)


def _record_failure(meeting: Meeting, error: Exception, now: datetime) -> None:
    """Keep what went wrong, in words for people, and when to try again; None means that a person must act."""
    failures = meeting.sync_failures + (0 if isinstance(error, NOBODYS_FAILURES) else 1)
    next_attempt_at = turn_of(meeting, now=now) if _is_host_limit(error) else _next_attempt(error, failures, now)
    status = SyncStatus.PENDING if next_attempt_at else SyncStatus.FAILED
    with transaction.atomic():
        recorded = Meeting.objects.filter(pk=meeting.pk, revision=meeting.revision).update(
            sync_status=status,
            sync_error=_what_is_wrong(error),
            sync_error_code=error_code(error),
            sync_failures=failures,
            next_attempt_at=next_attempt_at,
        )
        if recorded:
            _announce(meeting, status)
    log.warning(
        "meeting_not_synced",
        meeting=str(meeting.pk),
        error=error_code(error),
        detail=str(error),
        next_attempt_at=next_attempt_at and next_attempt_at.isoformat(),
    )


def _what_is_wrong(error: Exception) -> str:
    if _is_host_limit(error):
        return reasons.HOST_LIMIT
    return reasons.CO_HOST_REFUSED if _is_about_co_hosts(error) else str(error)


def _is_about_co_hosts(error: Exception) -> bool:
    """Whether Zoom refused a meeting for somebody who is to host it too; its number for that has changed over the years."""
    about = "alternative" in str(error).lower()
    return isinstance(error, ZoomInvalid) and (error.code == ALTERNATIVE_HOST or about)


def _is_host_limit(error: Exception) -> bool:
    return isinstance(error, ZoomDailyLimit) and error.scope == "host"


def _next_attempt(error: Exception, failures: int, now: datetime) -> datetime | None:
    if isinstance(error, CreateNotSettled):
        return error.settles_at
    if isinstance(error, (StillInProgress, *ACCOUNT_TROUBLES)):
        return now + (IN_PROGRESS_PAUSE if isinstance(error, StillInProgress) else ACCOUNT_TROUBLE_PAUSE)
    if not isinstance(error, ZoomError):
        return None
    if error.retry_after is not None:
        return now + timedelta(seconds=error.retry_after + random.uniform(0, 5))  # noqa: S311 -- spreads retries
    if not error.retryable:
        return None
    pause = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(failures, 10)))
    return now + pause * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads retries


def error_code(error: Exception) -> str:
    """Return the stable snake_case code of a failure: ZoomCircuitOpen → zoom_circuit_open."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
