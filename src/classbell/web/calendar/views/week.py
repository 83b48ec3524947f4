"""My week: what is next, today, and the days around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbell.accounts.acting import guardian_of
from classbell.accounts.guardians.queries import wardships_of
from classbell.accounts.models import User
from classbell.accounts.permissions import allowed, signed_in
from classbell.bookings.lessons import WITH_LESSON
from classbell.bookings.permissions import may_be_booked
from classbell.excuses.permissions import waiting_for
from classbell.hijri import HijriDate, to_hijri
from classbell.holidays.models import Holiday
from classbell.holidays.queries import holidays_by_day
from classbell.meetings.models import Occurrence
from classbell.meetings.permissions import attends, can_host
from classbell.meetings.presence.board import live_board
from classbell.meetings.queries import own_occurrences
from classbell.web.children.addresses import prefix_of
from classbell.web.kit.charts.day_strip import Mark, day_marks, now_mark
from classbell.web.kit.charts.weeks import Week, first_weekday, named_week, week_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.meetings.presenters import ShownOccurrence, present, with_backup_room, with_overlaps
from classbell.web.tutoring.views.bookings import inbox_context
from classbell.zones import place_of

# A page that waits for a link looks again sooner than one that only keeps the time.
SECONDS_BETWEEN_LOOKS = 60
SECONDS_BETWEEN_LOOKS_WHILE_WAITING = 5
SECONDS_BETWEEN_LOOKS_WHILE_TEACHING = 10
MISSING_SHOWN = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """
    One day of the week and what it holds; `marks` draw it, `now_at` is where the clock stands on its picture.

    `hijri` is the day in the other calendar for who wants to see it.
    """

    date: date
    name: str
    is_today: bool
    is_past: bool
    occurrences: Sequence[ShownOccurrence]
    marks: Sequence[Mark]
    now_at: float | None
    holidays: Sequence[Holiday]
    hijri: HijriDate | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A running session in short: how many are here of how many expected, who is missing, how many nobody knows."""

    url: str
    here: int
    expected: int
    missing: Sequence[str]
    more_missing: int
    unknown: int


@require_safe
@allowed(signed_in, for_wards=True)
def week(request: PersonRequest) -> HttpResponse:
    """Everybody: their own sessions."""
    now, user = timezone.now(), request.user
    occurrence = next_occurrence(user, now)
    following = None if occurrence is None else _shown(occurrence, user, now)
    teaches_now = (
        occurrence is not None
        and following is not None
        and following.is_now
        and can_host(user, occurrence.meeting)
        and not attends(user, occurrence.meeting)
    )
    context: dict[str, object] = {
        "next": following,
        "next_day": _unless_today(following, user, now),
        "room": room_of(occurrence, now=now) if occurrence is not None and teaches_now else None,
        "look_again_at_next": _seconds_until_look(following, teaches_now=teaches_now),
    }
    if request.htmx.target == "next":
        return render(request, "week/page.html#next", context)
    context |= _week_context(request, user, now)
    if guardian_of(request) is None:
        context["wards"] = [(one.student.name, prefix_of(one.student.pk)) for one in wardships_of(user)]
    if may_be_booked(user):
        context |= inbox_context(request)
        context["excuses_waiting"] = len(waiting_for(user))
    return render(request, "week/page.html", context)


def _seconds_until_look(following: ShownOccurrence | None, *, teaches_now: bool) -> int:
    if following is not None and following.state is not None:
        return SECONDS_BETWEEN_LOOKS_WHILE_WAITING
    return SECONDS_BETWEEN_LOOKS_WHILE_TEACHING if teaches_now else SECONDS_BETWEEN_LOOKS


