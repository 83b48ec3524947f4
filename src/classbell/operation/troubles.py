"""
What admins are told without looking: once when a trouble begins, and once when it is over.

Everything is looked at every minute, by whichever worker comes first. What is over again within two minutes is nobody's news,
and what is well for less than five is not over. Zoom's own troubles are told of by `meetings/sync/health.py`.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import QuerySet

from classbell.meetings.sync.gateway import is_configured
from classbell.meetings.sync.health import gravest_trouble
from classbell.meetings.sync.status import OCCURRENCES_UNHEARD, status
from classbell.notices.admins import tell_admins
from classbell.notices.dispatching import failing
from classbell.notices.texts import Kind
from classbell.operation.models import Trouble, TroubleKind
from classbell.postgres.address import parse_address

log = structlog.get_logger(__name__)

TOLD_AFTER: Final = timedelta(minutes=2)
OVER_AFTER: Final = timedelta(minutes=5)
LATE: Final = timedelta(minutes=15)
LEAST_FREE_SHARE: Final = 0.1
LEAST_FREE_BYTES: Final = 1024**3

Facts = dict[str, int]


class Unclear(Exception):
    """It cannot be said just now, so what was known before stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """How admins are told of a trouble: by which notices, leading where. What keeps mail from going out is not mailed."""

    begins: Kind
    ends: Kind
    page: str
    by_mail: bool = True


NOTICES: Final[Mapping[TroubleKind, Told]] = {
    TroubleKind.BACKLOG: Told(begins=Kind.BACKLOG, ends=Kind.BACKLOG_OVER, page="zoom"),
    TroubleKind.INBOX_SILENT: Told(begins=Kind.INBOX_SILENT, ends=Kind.INBOX_SILENT_OVER, page="zoom-inbox"),
    TroubleKind.LICENCE_LOST: Told(begins=Kind.LICENCE_LOST, ends=Kind.LICENCE_LOST_OVER, page="zoom"),
    TroubleKind.MAIL_FAILING: Told(
        begins=Kind.MAIL_FAILING, ends=Kind.MAIL_FAILING_OVER, page="setup-settings", by_mail=False
    ),
    TroubleKind.DISK_FULL: Told(begins=Kind.DISK_FULL, ends=Kind.DISK_FULL_OVER, page="home"),
}


def look_for_trouble(*, now: datetime) -> None:
    """Look at everything, and tell admins what has begun and what is over. What cannot be looked at keeps nothing else."""
    for kind, find in CHECKS.items():
        try:
            facts = find(now)
        except Unclear:
            continue
        except Error:
            raise  # The job is done again when the database is back.
        except Exception:
            log.exception("trouble_not_looked_for", kind=kind.value)
            continue
        note(kind, facts, now=now)


def note(kind: TroubleKind, facts: Facts | None, *, now: datetime) -> None:
    """Remember how one thing stands: `facts` of a trouble, None when it is well. Admins are told when it is time."""
    with transaction.atomic():
        row, _made = Trouble.objects.select_for_update().get_or_create(kind=kind)
        if facts is not None:
            _note_trouble(row, facts, now)
        elif row.told_at is not None:
            _note_well(row, now)
        else:
            row.since = None
        row.save()


def troubles_told() -> QuerySet[Trouble]:
    """What admins have been told of and is not over, the earliest first."""
    return Trouble.objects.filter(told_at__isnull=False).order_by("since")


def _note_trouble(row: Trouble, facts: Facts, now: datetime) -> None:
    row.since, row.facts, row.well_since = row.since or now, facts, None
    if row.told_at is None and now - row.since >= TOLD_AFTER:
        notices = NOTICES[TroubleKind(row.kind)]
        tell_admins(notices.begins, facts, page=notices.page, by_mail=notices.by_mail, now=now)
        row.told_at = now
        log.warning("trouble_begins", kind=row.kind, **facts)


def _note_well(row: Trouble, now: datetime) -> None:
    row.well_since = row.well_since or now
    if now - row.well_since >= OVER_AFTER:
        notices = NOTICES[TroubleKind(row.kind)]
        tell_admins(notices.ends, {}, page=notices.page, now=now)
        row.since = row.told_at = row.well_since = None
        log.warning("trouble_over", kind=row.kind)


def backlog(now: datetime) -> Facts | None:
    """Find meetings and jobs that are late although Zoom is well. Raises Unclear while it is not: that is told already."""
    if gravest_trouble() is not None:
        raise Unclear
    late = now - LATE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM meetings_meeting WHERE sync_status = 'pending' "
            "AND coalesce(next_attempt_at, updated_at) < %(late)s), "
            "(SELECT count(*) FROM procrastinate_jobs j WHERE status = 'todo' AND coalesce(scheduled_at, "
            "(SELECT min(at) FROM procrastinate_events WHERE job_id = j.id AND type = 'deferred')) < %(late)s)",
            {"late": late},
        )
        meetings, jobs = cursor.fetchone()
    if not is_configured():
        meetings = 0
    return {"meetings": meetings, "jobs": jobs} if meetings or jobs else None


def inbox_silent(now: datetime) -> Facts | None:
    """Find that sessions are over of which Zoom's messages told nothing."""
    if not is_configured() or not settings.ENVIRONMENT.zoom_webhook_secret.get_secret_value():
        return None
    unheard = status(now=now).unheard
    return {"count": unheard} if unheard >= OCCURRENCES_UNHEARD else None


def licence_lost(now: datetime) -> Facts | None:
    """Find hosts without a licence, or that Zoom no longer lists, with meetings to come."""
    stands = status(now=now)
    if not stands.lost_hosts:
        return None
    return {"hosts": stands.lost_hosts, "meetings": stands.meetings_on_lost_hosts}


def mail_failing(now: datetime) -> Facts | None:
    """Find mails that the mail server has not taken twice, or that were given up within the last hour."""
    if not settings.EMAIL_HOST:
        return None
    count = failing(now=now)
    return {"count": count} if count else None


def disk_full(now: datetime) -> Facts | None:
    """Find that the disk of the embedded database is about to be full; a server of the school's own has its own watch."""
    environment = settings.ENVIRONMENT
    address = parse_address(environment.database_url) if environment.database_url else {}
    if not address.get("host", "").startswith(str(environment.data)):
        return None
    usage = shutil.disk_usage(environment.data)
    if usage.free >= max(LEAST_FREE_BYTES, LEAST_FREE_SHARE * usage.total):
        return None
    return {"megabytes": usage.free // 1024**2, "percent": 100 * usage.free // usage.total}


CHECKS: Final[Mapping[TroubleKind, Callable[[datetime], Facts | None]]] = {
    TroubleKind.BACKLOG: backlog,
    TroubleKind.INBOX_SILENT: inbox_silent,
    TroubleKind.LICENCE_LOST: licence_lost,
    TroubleKind.MAIL_FAILING: mail_failing,
    TroubleKind.DISK_FULL: disk_full,
}
