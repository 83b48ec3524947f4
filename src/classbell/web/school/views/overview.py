"""Will Monday work? The first page of those who answer for the school."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingStatus
from classbell.excuses.models import Excuse
from classbell.meetings.hosts.budget import pool_budget
from classbell.meetings.models import Occurrence, SyncStatus
from classbell.meetings.models.occurrence import HELD_ELSEWHERE, OccurrenceQuerySet
from classbell.meetings.queries import backlog
from classbell.meetings.reports.at_once import school_days
from classbell.meetings.sync.gateway import is_configured
from classbell.meetings.sync.health import worst_health
from classbell.meetings.sync.status import status
from classbell.operation.troubles import told
from classbell.web.kit.charts.weeks import asked_day, first_weekday, midnight, week_of
from classbell.web.kit.requests import PersonRequest
from classbell.web.school.presenters import Connection, DayCount, answer, concerns
from classbell.web.school.setup import steps
from classbell.web.zoom.charts.host_day import day_table, foreign_meetings, hosted_occurrences, pool_hosts
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
    count = _count(occurrences)
    hosts = pool_hosts(start, end, asked=request.GET.get("hosts"))
    known = worst_health()
    connection = Connection(
        zoom=is_configured(),
        webhooks=bool(settings.ENVIRONMENT.zoom_webhook_secret.get_secret_value()),
        trouble=known.trouble if known else "",
        since=known.since if known else None,
        error=known.error if known else "",
    )
    stands = status(now=now, crowds=True)
    behind, budget = backlog(), pool_budget(now=now)
    week = week_of(day, first_weekday=first_weekday(locale=user.locale, timezone=user.timezone))
    context = {
        "day": day,
        "today": today,
        "is_today": day == today,
        "answer": answer(count, connection),
        "missing": _missing(occurrences) if count.ready < count.occurrences else (),
        "concerns": concerns(
            stands,
            behind,
            connection,
            budget,
            troubles=told(),
            requests_waiting=_requests_lapsing(now),
            excuses_waiting=Excuse.objects.waiting().exclude(student=user).count(),
            now=now,
        ),
        "backlog": behind,
        "school": school_days(week.days, *week.bounds(user.zone), zone=user.zone),
        "seats": hosts.seats,
        "hosts_page": hosts.page,
        "budget": budget,
        "latest_webhook_at": stands.latest_webhook_at,
        "table": day_table(
            hosts,
            hosted_occurrences(hosts.rows, start, end),
            foreign_meetings(hosts.rows, start, end),
            day=day,
            zone=user.zone,
            now=now,
        )
        if hosts.hosts
        else None,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "place": place_of(user.zone),
        "look_again": SECONDS_BETWEEN_LOOKS,
        # A school that plans nothing yet is told how to begin.
        "steps_left": [step for step in steps() if step.is_left] if coming is None else (),
    }
    template = "overview/page.html#answer" if request.htmx.target == "answer" else "overview/page.html"
    return render(request, template, context)


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


def _count(occurrences: OccurrenceQuerySet) -> DayCount:
    counted = occurrences.aggregate(
        occurrences=Count("pk"),
        without=Count("pk", filter=WITHOUT),
        stuck=Count("pk", filter=WITHOUT & Q(meeting__sync_status=SyncStatus.FAILED)),
    )
    return DayCount(
        occurrences=counted["occurrences"],
        ready=counted["occurrences"] - counted["without"],
        on_their_way=counted["without"] - counted["stuck"],
        stuck=counted["stuck"],
    )


def _missing(occurrences: OccurrenceQuerySet) -> list[Occurrence]:
    return list(
        occurrences.filter(WITHOUT).select_related("meeting__teacher").order_by("starts_at", "pk")[:MISSING_SHOWN]
    )


def _requests_lapsing(now: datetime) -> int:
    return Booking.objects.filter(status=BookingStatus.PENDING, lapses_at__lt=now + LAPSES_SOON).count()
