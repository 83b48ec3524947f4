"""Background jobs of the meetings engine: load, one call, done. All may run twice."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.types import JSONDict

from classbell.jobs import RETRY_CRASHES, give_back
from classbell.meetings import consent, services, urgent
from classbell.meetings.attendance import policies, records
from classbell.meetings.hosts import pool
from classbell.meetings.jobs import (
    BATCH,
    END_CONSENT,
    RECALCULATE_ATTENDANCE,
    RECONCILE,
    RECORD_ATTENDANCE,
    REGISTER_PEOPLE,
    SETTLE_LOST,
    defer_attendance,
    defer_end_of_consent,
    defer_next_attempt,
    defer_recalculation,
    defer_reconcile,
    defer_registration,
)
from classbell.meetings.joining import backup, registration
from classbell.meetings.locks import LockBusy
from classbell.meetings.models import LostBecause, Meeting, Occurrence, SyncStatus, ZoomAccount, ZoomHost
from classbell.meetings.presence import identity, runs, zoom_report
from classbell.meetings.sync import account_locks, health, readings, sweeps
from classbell.meetings.sync.gateway import is_configured, zoom_client
from classbell.meetings.sync.reconcile import reconcile
from classbell.meetings.zoom_accounts import accounts, school_accounts
from classbell.zoom.client import ZoomClient
from classbell.zoom.errors import ZoomError
from classbell.zoom.limits import Priority

log = structlog.get_logger(__name__)

LOCKED_PAUSE = timedelta(seconds=2)
REGISTRATION_PAUSE = timedelta(seconds=30)
# Of who is gone, a consent is ended here alone only when Zoom has not answered for an hour.
TRIES_TO_END_CONSENT = 7
END_CONSENT_PAUSE = timedelta(minutes=10)
# A worker that has not been heard of for this long is dead; its jobs are taken up again.
SILENT_WORKER_SECONDS = 12.0
# Cron with seconds as its sixth field.
EVERY_QUARTER_MINUTE = "* * * * * */15"


@app.task(name=RECONCILE, queue="zoom", retry=RETRY_CRASHES)
def reconcile_meeting(*, meeting_id: str, batch: bool = True, verify: bool = False) -> None:
    """Make one meeting true; come back when it says when."""
    if not is_configured():
        return  # The meeting stays pending; the sweep takes it up once Zoom is configured.
    try:
        status = reconcile(UUID(meeting_id), _client(batch=batch), verify=verify)
        if status == SyncStatus.PENDING and urgent.begins_before_its_turn(UUID(meeting_id), now=timezone.now()):
            status = urgent.go_first(UUID(meeting_id), _client(), now=timezone.now())
    except LockBusy:
        defer_next_attempt(UUID(meeting_id), batch=batch, at=timezone.now() + LOCKED_PAUSE, verify=verify)
        return
    if status == SyncStatus.SYNCED and Meeting.objects.filter(pk=meeting_id, registration=True).exists():
        defer_registration([UUID(meeting_id)])
    if status == SyncStatus.PENDING:
        again_at = Meeting.objects.values_list("next_attempt_at", flat=True).get(pk=meeting_id)
        defer_next_attempt(UUID(meeting_id), batch=batch, at=again_at or timezone.now())


@app.task(name=REGISTER_PEOPLE, queue="zoom", retry=RETRY_CRASHES)
def register_people(*, meeting_id: str) -> None:
    """Make Zoom's registrants of one meeting those whom it expects; come back when Zoom could not do it now."""
    if not is_configured():
        return
    try:
        outcome = registration.register_everybody(UUID(meeting_id), _client())
        again = outcome.retryable
    except LockBusy:
        again = True
    except ZoomError as error:
        log.warning("registrants_not_synced", meeting=meeting_id, error=str(error))
        again = error.retryable
    if again:
        later = timezone.now() + REGISTRATION_PAUSE
        defer_registration([UUID(meeting_id)], at=later, unless_by=later)


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name="meetings.register_missing", queue="sweeps", queueing_lock="register_missing")
def register_missing(timestamp: int) -> None:
    """Meetings that expect somebody whom Zoom does not have yet: late members, and who left."""
    if is_configured():
        now = timezone.now()
        defer_registration(sweeps.meetings_lacking_registrants(now=now), unless_by=now + REGISTRATION_PAUSE)


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name="meetings.take_up_stuck", queue="sweeps", queueing_lock="take_up_stuck")
def take_up_stuck(timestamp: int) -> None:
    """Meetings whose job was lost get a new one."""
    if is_configured():
        defer_reconcile(sweeps.claim_stuck(now=timezone.now()), batch=True)


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name="meetings.retry_stalled_jobs", queue="sweeps", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Jobs that a killed worker held go back to the queue."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_WORKER_SECONDS):
        await give_back(manager, job)


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name="meetings.keep_backup_rooms", queue="sweeps", queueing_lock="keep_backup_rooms")
def keep_backup_rooms(timestamp: int) -> None:
    """Classes about to begin without Zoom get a room elsewhere; those that have Zoom after all give theirs back."""
    now = timezone.now()
    backup.give_due(now=now)
    backup.withdraw_unneeded(now=now)
    defer_attendance(backup.ended_unjudged(now=now))


