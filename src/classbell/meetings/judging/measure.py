"""Which time of a session counts, and lengths of it as reasons tell them."""

from collections.abc import Sequence
from datetime import timedelta

from classbell.meetings.judging.inputs import JudgedOccurrence, Policy
from classbell.meetings.periods import Period, Stay, cut, first_of, presence, without
from classbell.meetings.verdicts import Reason


def run_of(occurrence: JudgedOccurrence, room: Sequence[Stay]) -> Period | None:
    """Return when the meeting ran: as told, else from the first arrival to the last leaving. None: it never started."""
    arrivals = [stay.joined_at for stay in room]
    leavings = [stay.left_at or occurrence.ends_at for stay in room]
    started_at = occurrence.started_at or min(arrivals, default=None)
    if started_at is None:
        return None
    ended_at = occurrence.ended_at or max(leavings, default=occurrence.ends_at)
    return Period(starts_at=started_at, ends_at=max(started_at, ended_at))


def least_length(occurrence: JudgedOccurrence, policy: Policy) -> timedelta:
    """Return how long a session has to have run to have taken place."""
    return min(timedelta(minutes=policy.least_minutes), occurrence.scheduled.length / 2)


def time_there(stays: Sequence[Stay], occurrence: JudgedOccurrence, run: Period) -> list[Period]:
    """Return when somebody with these stays was in the room, as far as it was open."""
    return without(presence(stays, until=run.ends_at), occurrence.gaps)


def counted_time(occurrence: JudgedOccurrence, policy: Policy, run: Period) -> list[Period]:
    """
    Return what to measure: the schedule or, when it was held at another time, as much of the run, as far as the room was
    open. Empty when that is too little.
    """
    least = least_length(occurrence, policy)
    was_open = without([run], occurrence.gaps)
    in_time = cut(was_open, occurrence.scheduled)
    if in_time and together(in_time) >= least:
        return in_time
    moved = first_of(was_open, occurrence.scheduled.length)
    return moved if together(moved) >= least else []


def together(periods: Sequence[Period]) -> timedelta:
    """Return how long these periods are in all; they do not overlap."""
    return sum((p.length for p in periods), timedelta())


def minutes_reason(code: str, length: timedelta) -> tuple[Reason, ...]:
    """Return a reason that tells a length in minutes, none when there is nothing to tell."""
    return (Reason(code=code, figures={"minutes": begun_minutes(length)}),) if length > timedelta() else ()


def full_minutes(length: timedelta) -> int:
    """Return how many whole minutes there are in it."""
    return length // timedelta(minutes=1)


def begun_minutes(length: timedelta) -> int:
    """Return how many minutes it takes to hold it: a second too many is a minute."""
    return -(-length // timedelta(minutes=1))
