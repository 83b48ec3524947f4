"""Who hosts what on one day: read from the database, ready to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, Sum, When, Window
from django.db.models.functions import Coalesce
from django.utils import translation

from classbell.meetings.models import ForeignMeeting, HostSeat, Meeting, Occurrence, ZoomHost
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.reports.at_once import peak_of_hosts
from classbell.web.kit.charts.weeks import midnight
from classbell.web.zoom.charts.host_table import Hosted, HostTable, host_table

HOSTS_A_PAGE = 25
LONGEST_NUMBER = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class HostRow:
    """A host and what is counted of it."""

    host: ZoomHost
    seats: int
    meetings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HostPage:
    """
    Some hosts of those in use, in the order in which they want to be looked at; `page` leads to the others.

    `hosts` and `seats` count all, `busy` those that hold something on the day; `read_at` and `swept_at` are the latest.
    """

    rows: Sequence[HostRow]
    page: Page[int]
    hosts: int
    seats: int
    busy: int
    read_at: datetime | None
    swept_at: datetime | None


def pool_hosts(start: datetime, end: datetime, *, asked: str | None) -> HostPage:
    """
    Return the page of hosts that is asked for: first those without a licence, then those that hold something within
    [start, end), each by e-mail. Two statements.
    """
    holding = _hosted(start, end).order_by().values("meeting__seat__host")
    foreign = _foreign(start, end).order_by().values("host")
    seats = HostSeat.objects.filter(host=OuterRef("pk")).order_by().values("host")
    kept = Meeting.objects.filter(seat__host=OuterRef("pk"), wanted=True).order_by().values("seat__host")
    rows = (
        ZoomHost.objects.filter(is_active=True)
        .annotate(
            is_busy=Case(When(Q(pk__in=holding) | Q(pk__in=foreign), then=1), default=0),
            busy=Window(Sum("is_busy")),
            hosts=Window(Count("*")),
            count_of_seats=Coalesce(Subquery(seats.values(count=Count("*"))), 0),
            count_of_meetings=Coalesce(Subquery(kept.values(count=Count("*"))), 0),
        )
        .select_related("account")
        .order_by("is_licensed", "-is_busy", "email", "pk")
    )
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) < LONGEST_NUMBER else 1
    found: list[Any] = list(rows[max(0, number - 1) * HOSTS_A_PAGE :][:HOSTS_A_PAGE]) or list(rows[:HOSTS_A_PAGE])
    hosts = found[0].hosts if found else 0
    return HostPage(
        rows=[HostRow(host=host, seats=host.count_of_seats, meetings=host.count_of_meetings) for host in found],
        page=Paginator(range(hosts), HOSTS_A_PAGE).get_page(number),
        hosts=hosts,
        busy=found[0].busy if found else 0,
        **ZoomHost.objects.filter(is_active=True).aggregate(
            seats=Count("seats"), read_at=Max("account__hosts_read_at"), swept_at=Max("swept_at")
        ),
    )


def hosted_occurrences(hosts: Sequence[HostRow], start: datetime, end: datetime) -> list[Occurrence]:
    """Return the sessions within [start, end) that have a seat of these hosts, in their order. One query."""
    found = _hosted(start, end).filter(meeting__seat__host__in=[row.host.pk for row in hosts])
    return list(found.select_related("meeting__seat").order_by("starts_at"))


def foreign_meetings(hosts: Sequence[HostRow], start: datetime, end: datetime) -> list[ForeignMeeting]:
    """Return what these hosts hold within [start, end) that was made elsewhere. One query."""
    return list(_foreign(start, end).filter(host__in=[row.host.pk for row in hosts]))


def _hosted(start: datetime, end: datetime) -> OccurrenceQuerySet:
    return Occurrence.objects.taking_place().between(start, end).filter(meeting__seat__isnull=False)


def _foreign(start: datetime, end: datetime) -> QuerySet[ForeignMeeting]:
    return ForeignMeeting.objects.filter(starts_at__lt=end, ends_at__gt=start)


def day_table(
    hosts: HostPage,
    occurrences: Sequence[Occurrence],
    foreign: Sequence[ForeignMeeting],
    *,
    day: date,
    zone: ZoneInfo,
    now: datetime,
) -> HostTable:
    """Return the picture of a local day: hosts down, hours across; what is most at once counts all hosts. One query."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    hosted: dict[UUID, list[Hosted]] = {row.host.pk: [] for row in hosts.rows}
    for occurrence in occurrences:
        seat = occurrence.meeting.seat
        if seat is not None and seat.host_id in hosted and occurrence.starts_at < end and occurrence.ends_at > start:
            hosted[seat.host_id].append(
                Hosted(
                    meeting_id=occurrence.meeting_id,
                    title=occurrence.meeting.title,
                    seat_number=seat.number,
                    starts_at=occurrence.starts_at,
                    ends_at=occurrence.ends_at,
                )
            )
    for one in foreign:
        if one.host_id in hosted and one.starts_at and one.ends_at and one.starts_at < end and one.ends_at > start:
            hosted[one.host_id].append(
                Hosted(
                    meeting_id=None,
                    title=one.topic,
                    seat_number=1,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                    is_foreign=True,
                )
            )
    return host_table(
        {row.host.pk: (str(row.host), row.seats) for row in hosts.rows},
        hosted,
        most=peak_of_hosts(start, end),
        free=hosts.hosts - hosts.busy,
        day=day,
        zone=zone,
        now=now,
        right_to_left=translation.get_language_bidi(),
    )