def _week_context(request: HttpRequest, user: User, now: datetime) -> dict[str, object]:
    today = timezone.localtime(now, user.zone).date()
    first = first_weekday(locale=user.locale, timezone=user.timezone)
    this_week = week_of(today, first_weekday=first)
    shown = named_week(request.GET.get("week", ""), first_weekday=first) or this_week
    days = days_of(shown, user=user, now=now)
    return {
        "week": shown,
        "this_week": this_week,
        "is_this_week": shown == this_week,
        "previous": shown.shifted(-1),
        "following_week": shown.shifted(1),
        "days": days,
        "sections": _sections(days) if shown == this_week else [(None, days)],
        "is_empty": not any(day.occurrences or day.holidays for day in days),
        "today": today,
        "place": place_of(user.zone),
    }


def next_occurrence(user: User, now: datetime) -> Occurrence | None:
    """Return what this person should be at now or next, if anything is ahead. One query."""
    return (
        own_occurrences(user)
        .taking_place()
        .not_over(now)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
        .first()
    )


def room_of(occurrence: Occurrence, *, now: datetime) -> Room:
    """Return who is in a running session, for its teacher. Two queries."""
    board = live_board(occurrence, now=now)
    teacher = occurrence.meeting.teacher_id
    here = [one for one in board.here if one.user.pk != teacher]
    gone = [one for one in board.left if one.expected]
    missing = [person.name for person in board.missing]
    return Room(
        url=f"{reverse('meeting-board', args=[occurrence.meeting_id])}?occurrence={occurrence.pk}",
        here=len(here),
        expected=sum(1 for one in here if one.expected) + len(gone) + len(missing),
        missing=missing[:MISSING_SHOWN],
        more_missing=max(0, len(missing) - MISSING_SHOWN),
        unknown=sum(1 for one in board.unmatched if one.left_at is None),
    )


def days_of(week: Week, *, user: User, now: datetime) -> list[Day]:
    """
    Return the week's days with this person's sessions and holidays, in their timezone. Two queries, and one for each session
    that runs now.
    """
    holidays = holidays_by_day(user, week.starts_on, week.ends_on)
    start, end = week.bounds(user.zone)
    rows = (
        own_occurrences(user)
        .between(start, end)
        .select_related("meeting__teacher", "meeting__group", "substitute", *WITH_LESSON)
        .order_by("starts_at", "pk")
    )
    by_day: dict[date, list[ShownOccurrence]] = {day: [] for day in week.days}
    for occurrence in with_overlaps([_shown(row, user, now) for row in rows]):
        # A session that began on the evening before the week still runs into its first day.
        day = max(timezone.localtime(occurrence.starts_at, user.zone).date(), week.starts_on)
        by_day[day].append(occurrence)
    today = timezone.localtime(now, user.zone).date()
    return [
        Day(
            date=day,
            name=_day_name(day, today),
            is_today=day == today,
            is_past=day < today,
            occurrences=occurrences,
            marks=day_marks(((s.starts_at, s.ends_at, s.is_cancelled) for s in occurrences), day=day, zone=user.zone),
            now_at=now_mark(now, user.zone) if day == today else None,
            holidays=holidays.get(day, ()),
            hijri=to_hijri(day) if user.shows_hijri else None,
        )
        for day, occurrences in by_day.items()
    ]


def _shown(row: Occurrence, user: User, now: datetime) -> ShownOccurrence:
    return with_backup_room(present(row, user=user, now=now), row.meeting, now=now)


def _sections(days: Sequence[Day]) -> list[tuple[str | None, Sequence[Day]]]:
    """Put today first, then what is ahead, then what is behind."""
    parts: list[tuple[str | None, Sequence[Day]]] = [
        (None, [day for day in days if day.is_today]),
        (_("The rest of the week"), [day for day in days if not day.is_today and not day.is_past]),
        (_("Earlier this week"), [day for day in days if day.is_past and day.occurrences]),
    ]
    return [(title, part) for title, part in parts if part]


def _unless_today(occurrence: ShownOccurrence | None, user: User, now: datetime) -> date | None:
    """Return the day of a session when it has to be said."""
    if occurrence is None:
        return None
    day = timezone.localtime(occurrence.starts_at, user.zone).date()
    return None if day == timezone.localtime(now, user.zone).date() else day


def _day_name(day: date, today: date) -> str:
    return {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get((day - today).days, "")
