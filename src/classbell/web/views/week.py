"""My week: what is next, today, and the days around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.meetings.models import Occurrence
from classbell.meetings.queries import backlog, own_sittings
from classbell.web.daystrip import Mark, day_marks, now_mark
from classbell.web.requests import PersonRequest
from classbell.web.school import SchoolDay, school_days
from classbell.web.sittings import Sitting, present
from classbell.web.weeks import Week, first_weekday, named_week, week_of
from classbell.web.wording import place_of

# A page that waits for a link looks again sooner than one that only keeps the time.
SECONDS_BETWEEN_LOOKS = 60
SECONDS_BETWEEN_LOOKS_WHILE_WAITING = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One day of the week and what it holds; `marks` draw it, `now_at` is where the clock stands on its picture."""

    date: date
    name: str
    is_today: bool
    is_past: bool
    sittings: Sequence[Sitting]
    marks: Sequence[Mark]
    now_at: float | None


@require_safe
@allowed(signed_in)
def week(request: PersonRequest) -> HttpResponse:
    """Everybody: their own sittings. Admins also see how many the school has."""
    now, user = timezone.now(), request.user
    following = next_sitting(user, now)
    context = {
        "next": following,
        "next_day": _unless_today(following, user, now),
        "look_again": SECONDS_BETWEEN_LOOKS_WHILE_WAITING
        if following is not None and following.state is not None
        else SECONDS_BETWEEN_LOOKS,
    }
    if request.htmx.target == "next":
        return render(request, "week/page.html#next", context)
    return render(request, "week/page.html", context | _week_context(request, user, now))


def _week_context(request: HttpRequest, user: User, now: datetime) -> dict[str, object]:
    today = timezone.localtime(now, user.zone).date()
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    this_week = week_of(today, first_weekday=first)
    shown = named_week(request.GET.get("week", ""), first_weekday=first) or this_week
    days = days_of(shown, user=user, now=now)
    context: dict[str, object] = {
        "week": shown,
        "this_week": this_week,
        "is_this_week": shown == this_week,
        "previous": shown.shifted(-1),
        "following_week": shown.shifted(1),
        "days": days,
        "sections": _sections(days) if shown == this_week else [(None, days)],
        "is_empty": not any(day.sittings for day in days),
        "today": today,
        "place": place_of(user.zone),
    }
    if user.is_admin:
        start, end = shown.bounds(user.zone)
        context |= {"school": school_week(shown, user, start, end), "backlog": backlog()}
    return context


def next_sitting(user: User, now: datetime) -> Sitting | None:
    """Return what this person should be at now or next, if anything is ahead."""
    occurrence = (
        own_sittings(user)
        .taking_place()
        .filter(ends_at__gt=now)
        .select_related("meeting__teacher", "meeting__group", "meeting__booking")
        .order_by("starts_at", "pk")
        .first()
    )
    return None if occurrence is None else present(occurrence, user=user, now=now)


def days_of(week: Week, *, user: User, now: datetime) -> list[Day]:
    """Return the week's days with this person's sittings, in their timezone. One query."""
    start, end = week.bounds(user.zone)
    rows = (
        own_sittings(user)
        .between(start, end)
        .select_related("meeting__teacher", "meeting__group", "meeting__booking")
        .order_by("starts_at", "pk")
    )
    by_day: dict[date, list[Sitting]] = {day: [] for day in week.days}
    for row in rows:
        # A sitting that began on the evening before the week still runs into its first day.
        day = max(timezone.localtime(row.starts_at, user.zone).date(), week.starts_on)
        by_day[day].append(present(row, user=user, now=now))
    today = timezone.localtime(now, user.zone).date()
    return [
        Day(
            date=day,
            name=_day_name(day, today),
            is_today=day == today,
            is_past=day < today,
            sittings=sittings,
            marks=day_marks(((s.starts_at, s.ends_at, s.is_cancelled) for s in sittings), day=day, zone=user.zone),
            now_at=now_mark(now, user.zone) if day == today else None,
        )
        for day, sittings in by_day.items()
    ]


def school_week(week: Week, user: User, start: datetime, end: datetime) -> list[SchoolDay]:
    """Return how many sittings the whole school has each day. One query."""
    rows = Occurrence.objects.between(start, end).values_list(
        "starts_at", "ends_at", "status", "meeting__sync_status", named=False
    )
    return school_days(rows, week=week, zone=user.zone)


def _sections(days: Sequence[Day]) -> list[tuple[str | None, Sequence[Day]]]:
    """Put today first, then what is ahead, then what is behind."""
    parts: list[tuple[str | None, Sequence[Day]]] = [
        (None, [day for day in days if day.is_today]),
        (_("The rest of the week"), [day for day in days if not day.is_today and not day.is_past]),
        (_("Earlier this week"), [day for day in days if day.is_past and day.sittings]),
    ]
    return [(title, part) for title, part in parts if part]


def _unless_today(sitting: Sitting | None, user: User, now: datetime) -> date | None:
    """Return the day of a sitting when it has to be said."""
    if sitting is None:
        return None
    day = timezone.localtime(sitting.starts_at, user.zone).date()
    return None if day == timezone.localtime(now, user.zone).date() else day


def _day_name(day: date, today: date) -> str:
    return {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get((day - today).days, "")
