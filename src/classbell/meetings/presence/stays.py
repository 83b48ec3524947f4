"""From the comings and goings of one connection to its stays: pure calculation, no database, no clock."""

from collections.abc import Collection
from datetime import datetime

from classbell.meetings.periods import Stay, StaySource


def pair_stays(
    joins: Collection[datetime], leaves: Collection[datetime], ended_at: datetime | None = None
) -> list[Stay]:
    """
    Return the stays of one connection, in order, whatever the order and number of times that its moments were told in.

    A join while somebody is in says nothing new, nor does a leave while nobody is: what came before it was lost, and Zoom's
    report will tell. Both at one moment: who was in goes and comes back, who was not comes and goes at once. Whoever is
    still in is out at `ended_at`; None means that they are there.
    """
    stays: list[Stay] = []
    in_since: datetime | None = None
    for moment in sorted({*joins, *leaves}):
        joined, left = moment in joins, moment in leaves
        if in_since is None:
            in_since = moment if joined else None
            if joined and left:
                stays.append(_stay(moment, moment))
                in_since = None
        elif left:
            stays.append(_stay(in_since, moment))
            in_since = moment if joined else None
    if in_since is not None:
        stays.append(_stay(in_since, ended_at and max(in_since, ended_at)))
    return stays


def _stay(joined_at: datetime, left_at: datetime | None) -> Stay:
    return Stay(joined_at=joined_at, left_at=left_at, source=StaySource.WEBHOOK)
