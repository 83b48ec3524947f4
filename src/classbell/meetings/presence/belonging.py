"""
Which session a run of a Zoom meeting belongs to, by its time alone: pure calculation, no database, no clock.

Zoom tells of runs: somebody opened the room, and closed it. A run is a session's when it went on in the session's planned
time, or so near to it that nothing else can have been meant. What a person says about a run stands above all this.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from classbell.meetings.periods import K, Period


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long before its planned start, and after its planned end, a run may still be a session's."""

    early: timedelta
    late: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTimes:
    """When a run began, until when it is known to have gone on, and its end; None: it runs, or nobody told."""

    started_at: datetime
    heard_until: datetime
    ended_at: datetime | None

    @property
    def known(self) -> Period:
        """The time in which it is known to have gone on."""
        return Period(starts_at=self.started_at, ends_at=max(self.started_at, self.ended_at or self.heard_until))


def belongs(run: RunTimes, planned: Period, limits: Limits) -> bool:
    """
    Whether a run may be the session planned for this time.

    One that began long before counts as soon as it is known to go on shortly before the session; one that was over before
    the planned start was a rehearsal, however short before.
    """
    if run.ended_at is not None and run.ended_at <= planned.starts_at:
        return False
    return run.known.ends_at >= planned.starts_at - limits.early and run.started_at <= planned.ends_at + limits.late


def session_of(run: RunTimes, plan: Iterable[tuple[K, Period]], limits: Limits) -> K | None:
    """
    Return which of the planned sessions a run belongs to, None for none of them.

    Of several that it may be, the one of whose time it took most, else the nearest; of two as near the later, for people
    come early.
    """
    possible = [(key, planned) for key, planned in plan if belongs(run, planned, limits)]
    if not possible:
        return None
    return max(possible, key=lambda one: (_shared(run.known, one[1]), -_distance(run, one[1]), one[1].starts_at))[0]


def _shared(known: Period, planned: Period) -> timedelta:
    return Period(starts_at=max(known.starts_at, planned.starts_at), ends_at=min(known.ends_at, planned.ends_at)).length


def _distance(run: RunTimes, planned: Period) -> timedelta:
    return max(planned.starts_at - run.started_at, run.started_at - planned.ends_at, timedelta())