@app.periodic(cron="* * * * *")
@app.task(name="meetings.take_reading", queue="sweeps", queueing_lock="take_reading")
def take_reading(timestamp: int) -> None:
    """Every minute: how far behind Zoom is, for the picture of it."""
    if is_configured():
        readings.take_reading(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="meetings.check_zoom", queue="sweeps", queueing_lock="check_zoom")
def check_zoom(timestamp: int) -> None:
    """Every minute: whether each account lets us in, answers, and its app has the permissions; admins hear when not."""
    if is_configured():
        for one in school_accounts():
            health.check(_client(one.account_id), now=timezone.now())
        health.announce(now=timezone.now())


@app.task(name=SETTLE_LOST, queue="sweeps", retry=RETRY_CRASHES)
def settle_lost_account(*, account_id: str) -> None:
    """Place elsewhere what a teacher's own Zoom held that is lost, and tell of it."""
    consent.settle_lost(UUID(account_id), now=timezone.now())


@app.task(name=END_CONSENT, queue="sweeps", retry=RETRY_CRASHES)
def end_consent(*, account_id: str, tries: int = TRIES_TO_END_CONSENT) -> None:
    """Disconnect the own Zoom of a teacher who is gone, at Zoom too; come back for a while when Zoom does not answer."""
    row = ZoomAccount.objects.filter(pk=account_id, lost_at=None).first()
    if row is None:
        return
    now, is_last = timezone.now(), tries >= TRIES_TO_END_CONSENT
    ended = consent.disconnect(row, because=LostBecause.DISCONNECTED, now=now, keep_until_ended=not is_last)
    if not ended and not is_last:
        defer_end_of_consent(row.pk, tries=tries + 1, at=now + END_CONSENT_PAUSE)


@app.periodic(cron="* * * * *")
@app.task(name="meetings.settle_what_ran", queue="sweeps", queueing_lock="settle_what_ran")
def settle_what_ran(timestamp: int) -> None:
    """Every minute: meetings of a lost account whose session ran then, and is over by now."""
    consent.settle_what_ran(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="meetings.read_hosts", queue="sweeps", queueing_lock="read_hosts")
def read_hosts(timestamp: int) -> None:
    """Every ten minutes: who may host; meetings that waited for a host get one."""
    if not is_configured():
        return
    for one in accounts():
        try:
            client = _client(one.account_id)
            if one.by_consent:
                health.check(client, now=timezone.now())
            pool.read_hosts(client, account_id=one.account_id, now=timezone.now())
            pool.read_capacities(client, account_id=one.account_id, now=timezone.now())
        except ZoomError as error:
            log.warning("hosts_not_read", account=one.name or one.account_id, error=str(error))
    services.place_unhosted(now=timezone.now())


