"""How Zoom stands, for admins: what needs a person, what is on its way, who hosts what."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from classbell.accounts.permissions import allowed, is_admin
from classbell.meetings import services
from classbell.meetings.hosts.budget import host_budgets
from classbell.meetings.meeting_settings.overruled import overruled_in
from classbell.meetings.models import (
    Circuit,
    DailyBudget,
    ForeignMeeting,
    Meeting,
    Occurrence,
    ZoomHost,
)
from classbell.meetings.queries import Backlog, backlog, failed_meetings, overruled_notes
from classbell.meetings.sync.gateway import is_configured
from classbell.meetings.sync.readings import stretches
from classbell.meetings.zoom_accounts import Account, accounts
from classbell.web.kit.charts.series import Series, draw, increases
from classbell.web.kit.charts.weeks import asked_day, midnight
from classbell.web.kit.labels import State, relative, sync_state
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.labels import in_words
from classbell.web.zoom.charts.host_day import HostRow, day_table, hosted_by, pool_hosts
from classbell.web.zoom.charts.host_table import Hosted
from classbell.zones import place_of
from classbell.zoom.limits import HOST_WRITES_PER_DAY, PLANS, Label

FAILED_SHOWN = 20
# The picture of the last day: 144 columns of ten minutes.
COLUMN, COLUMNS = timedelta(minutes=10), 144
FOREIGN_SHOWN = 20
SECONDS_BETWEEN_LOOKS = 5
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostLine:
    """One host: what it may and does host, and what was sent for it today. `writes_share` in per cent of Zoom's limit."""

    host: ZoomHost
    seats: int
    meetings: int
    today: int
    running: Sequence[str]
    writes: int
    writes_share: int

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to say of it: a host like the others that holds nothing and was sent nothing."""
        return not (self.meetings or self.today or self.writes) and self.host.is_licensed and self.host.in_pool


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """A daily limit of a whole account (named where there are several): which calls it counts, and how much is used."""

    account: str
    name: str
    used: int
    limit: int
    share: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftAlone:
    """An account that has been failing and is not asked until then; named where there are several."""

    name: str
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDay:
    """How far behind Zoom was over the last day, and what was sent to it; nothing is known while no worker has read it."""

    starts_at: datetime
    pending: Series
    changes: Series
    is_known: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OverruledLine:
    """A setting that Zoom keeps otherwise, in words, and in how many coming meetings."""

    sentence: str
    meetings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedLine:
    """A meeting that waits for a person, and why."""

    meeting: Meeting
    state: State


@require_safe
@allowed(is_admin)
def zoom(request: PersonRequest) -> HttpResponse:
    """Admins."""
    now = timezone.now()
    context = _backlog_context()
    if request.htmx.target == "backlog":
        return render(request, "zoom/page.html#backlog", context)
    today = timezone.localtime(now, request.user.zone).date()
    day = asked_day(request.GET.get("day")) or today
    start, end = midnight(day, request.user.zone), midnight(day + timedelta(days=1), request.user.zone)
    hosts = pool_hosts(start, end, asked=request.GET.get("hosts"))
    of_day = hosted_by(hosts.rows, start, end)
    running = of_day if start <= now < end else hosted_by(hosts.rows, now, now + A_MOMENT)
    lines = _host_lines(hosts.rows, of_day, running, now=now)
    known = accounts()
    names = {one.account_id: one.name or one.account_id for one in known}
    context |= {
        "circuits": _open_circuits(names, now),
        "lines": [line for line in lines if not line.is_idle],
        "idle": [line.host for line in lines if line.is_idle],
        "hosts": hosts.hosts,
        "hosts_page": hosts.page,
        "running": Occurrence.objects.taking_place()
        .between(now, now + A_MOMENT)
        .filter(meeting__seat__isnull=False)
        .count(),
        "read_at": hosts.read_at,
        "swept_at": hosts.swept_at,
        "several_accounts": len(names) > 1,
        "writes_limit": HOST_WRITES_PER_DAY,
        "budgets": _account_budgets(known, names, now),
        "last_day": _last_day(now),
        "overruled": _overruled(now),
        "foreign": ForeignMeeting.objects.filter(ends_at__gt=now).select_related("host")[:FOREIGN_SHOWN],
        "day": day,
        "today": today,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "place": place_of(request.user.zone),
        "table": day_table(hosts, of_day, day=day, zone=request.user.zone, now=now) if hosts.hosts else None,
    }
    return render(request, "zoom/page.html", context)


def _overruled(now: datetime) -> list[OverruledLine]:
    """Return what Zoom keeps otherwise in coming meetings, the most frequent first. One statement."""
    counts = Counter(in_words(one) for notes in overruled_notes(now=now) for one in overruled_in(notes))
    return [OverruledLine(sentence=sentence, meetings=count) for sentence, count in counts.most_common()]


@require_POST
@allowed(is_admin)
def retry_one(request: PersonRequest, meeting_id: UUID) -> HttpResponse:
    """Admins: bring one meeting to Zoom again now. Safe to repeat."""
    meeting = get_object_or_404(Meeting, pk=meeting_id)
    services.retry_sync(meeting_id=meeting.pk, now=timezone.now())
    return _after_retry(request, _("Trying “%(title)s” again now.") % {"title": meeting.title})


@require_POST
@allowed(is_admin)
def retry_all(request: PersonRequest) -> HttpResponse:
    """Admins: bring every meeting that waits for a person to Zoom again now. Safe to repeat."""
    waiting = list(failed_meetings().values_list("pk", flat=True))
    for meeting_id in waiting:
        services.retry_sync(meeting_id=meeting_id, now=timezone.now())
    text = ngettext("Trying %(count)s meeting again now.", "Trying %(count)s meetings again now.", len(waiting))
    return _after_retry(request, text % {"count": len(waiting)})


def _after_retry(request: PersonRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    if request.htmx:
        return render(request, "zoom/page.html#backlog", _backlog_context())
    return redirect("zoom")


def _backlog_context() -> dict[str, object]:
    behind: Backlog = backlog()
    failed = [
        FailedLine(meeting=meeting, state=sync_state(meeting, for_host=True))
        for meeting in (failed_meetings()[:FAILED_SHOWN] if behind.failed else ())
    ]
    return {
        "configured": is_configured(),
        "backlog": behind,
        "failed": failed,
        "more_failed": behind.failed - len(failed),
        "oldest_pending": relative(behind.oldest_pending_since, now=timezone.now())
        if behind.oldest_pending_since
        else "",
        "look_again": SECONDS_BETWEEN_LOOKS,
    }


def _host_lines(
    hosts: Sequence[HostRow],
    of_day: Mapping[UUID, Sequence[Hosted]],
    running: Mapping[UUID, Sequence[Hosted]],
    *,
    now: datetime,
) -> list[HostLine]:
    budgets = host_budgets([row.host.pk for row in hosts])
    lines = []
    for row in hosts:
        host, sent = row.host, budgets[row.host.pk].sent
        lines.append(
            HostLine(
                host=host,
                seats=row.seats,
                meetings=row.meetings,
                today=sum(not one.is_foreign for one in of_day[host.pk]),
                running=[
                    one.title for one in running[host.pk] if not one.is_foreign and one.starts_at <= now < one.ends_at
                ],
                writes=sent,
                writes_share=min(100, round(sent / HOST_WRITES_PER_DAY * 100)),
            )
        )
    return lines


def _open_circuits(names: Mapping[str, str], now: datetime) -> list[LeftAlone]:
    """Return the accounts that are left alone for now."""
    rows = Circuit.objects.filter(account_id__in=names, open_until__gt=now).order_by("account_id")
    is_one = len(names) == 1
    return [
        LeftAlone(name="" if is_one else names[row.account_id], until=row.open_until) for row in rows if row.open_until
    ]


def _last_day(now: datetime) -> LastDay:
    """Return the pictures of the last 24 hours, whole columns, the present one included."""
    present = now - timedelta(seconds=now.timestamp() % COLUMN.total_seconds())
    read = stretches(start=present - (COLUMNS - 1) * COLUMN, count=COLUMNS, length=COLUMN)
    before = next((one.changes_before for one in read if one.changes_before is not None), None)
    return LastDay(
        starts_at=read[0].starts_at,
        pending=draw([(one.starts_at, one.pending) for one in read]),
        changes=draw(increases([(one.starts_at, one.changes) for one in read], before=before)),
        is_known=any(one.pending is not None for one in read),
    )


def _account_budgets(known: Sequence[Account], names: Mapping[str, str], now: datetime) -> list[Budget]:
    """Return today's limits of each account's plan. Days are UTC days, as Zoom counts."""
    used = dict(
        DailyBudget.objects.filter(key__startswith="account:", day=now.astimezone(UTC).date()).values_list(
            "key", "used"
        )
    )
    budgets = []
    for one in known:
        for group, limit in PLANS[one.plan].days.items():
            spent = used.get(f"account:{one.account_id}:{'+'.join(sorted(group))}", 0)
            budgets.append(
                Budget(
                    account=names[one.account_id] if len(names) > 1 else "",
                    name=_calls_named(group),
                    used=spent,
                    limit=limit,
                    share=spent * 100 // limit,
                )
            )
    return budgets


def _calls_named(group: Collection[Label]) -> str:
    """Return what people call the calls that share a daily limit."""
    if len(group) > 1:
        return _("Heavy and resource-intensive calls")
    names = {Label.LIGHT: _("Light calls"), Label.MEDIUM: _("Medium calls"), Label.HEAVY: _("Heavy calls")}
    return names.get(next(iter(group)), _("Resource-intensive calls"))
