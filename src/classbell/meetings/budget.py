"""
What new meetings cost of Zoom's daily budgets, and when they can go out.

Zoom takes a hundred creates and updates a UTC day for each host; batches leave some to people (`limits`). What waits for a
host already goes out before what is planned now.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbell.meetings.limits import HOST_WRITES_KEPT_FOR_PEOPLE, host_writes_today
from classbell.meetings.models import Meeting, ZoomHost
from classbell.zoom.endpoints import CREATE_MEETING
from classbell.zoom.limits import PLANS, SHARE_OF_LIMIT


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
        return _("%(parts)s.") % {"parts": "; ".join(parts)}

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
    costs nothing yet. Three statements.
    """
    plan = PLANS[settings.ENVIRONMENT.zoom_plan]
    by_host = Counter(meeting.seat.host_id for meeting in wanted if meeting.seat is not None)
    days: Counter[int] = Counter()
    left_today = None
    if plan.host_writes_per_day is None:
        days[0] = by_host.total()
    else:
        a_day = plan.host_writes_per_day - HOST_WRITES_KEPT_FOR_PEOPLE
        ahead = _ahead_of_us(by_host, exclude=[meeting.pk for meeting in wanted], a_day=a_day)
        left_today = sum(max(0, a_day - ahead[host_id]) for host_id in by_host)
        for host_id, calls in by_host.items():
            days.update((ahead[host_id] + number) // a_day for number in range(calls))
    today = now.astimezone(UTC).date()
    rate = plan.per_second(CREATE_MEETING.label)
    return Forecast(
        calls=by_host.total(),
        today=days[0],
        left_today=left_today,
        later=tuple((today + timedelta(days=day), calls) for day, calls in sorted(days.items()) if day),
        seconds=days[0] / (rate * SHARE_OF_LIMIT) if rate else 0.0,
    )


def _ahead_of_us(host_ids: Collection[UUID], *, exclude: Collection[UUID], a_day: int) -> Counter[UUID]:
    """Return, by host, what of today's budget is used and what waits to use it."""
    hosts = {host.zoom_user_id: host for host in ZoomHost.objects.filter(pk__in=host_ids)}
    used = host_writes_today(account_id=settings.ENVIRONMENT.zoom_account_id, zoom_user_ids=list(hosts))
    # People may have used what is kept for them too; tomorrow's budget does not suffer for it.
    ahead = Counter({hosts[name].pk: min(count, a_day) for name, count in used.items()})
    waiting = (
        Meeting.objects.unfinished()
        .filter(seat__host__in=host_ids, wanted=True, zoom_meeting_id="")
        .exclude(pk__in=exclude)
        .values_list("seat__host")
        .annotate(count=Count("pk"))
    )
    ahead.update(dict(waiting))
    return ahead
