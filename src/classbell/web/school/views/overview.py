"""Will Monday work? The first page of those who answer for the school."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus
from classbell.counting import counted
from classbell.excuses.models import Excuse
from classbell.meetings.hosts.budget import pool_budget
from classbell.meetings.models import Occurrence, SyncStatus
from classbell.meetings.models.occurrence import HELD_ELSEWHERE, OccurrenceQuerySet
from classbell.meetings.reports.at_once import school_days
from classbell.meetings.sync.gateway import is_configured
from classbell.meetings.sync.health import gravest_trouble
from classbell.meetings.sync.status import status
from classbell.operation.troubles import troubles_told
from classbell.web.kit.charts.weeks import asked_day, first_weekday, midnight, week_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.presenters import Connection, DayCount, answer, concerns
from classbell.web.school.setup import steps
from classbell.web.zoom.charts.host_day import day_table, hosted_by, pool_hosts
from classbell.zones import place_of

LAPSES_SOON = timedelta(hours=6)
SECONDS_BETWEEN_LOOKS = 30
# Zoom's meetings are shown by name while the list stays short enough to act on.
MISSING_SHOWN = 8
# Sessions that have no meeting at Zoom and should.
WITHOUT = Q(meeting__zoom_meeting_id="") & ~HELD_ELSEWHERE


def overview(request: PersonRequest) -> HttpResponse:
    """Answer whether the asked day, or else the next one with sessions ahead, will work. Admins; see `home`."""
    user, now = request.user, timezone.now()
    today = timezone.localtime(now, user.zone).date()
    coming = _next_day(user, now)
    day = asked_day(request.GET.get("day", "")) or coming or today
    start, end = midnight(day, user.zone), midnight(day + timedelta(days=1), user.zone)
    occurrences = Occurrence.objects.taking_place().between(start, end).filter(meeting__wanted=True)
    waiting = counted(
        occurrences=occurrences,
        without=occurrences.filter(WITHOUT),
        troubles=troubles_told(),
        requests=_requests_lapsing(now),
        excuses=Excuse.objects.waiting().exclude(student=user),
    )
    count = _count(occurrences, waiting)
    connection = _connection()
    stands, budget = status(now=now, crowds=True), pool_budget(now=now)
    context = {
        "day": day,
        "is_today": day == today,
        "answer": answer(count, connection),
        "missing": _missing(occurrences) if count.ready < count.occurrences else (),
        "concerns": concerns(
            stands,
            connection,
            budget,
            troubles=list(troubles_told()) if waiting["troubles"] else (),
            requests_waiting=waiting["requests"],
            excuses_waiting=waiting["excuses"],
            now=now,
        ),
        "look_again": SECONDS_BETWEEN_LOOKS,
    }
    if request.htmx.target == "answer":
        return render(request, "overview/page.html#answer", context)
    hosts = pool_hosts(start, end, asked=request.GET.get("hosts"))
    week = week_of(day, first_weekday=first_weekday(locale=user.locale, timezone=user.timezone))
    context |= {
        "today": today,
        "pending": stands.meetings_pending,
        "school": school_days(week.days, *week.bounds(user.zone), zone=user.zone),
        "seats": hosts.seats,
        "hosts_page": hosts.page,
        "budget": budget,
        "latest_webhook_at": stands.latest_webhook_at,
        "table": day_table(hosts, hosted_by(hosts.rows, start, end), day=day, zone=user.zone, now=now)
        if hosts.hosts
        else None,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "place": place_of(user.zone),
        # A school that plans nothing yet is told how to begin.
        "steps_left": [step for step in steps() if step.is_left] if coming is None else (),
    }
    return render(request, "overview/page.html", context)


def _connection() -> Connection:
    known = gravest_trouble()
    return Connection(
        zoom=is_configured(),
        webhooks=bool(settings.ENVIRONMENT.zoom_webhook_secret.get_secret_value()),
        trouble=known.trouble if known else "",
        since=known.since if known else None,
        error=known.error if known else "",
    )


def _next_day(user: User, now: datetime) -> date | None:
    """Return the reader's day of the next session that has not ended."""
    starts_at = (
        Occurrence.objects.taking_place()
        .not_over(now)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    return None if starts_at is None else max(starts_at, now).astimezone(user.zone).date()


def _count(occurrences: OccurrenceQuerySet, counts: Mapping[str, int]) -> DayCount:
    stuck = occurrences.filter(WITHOUT, meeting__sync_status=SyncStatus.FAILED).count() if counts["without"] else 0
    return DayCount(
        occurrences=counts["occurrences"],
        ready=counts["occurrences"] - counts["without"],
        on_their_way=counts["without"] - stuck,
        stuck=stuck,
    )


def _missing(occurrences: OccurrenceQuerySet) -> list[Occurrence]:
    return list(
        occurrences.filter(WITHOUT).select_related("meeting__teacher").order_by("starts_at", "pk")[:MISSING_SHOWN]
    )


def _requests_lapsing(now: datetime) -> QuerySet[Booking]:
    return Booking.objects.filter(status=BookingStatus.PENDING, lapses_at__lt=now + LAPSES_SOON)
