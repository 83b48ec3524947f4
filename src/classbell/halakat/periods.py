"""
Times that a circle keeps between two dates only, as in Ramadan. Pure: no database, no clock.

A period moves single sessions of the circle's meetings and leaves their rule alone, so that each stays the session it was, at
the same link, and what comes after is back at the usual time. Which sessions it has moved is not kept: they are those that
stand where it puts them. What somebody moved by hand stands elsewhere, and stays.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.meetings.deviations import Deviation
from classbell.meetings.periods import Interval
from classbell.meetings.recurrence import place

MOST_PERIODS: Final = 20
SHORTEST_MINUTES: Final = 5
LONGEST_MINUTES: Final = 720


class PeriodsRefused(DomainError):
    """The periods given contradict themselves or one another; `details` names the field."""

    code = "invalid_schedule"

    def __init__(self, message: str) -> None:
        super().__init__(message, details=[{"field": "periods", "message": message}])


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Period:
    """From `first_day` to `last_day`, both included, the sessions begin at `start_time` and last `duration_minutes`."""

    first_day: date
    last_day: date
    start_time: time
    duration_minutes: int
    name: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return a period as it is kept, in JSON."""
        return cls(
            name=kept["name"],
            first_day=date.fromisoformat(kept["first_day"]),
            last_day=date.fromisoformat(kept["last_day"]),
            start_time=time.fromisoformat(kept["start_time"]),
            duration_minutes=kept["duration_minutes"],
        )

    def kept(self) -> dict[str, Any]:
        """Return it as it is kept, in JSON."""
        return {
            "name": self.name,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "start_time": self.start_time.isoformat("minutes"),
            "duration_minutes": self.duration_minutes,
        }


def check_periods(periods: Sequence[Period]) -> None:
    """Raise PeriodsRefused for periods that end before they begin, that overlap, or that are more than anybody has."""
    if len(periods) > MOST_PERIODS:
        raise PeriodsRefused(_("A circle has %(most)s such periods at most.") % {"most": MOST_PERIODS})
    in_order = sorted(periods)
    for period in in_order:
        if period.last_day < period.first_day:
            raise PeriodsRefused(_("The last day of the period must not be before its first."))
        if not SHORTEST_MINUTES <= period.duration_minutes <= LONGEST_MINUTES:
            raise PeriodsRefused(
                _("A session lasts %(shortest)s to %(longest)s minutes.")
                % {"shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
            )
    for one, other in pairwise(in_order):
        if other.first_day <= one.last_day:
            raise PeriodsRefused(
                _("“%(one)s” and “%(other)s” share days. Let one end before the other begins.")
                % {"one": one.name, "other": other.name}
            )


def with_period(periods: Sequence[Period], period: Period | None, *, instead_of: date | None) -> tuple[Period, ...]:
    """Return periods with this one, or none, in place of the one that begins on a day; None: beside them."""
    others = [one for one in periods if one.first_day != instead_of]
    return tuple(sorted([*others, *([period] if period is not None else [])]))


def moved_by(periods: Sequence[Period], slot: datetime, zone: ZoneInfo) -> Interval | None:
    """Return when the session is held that the circle's rule puts at `slot` (aware), None where no period has its day."""
    day = slot.astimezone(zone).date()
    for period in periods:
        if period.first_day <= day <= period.last_day:
            starts_at = place(datetime.combine(day, period.start_time), zone)
            return starts_at, starts_at + timedelta(minutes=period.duration_minutes)
    return None


def without_periods(
    periods: Sequence[Period], decided: Mapping[datetime, Deviation], zone: ZoneInfo
) -> dict[datetime, Deviation]:
    """Return what was decided about single sessions beside these periods, by which all of them were moved that could be."""
    rest = {}
    for slot, one in decided.items():
        if one.moved_to is not None and one.moved_to == moved_by(periods, slot, zone):
            if one.is_cancelled or one.substitute or one.location:
                rest[slot] = replace(one, moved_to=None)
        else:
            rest[slot] = one
    return rest


def with_periods(
    periods: Sequence[Period],
    slots: Collection[datetime],
    decided: Mapping[datetime, Deviation],
    zone: ZoneInfo,
    *,
    usual_minutes: int,
    now: datetime,
) -> dict[datetime, Deviation]:
    """
    Return what holds for the sessions at these slots: what was decided about them, and for all that were not moved by hand
    the times of these periods. Nothing is moved into the past.
    """
    holds = dict(decided)
    for slot in slots:
        moved_to = moved_by(periods, slot, zone)
        if moved_to is None or slot <= now or moved_to[0] <= now:
            continue
        if moved_to == (slot, slot + timedelta(minutes=usual_minutes)):
            continue
        one = holds.get(slot) or Deviation(slot=slot)
        if one.moved_to is None:
            holds[slot] = replace(one, moved_to=moved_to)
    return holds
