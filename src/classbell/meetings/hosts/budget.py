"""
What is left of each host's creates and updates of a day, and when a batch goes out by that.

Zoom counts by UTC day and by host. Batches leave some of each day to people (`limits`), so what is said here is what a
batch may have; what waits already goes before what is planned now.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.models import HostSeat, Meeting
from classbell.zoom.endpoints import CREATE_MEETING
from classbell.zoom.limits import HOST_WRITES_PER_DAY, PLANS, SHARE_OF_LIMIT, PlanLimits

# Of what a host may be sent in a day, batches leave this much to what people do.
HOST_WRITES_KEPT_FOR_PEOPLE = 10
# Zoom's clock may be a little behind ours.
AFTER_MIDNIGHT = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostBudget:
    """
    One host's day: `sent` creates and updates so far, and how many meetings wait for theirs; one under way is sent.

    `limit` is Zoom's, of one day, and `creates_per_second` its account's; None: the account's plan has none.
    """

    host_id: UUID
    account_id: str
    email: str
    sent: int
    waiting: int
    limit: int | None
    creates_per_second: float | None

    @property
    def left(self) -> int | None:
        """What Zoom still takes today, people's part included."""
        return None if self.limit is None else max(0, self.limit - self.sent)

    @property
    def left_for_batches(self) -> int | None:
        """What batches may still send today, without those that wait already."""
        share = self._share
        return None if share is None else max(0, share - self.sent - self.waiting)

    def day_of(self, position: int) -> int:
        """
        Return on which day (0 is today) a new create goes out that has so many (`position`, from 0) other new ones before it.
        """
        share = self._share
        if share is None:
            return 0
        after_today = self.waiting + position - max(0, share - self.sent)
        return 0 if after_today < 0 else 1 + after_today // share

    @property
    def _share(self) -> int | None:
        return None if self.limit is None else self.limit - HOST_WRITES_KEPT_FOR_PEOPLE


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolBudget:
    """What is left of today for each host, and of all of them together. `left` None: this plan has no such limit."""

    hosts: Sequence[HostBudget]
    left: int | None
    limit: int | None
    waiting: int
    renews_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """
    When a batch of creates goes out: `today` of its `calls` at once, the others by UTC day in `later`.

    `left_today` is what the hosts concerned may still be sent today before this batch, None without a daily limit.
    `seconds` is how long the creates of today take at the plan's rate, at least.
    """

    calls: int
    today: int
    left_today: int | None
    later: tuple[tuple[date, int], ...]
    seconds: float

    def sentence(self) -> str:
        """Return it for people."""
        parts = [ngettext("%(count)s call to Zoom", "%(count)s calls to Zoom", self.calls) % {"count": self.calls}]
        if self.left_today is not None:
            parts.append(_("today's budget has %(left)s") % {"left": self.left_today})
        if self.later:
            parts.append(self._what_waits())
        return _("%(parts)s.") % {"parts": _("; ").join(parts)}

    def _what_waits(self) -> str:
        waiting, last_day = sum(calls for _day, calls in self.later), self.later[-1][0]
        if len(self.later) == 1:
            text = ngettext(
                "the last %(count)s goes out after midnight UTC",
                "the last %(count)s go out after midnight UTC",
                waiting,
            )
            return text % {"count": waiting}
        return _("%(count)s go out after midnight UTC, the last on %(day)s") % {
            "count": waiting,
            "day": date_format(last_day, "j F"),
        }


def forecast(wanted: Sequence[Meeting], *, now: datetime) -> Forecast:
    """
    Return what creating these meetings costs, and when each host's share can go out.

    They are new and placed (`hosts.place`), saved or in a transaction that will be taken back. A meeting without a host
    costs nothing yet. Two statements.
    """
    seats = [meeting.seat_id for meeting in wanted if meeting.seat_id is not None]
    host_of = dict(HostSeat.objects.filter(pk__in=set(seats)).values_list("pk", "host_id"))
    by_host = Counter(host_of[seat] for seat in seats)
    budgets = host_budgets(by_host, without=[meeting.pk for meeting in wanted])
    days_of = {host: Counter(map(budgets[host].day_of, range(calls))) for host, calls in by_host.items()}
    days = sum(days_of.values(), Counter[int]())
    today = now.astimezone(UTC).date()
    return Forecast(
        calls=by_host.total(),
        today=days[0],
        left_today=_sum_of(budget.left_for_batches for budget in budgets.values()),
        later=tuple((today + timedelta(days=day), calls) for day, calls in sorted(days.items()) if day),
        seconds=_seconds_of((budgets[host], of_host[0]) for host, of_host in days_of.items()),
    )


def _seconds_of(creates: Iterable[tuple[HostBudget, int]]) -> float:
    """Return how long so many creates of each host take at the rates of their accounts, which go out beside each other."""
    of_accounts = Counter[tuple[str, float | None]]()
    for host, calls in creates:
        of_accounts[host.account_id, host.creates_per_second] += calls
    return max((calls / (rate * SHARE_OF_LIMIT) for (_id, rate), calls in of_accounts.items() if rate), default=0.0)