@app.periodic(cron="17 2 * * *")
@app.task(name="meetings.sweep", queue="sweeps", queueing_lock="sweep", retry=RETRY_CRASHES)
def sweep(timestamp: int) -> None:
    """Every night: look at the accounts' locks and each host's meetings, then compare every coming meeting with its spec."""
    if not is_configured():
        return
    for one in school_accounts():
        account_locks.read_locks(_client(one.account_id), account_id=one.account_id)
    hosts = ZoomHost.objects.filter(is_active=True).values_list("pk", flat=True)
    arguments: list[JSONDict] = [{"host_id": str(pk)} for pk in hosts]
    if arguments:
        sweep_host.configure(priority=BATCH).batch_defer(*arguments)
    verify_coming()


@app.task(name="meetings.verify_coming", queue="zoom", retry=RETRY_CRASHES)
def verify_coming(*, after: str = str(sweeps.NIL)) -> None:
    """
    Compare the next few coming meetings with Zoom, those after one of them; go on in a job of its own behind theirs, so that
    the queue holds a few of them at a time, however many there are.
    """
    found = sweeps.meetings_to_verify(now=timezone.now(), after=UUID(after))
    with transaction.atomic():
        defer_reconcile(found, batch=True, verify=True)
        if found:
            verify_coming.configure(priority=BATCH).defer(after=str(found[-1]))


@app.task(name="meetings.sweep_host", queue="sweeps", retry=RETRY_CRASHES)
def sweep_host(*, host_id: str) -> None:
    """Look at everything scheduled under one host."""
    host = ZoomHost.objects.select_related("account").get(pk=host_id)
    try:
        sweeps.sweep_host(host, _client(), now=timezone.now())
    except ZoomError as error:
        log.warning("host_not_swept", host=host.email, error=str(error))
        if error.retryable:
            raise


@app.task(name=RECORD_ATTENDANCE, queue="attendance", retry=RETRY_CRASHES)
def record_attendance(*, occurrence_id: str) -> None:
    """Judge one session by everything known of it."""
    if Occurrence.objects.filter(pk=occurrence_id).exists():
        records.record_attendance(occurrence_id=UUID(occurrence_id), now=timezone.now())


@app.task(name=RECALCULATE_ATTENDANCE, queue="attendance", retry=RETRY_CRASHES)
def recalculate_attendance(*, policy_id: str) -> None:
    """Judge the next few of these sessions again; go on in a job of its own, so that what is told of today comes between."""
    if policies.recalculate_some(policy_id=UUID(policy_id), now=timezone.now()):
        defer_recalculation(UUID(policy_id))


@app.periodic(cron="* * * * *")
@app.task(name="meetings.fetch_due_reports", queue="sweeps", queueing_lock="fetch_due_reports")
def fetch_due_reports(timestamp: int) -> None:
    """Every minute: sessions that are over and whose report Zoom may have by now."""
    if not is_configured():
        return
    with transaction.atomic():
        for occurrence_id in zoom_report.claim_due(now=timezone.now()):
            fetch_report.configure(priority=BATCH).defer(occurrence_id=str(occurrence_id))


@app.task(name="meetings.fetch_report", queue="zoom", retry=RETRY_CRASHES)
def fetch_report(*, occurrence_id: str) -> None:
    """Ask Zoom who was in one session."""
    if is_configured() and Occurrence.objects.filter(pk=occurrence_id).exists():
        zoom_report.fetch_report(UUID(occurrence_id), _client(), now=timezone.now())


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name="meetings.adopt_orphans", queue="sweeps", queueing_lock="adopt_orphans")
def adopt_orphans(timestamp: int) -> None:
    """Runs that Zoom told of before we knew their meeting, and those whose session has been moved or cancelled since."""
    runs.free_strays(now=timezone.now())
    runs.adopt_orphans(now=timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="meetings.relink_participants", queue="sweeps", queueing_lock="relink_participants")
def relink_participants(timestamp: int) -> None:
    """Every ten minutes: participants whose account has appeared since."""
    identity.relink(now=timezone.now())


def _client(account_id: str = "", *, batch: bool = True) -> ZoomClient:
    return zoom_client(account_id).with_options(priority=Priority.BATCH if batch else Priority.INTERACTIVE)
