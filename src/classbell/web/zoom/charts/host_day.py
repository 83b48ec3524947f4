"""Who hosts what on one day: read from the database, ready to be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils import translation

from classbell.meetings.models import ForeignMeeting, HostSeat, Occurrence, ZoomHost
from classbell.web.kit.charts.weeks import midnight
from classbell.web.zoom.charts.host_table import Hosted, HostTable, host_table


@dataclass(frozen=True, kw_only=True, slots=True)
class HostRow:
    """A host and what is counted of it."""

    host: ZoomHost
    seats: int
    meetings: int


def pool_hosts() -> list[HostRow]:
    """Return the hosts that are in use, with their seats and meetings counted. Two queries."""
    hosts = list(ZoomHost.objects.filter(is_active=True).select_related("account").order_by("email"))
    counted = HostSeat.objects.values_list("host").annotate(
        seats=Count("pk", distinct=True), kept=Count("meetings", filter=Q(meetings__wanted=True), distinct=True)
    )
    counts = {host: (seats, meetings) for host, seats, meetings in counted}
    return [
        HostRow(host=host, seats=seats, meetings=meetings)
        for host in hosts
        for seats, meetings in [counts.get(host.pk, (0, 0))]
    ]


def hosted_occurrences(start: datetime, end: datetime) -> list[Occurrence]:
    """Return the sessions within [start, end) that have a seat, in their order. One query."""
    return list(
        Occurrence.objects.taking_place()
        .between(start, end)
        .filter(meeting__seat__isnull=False)
        .select_related("meeting__seat")
        .order_by("starts_at")
    )


def day_table(
    hosts: Sequence[HostRow],
    occurrences: Sequence[Occurrence],
    foreign: Sequence[ForeignMeeting],
    *,
    day: date,
    zone: ZoneInfo,
    now: datetime,
) -> HostTable:
    """Return the picture of a local day: hosts down, hours across. No query."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    hosted: dict[UUID, list[Hosted]] = {row.host.pk: [] for row in hosts}
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
        {row.host.pk: (str(row.host), row.seats) for row in hosts},
        hosted,
        day=day,
        zone=zone,
        now=now,
        right_to_left=translation.get_language_bidi(),
    )