def pool_budget(*, now: datetime) -> PoolBudget:
    """Return what is left of today for every usable host, by e-mail, and in sum. One statement."""
    hosts = sorted(host_budgets(None).values(), key=lambda host: host.email)
    return PoolBudget(
        hosts=hosts,
        left=_sum_of(host.left for host in hosts),
        limit=_sum_of(host.limit for host in hosts),
        waiting=sum(host.waiting for host in hosts),
        renews_at=next_midnight(now),
    )


def host_budgets(host_ids: Collection[UUID] | None, *, without: Collection[UUID] = ()) -> dict[UUID, HostBudget]:
    """
    Return the budgets of these hosts, or of all usable ones (None), by host, for the UTC day it is in the database.
    `without` are meetings that are not to be counted among the waiting ones. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH waiting AS (
                SELECT seat.host_id, count(*) AS meetings
                FROM meetings_meeting meeting JOIN meetings_hostseat seat ON seat.id = meeting.seat_id
                WHERE meeting.sync_status = 'pending' AND meeting.wanted AND meeting.create_started_at IS NULL
                      AND meeting.id <> ALL(%(without)s::uuid[])
                GROUP BY seat.host_id
            )
            SELECT host.id, account.account_id, host.email, coalesce(budget.used, 0), coalesce(waiting.meetings, 0),
                   CASE WHEN account.client_id <> '' AND account.account_id <> %(of_settings)s THEN account.plan END
            FROM meetings_zoomhost host
            JOIN meetings_zoomaccount account ON account.id = host.account_id
            LEFT JOIN meetings_dailybudget budget
                 ON budget.key = 'host:' || account.account_id || ':' || host.zoom_user_id
                 AND budget.day = (clock_timestamp() AT TIME ZONE 'UTC')::date
            LEFT JOIN waiting ON waiting.host_id = host.id
            WHERE CASE WHEN %(all)s THEN host.is_active AND (host.is_licensed OR host.is_basic)
                       ELSE host.id = ANY(%(hosts)s::uuid[]) END
            """,
            {
                "all": host_ids is None,
                "hosts": list(host_ids or ()),
                "without": list(without),
                "of_settings": settings.ENVIRONMENT.zoom_account_id,
            },
        )
        rows = cursor.fetchall()
    return {
        host_id: HostBudget(
            host_id=host_id,
            account_id=account_id,
            email=email,
            sent=sent,
            waiting=waiting,
            limit=_plan(plan).host_writes_per_day,
            creates_per_second=_plan(plan).per_second(CREATE_MEETING.label),
        )
        for host_id, account_id, email, sent, waiting, plan in rows
    }


def _plan(name: str | None) -> PlanLimits:
    """Return the limits of a plan; those of the settings' for their own account, and for one that is not set up any more."""
    return PLANS[name or settings.ENVIRONMENT.zoom_plan]


def turn_of(meeting: Meeting, *, now: datetime) -> datetime:
    """
    Return when a meeting whose host's day is spent has its turn: shortly after a midnight UTC, the soonest sessions on the
    first day. One statement. The meeting has a seat.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH waiting AS (
                SELECT meeting.id, (
                    SELECT min(occurrence.starts_at) FROM meetings_occurrence occurrence
                    WHERE occurrence.meeting_id = meeting.id AND occurrence.starts_at > %(now)s
                          AND occurrence.status <> 'cancelled'
                ) AS next_at
                FROM meetings_meeting meeting JOIN meetings_hostseat seat ON seat.id = meeting.seat_id
                WHERE meeting.sync_status = 'pending' AND meeting.wanted AND meeting.create_started_at IS NULL
                      AND seat.host_id = (SELECT host_id FROM meetings_hostseat WHERE id = %(seat)s)
            )
            SELECT count(*) FROM waiting, (SELECT next_at FROM waiting WHERE id = %(meeting)s) AS mine
            WHERE (waiting.next_at, waiting.id) < (mine.next_at, %(meeting)s)
            """,
            {"now": now, "seat": meeting.seat_id, "meeting": meeting.pk},
        )
        (before,) = cursor.fetchone()
    a_day = HOST_WRITES_PER_DAY - HOST_WRITES_KEPT_FOR_PEOPLE
    return next_midnight(now, days=1 + before // a_day) + AFTER_MIDNIGHT


def next_midnight(now: datetime, *, days: int = 1) -> datetime:
    """Return when Zoom's daily limits start anew for the `days`-th time from now."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=days), datetime.min.time(), UTC)


def _sum_of(numbers: Iterable[int | None]) -> int | None:
    """Return the sum, None where one of them has no limit, or the settings' plan without any hosts."""
    found = list(numbers)
    if None in found or (not found and _plan(None).host_writes_per_day is None):
        return None
    return sum(number or 0 for number in found)
