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
    rows = (
        Occurrence.objects.taking_place()
        .filter(Q(starts_at__gte=start, starts_at__lt=end), meeting__wanted=True, meeting__location="", location="")
        .select_related("meeting__seat__host", "meeting__teacher")
        .order_by("starts_at")
    )
    occurrences: dict[Meeting, list[Interval]] = defaultdict(list)
    for occurrence in rows:
        gap = timedelta(minutes=occurrence.meeting.gap_minutes)
        occurrences[occurrence.meeting].append((occurrence.starts_at, occurrence.ends_at + gap))
    return occurrences


def licences_for(occurrences: Occurrences) -> Licences:
    """Plan these meetings anew, as though none had a host yet, and count what that takes. Three statements."""
    series = [
        planner.Series(key=meeting, periods=tuple(periods), seat=None) for meeting, periods in occurrences.items()
    ]
    seats = list(HostSeat.objects.order_by("number", "host__email").values_list("pk", "host"))
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
