"""Who hosts what on one day: read from the database, ready to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When, Window
from django.db.models.functions import Coalesce
from django.utils import translation

from classbell.meetings.models import ForeignMeeting, HostSeat, Meeting, Occurrence, ZoomHost
from classbell.meetings.models.occurrence import OccurrenceQuerySet
from classbell.meetings.reports.at_once import hosts_at_once
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

    `hosts` and `seats` count all; `read_at` and `swept_at` are the latest.
    """

    rows: Sequence[HostRow]
    page: Page[int]
    hosts: int
    seats: int
    read_at: datetime | None
    swept_at: datetime | None


def pool_hosts(start: datetime, end: datetime, *, asked: str | None) -> HostPage:
    """
    Return the page of hosts that is asked for: first those without a licence, then those that hold something within
    [start, end), each by e-mail. One statement.
    """
    holding = _hosted(start, end).order_by().values("meeting__seat__host")
    foreign = _foreign(start, end).order_by().values("host")
    seats = HostSeat.objects.filter(host=OuterRef("pk")).order_by().values("host")
    of_all = HostSeat.objects.filter(host__is_active=True).order_by().values("host__is_active")
    kept = Meeting.objects.filter(seat__host=OuterRef("pk"), wanted=True).order_by().values("seat__host")
    rows = (
        ZoomHost.objects.filter(is_active=True)
        .annotate(
            hosts=Window(Count("*")),
            all_seats=Subquery(of_all.values(count=Count("*"))),
            read_at=Window(Max("account__hosts_read_at")),
            latest_sweep=Window(Max("swept_at")),
            count_of_seats=Coalesce(Subquery(seats.values(count=Count("*"))), 0),
            count_of_meetings=Coalesce(Subquery(kept.values(count=Count("*"))), 0),
        )
        .select_related("account")
        .order_by("is_licensed", Case(When(Q(pk__in=holding) | Q(pk__in=foreign), then=0), default=1), "email", "pk")
    )
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) < LONGEST_NUMBER else 1
    found: list[Any] = list(rows[max(0, number - 1) * HOSTS_A_PAGE :][:HOSTS_A_PAGE]) or list(rows[:HOSTS_A_PAGE])
    first = found[0] if found else None
    hosts = first.hosts if first else 0
    return HostPage(
        rows=[HostRow(host=host, seats=host.count_of_seats, meetings=host.count_of_meetings) for host in found],
        page=Paginator(range(hosts), HOSTS_A_PAGE).get_page(number),
        hosts=hosts,
        seats=(first.all_seats or 0) if first else 0,
        read_at=first.read_at if first else None,
        swept_at=first.latest_sweep if first else None,
    )


def hosted_by(hosts: Sequence[HostRow], start: datetime, end: datetime) -> dict[UUID, list[Hosted]]:
    """
    Return by host what each of these holds within [start, end), in its order: sessions that have a seat of theirs, and what
    was made elsewhere. One query.
    """
    asked = [row.host.pk for row in hosts]
    ours = _hosted(start, end).filter(meeting__seat__host__in=asked).order_by()
    elsewhere = _foreign(start, end).filter(host__in=asked).order_by()
    of_both = ours.values_list(
        "meeting__seat__host", "meeting", "meeting__title", "meeting__seat__number", "starts_at", "ends_at"
    ).union(
        elsewhere.values_list("host", Value(None, output_field=UUIDField()), "topic", Value(1), "starts_at", "ends_at"),
        all=True,
    )
    found: dict[UUID, list[Hosted]] = {host: [] for host in asked}
    for host, meeting, title, number, starts_at, ends_at in of_both.order_by("starts_at"):
        found[host].append(
            Hosted(
                meeting_id=meeting,
                title=title,
                seat_number=number,
                starts_at=starts_at,
                ends_at=ends_at,
                is_foreign=meeting is None,
            )
        )
    return found


def _hosted(start: datetime, end: datetime) -> OccurrenceQuerySet:
    return Occurrence.objects.taking_place().between(start, end).filter(meeting__seat__isnull=False)


def _foreign(start: datetime, end: datetime) -> QuerySet[ForeignMeeting]:
    return ForeignMeeting.objects.filter(starts_at__lt=end, ends_at__gt=start)


def day_table(
    hosts: HostPage, hosted: Mapping[UUID, Sequence[Hosted]], *, day: date, zone: ZoneInfo, now: datetime
) -> HostTable:
    """
    Return the picture of a local day: hosts down, hours across. `hosted` is what they hold then, by host; what is most at
    once counts all hosts. One query.
    """
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    held = hosts_at_once(start, end)
    return host_table(
        {row.host.pk: (str(row.host), row.seats) for row in hosts.rows},
        hosted,
        most=held.peak,
        free=hosts.hosts - held.busy,
        day=day,
        zone=zone,
        now=now,
        right_to_left=translation.get_language_bidi(),
    )
