"""Stretches of presence: joined, cut and compared. No database, no clock."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Generic, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

K = TypeVar("K", bound=Hashable)

# Zoom's two accounts of one arrival may differ by this much and still mean the same one.
SAME_ARRIVAL = timedelta(seconds=60)


class StaySource(TextChoices):
    """Who told us of a stay: events while it happened, or the report afterwards."""

    WEBHOOK = "webhook", _("Live events")
    REPORT = "report", _("Zoom's report")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """One connection's time in the room. `left_at` None: no leave was heard of."""

    joined_at: datetime
    left_at: datetime | None
    source: StaySource = StaySource.WEBHOOK


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """[starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it is; never negative."""
        return max(self.ends_at - self.starts_at, timedelta())


# The same as a plain pair, for the many that are sorted and compared where hosts are chosen and clashes sought.
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference(Generic[K]):
    """How long the two sources say one person was there, where they disagree."""

    person: K
    webhook_seconds: int
    report_seconds: int


def presence(stays: Sequence[Stay], *, until: datetime) -> list[Period]:
    """
    Return when somebody was there on any connection: stretches that neither overlap nor touch, in order.

    A stay without an end lasts until the other source says that it ended, else until `until`. Stays that end before they
    begin say nothing and are left out.
    """
    return merged(
        Period(starts_at=stay.joined_at, ends_at=stay.left_at or _told_end(stay, stays) or until) for stay in stays
    )


def merged(periods: Iterable[Period]) -> list[Period]:
    """Return the union of periods as stretches that neither overlap nor touch, in order."""
    stretches = union((period.starts_at, period.ends_at) for period in periods)
    return [Period(starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in stretches]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """As merged, for plain pairs. What ends before it begins says nothing and is left out."""
    stretches: list[Interval] = []
    for start, end in sorted(intervals):
        if stretches and start <= stretches[-1][1]:
            stretches[-1] = stretches[-1][0], max(end, stretches[-1][1])
        elif start < end:
            stretches.append((start, end))
    return stretches


def minus(intervals: Iterable[Interval], gaps: Iterable[Interval]) -> list[Interval]:
    """Return the parts of plain pairs that lie in none of the gaps: in order."""
    parts: list[Interval] = []
    holes = union(gaps)
    number = 0
    for start, end in union(intervals):
        while number < len(holes) and holes[number][1] <= start:
            number += 1
        begins, here = start, number
        while here < len(holes) and holes[here][0] < end:
            if begins < holes[here][0]:
                parts.append((begins, holes[here][0]))
            begins = max(begins, holes[here][1])
            here += 1
        if begins < end:
            parts.append((begins, end))
    return parts


def cut(periods: Iterable[Period], window: Period) -> list[Period]:
    """Return the parts of periods that lie within the window."""
    parts = (
        Period(starts_at=max(p.starts_at, window.starts_at), ends_at=min(p.ends_at, window.ends_at)) for p in periods
    )
    return [part for part in parts if part.starts_at < part.ends_at]


def between(periods: Iterable[Period]) -> list[Period]:
    """Return the gaps between periods, in order."""
    return [Period(starts_at=one.ends_at, ends_at=other.starts_at) for one, other in pairwise(merged(periods))]


def without(periods: Iterable[Period], gaps: Iterable[Period]) -> list[Period]:
    """Return the parts of periods that lie in no gap."""
    parts = list(periods)
    for gap in gaps:
        pieces = [
            piece
            for part in parts
            for piece in (
                Period(starts_at=part.starts_at, ends_at=min(part.ends_at, gap.starts_at)),
                Period(starts_at=max(part.starts_at, gap.ends_at), ends_at=part.ends_at),
            )
        ]
        parts = [piece for piece in pieces if piece.starts_at < piece.ends_at]
    return parts


def first_of(periods: Sequence[Period], length: timedelta) -> list[Period]:
    """Return as much of periods from their beginning as is `length` together; they are in order and do not overlap."""
    taken: list[Period] = []
    for period in periods:
        part = min(period.length, length)
        if part > timedelta():
            taken.append(Period(starts_at=period.starts_at, ends_at=period.starts_at + part))
        length -= part
    return taken


def last_of(periods: Sequence[Period], length: timedelta) -> list[Period]:
    """Return as much of periods up to their end as is `length` together; see `first_of`."""
    taken: list[Period] = []
    for period in reversed(periods):
        part = min(period.length, length)
        if part > timedelta():
            taken.insert(0, Period(starts_at=period.ends_at - part, ends_at=period.ends_at))
        length -= part
    return taken


def whole_seconds(periods: Iterable[Period]) -> int:
    """Return how long periods are together, rounded down. They must not overlap."""
    return int(sum((p.length for p in periods), timedelta()).total_seconds())


def differences(
    people: Mapping[K, Sequence[Stay]], *, window: Period, tolerance: timedelta
) -> tuple[Difference[K], ...]:
    """
    Return whose presence within the window the two sources tell differently by more than `tolerance`.

    Empty unless both sources told of somebody: a report that has not arrived contradicts nothing.
    """
    if {stay.source for stays in people.values() for stay in stays} != set(StaySource):
        return ()
    return tuple(
        Difference(person=person, webhook_seconds=webhook, report_seconds=report)
        for person, stays in people.items()
        for webhook, report in [[_seconds_by(source, stays, window) for source in StaySource]]
        if timedelta(seconds=abs(webhook - report)) > tolerance
    )


def _seconds_by(source: StaySource, stays: Sequence[Stay], window: Period) -> int:
    told = [stay for stay in stays if stay.source == source]
    return whole_seconds(cut(presence(told, until=window.ends_at), window))


def _told_end(stay: Stay, stays: Sequence[Stay]) -> datetime | None:
    ends = [
        other.left_at
        for other in stays
        if other.source != stay.source
        and other.left_at is not None
        and other.joined_at - SAME_ARRIVAL <= stay.joined_at <= other.left_at
    ]
    return max(ends, default=None)
