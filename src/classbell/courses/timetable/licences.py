"""How many Zoom licences a timetable needs, and how many it has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from classbell.meetings.hosts import planner
from classbell.meetings.models import HostSeat, Meeting, Occurrence, ZoomHost
from classbell.meetings.periods import Interval

Occurrences = Mapping[Meeting, Sequence[Interval]]

ROWS_AT_ONCE = 5_000
# So many meetings are looked at one by one where counting those alike finds a plan above the lower bound: a few seconds.
MOST_LOOKED_AT = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Licences:
    """
    What a timetable asks of Zoom.

    `most_at_once` meetings run during `peak`, the first of the longest such times; None without meetings. `needed` licences
    hold them all, and any plan takes `at_least` so many. `used` of the `usable` ones hold some; `waiting` meetings have none.
    """

    meetings: int
    occurrences: int
    teachers: int
    most_at_once: int
    peak: Interval | None
    needed: int
    at_least: int
    used: int
    usable: int
    waiting: int


def occurrences_between(start: datetime, end: datetime) -> Occurrences:
    """
    Return the meetings that are held at Zoom with their sessions that begin in [start, end), lengthened by the time a host
    rests after them.
    """
    rows = Occurrence.objects.taking_place().filter(
        Q(starts_at__gte=start, starts_at__lt=end), meeting__wanted=True, meeting__location="", location=""
    )
    meetings = (
        Meeting.objects.filter(pk__in=rows.order_by().values("meeting"))
        .select_related("seat__host", "teacher")
        .in_bulk()
    )
    occurrences: dict[Meeting, list[Interval]] = defaultdict(list)
    # Read as times alone, each kept once: a large school has half a million sessions, at a few thousand times.
    times: dict[Interval, Interval] = {}
    periods = rows.order_by("starts_at").values_list("meeting", "starts_at", "ends_at")
    for meeting_id, starts_at, ends_at in periods.iterator(chunk_size=ROWS_AT_ONCE):
        if (meeting := meetings.get(meeting_id)) is not None:
            period = (starts_at, ends_at + timedelta(minutes=meeting.gap_minutes))
            occurrences[meeting].append(times.setdefault(period, period))
    return occurrences


def licences_for(occurrences: Occurrences) -> Licences:
    """Plan these meetings anew, as though none had a host yet, and count what that takes. Two statements."""
    series = [planner.Series(key=meeting, periods=tuple(periods)) for meeting, periods in occurrences.items()]
    seats = list(HostSeat.objects.order_by("number", "host__email").values_list("pk", "host"))
    plan = planner.seats_needed(series)
    if plan.needed > plan.lower_bound and len(series) <= MOST_LOOKED_AT:
        plan = planner.plan(series, [pk for pk, _host in seats])
    usable = ZoomHost.objects.usable().count()
    seats_per_host = max(1, round(len(seats) / max(1, usable)))
    hosts = dict(seats)
    return Licences(
        meetings=len(occurrences),
        occurrences=sum(map(len, occurrences.values())),
        teachers=len({meeting.teacher_id for meeting in occurrences}),
        most_at_once=plan.lower_bound,
        peak=plan.peak,
        needed=-(-plan.needed // seats_per_host),
        at_least=-(-plan.lower_bound // seats_per_host),
        used=len({hosts[meeting.seat_id] for meeting in occurrences if meeting.seat_id in hosts}),
        usable=usable,
        waiting=sum(meeting.seat_id is None for meeting in occurrences),
    )
