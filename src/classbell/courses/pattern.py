"""From a weekly pattern in wall time to the sessions it makes. Pure: no database, no clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.meetings.recurrence import BadRecurrence, expand, weekly_rule

MOST_SESSIONS: Final = 1000


class PatternRefused(DomainError):
    """The days and dates given make no sessions, or too many."""

    code = "invalid_pattern"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """
    Sessions on `weekdays` (0 is Monday) from `first_date` to `last_date`, both included, at a wall time of `timezone`.

    On the `excluded` dates there is none. Sessions are called `title` and their number in the course. `location` is where
    they are held instead of at Zoom.
    """

    title: str
    weekdays: Collection[int]
    start_time: time
    duration_minutes: int
    first_date: date
    last_date: date
    timezone: str
    excluded: Collection[date] = ()
    description: str = ""
    location: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSession:
    """
    A session to be; `starts_at` is aware, its wall time in `timezone` is what Zoom shows.

    `numbered`: its number in the course is written behind its title. `excluded`: it falls on a date without sessions,
    and is only there to be named.
    """

    title: str
    starts_at: datetime
    duration_minutes: int
    timezone: str
    description: str = ""
    location: str = ""
    numbered: bool = False
    excluded: bool = False

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.duration_minutes)

    def title_as(self, number: int) -> str:
        """Return what it is called as this number of the course."""
        return f"{self.title} {number}" if self.numbered else self.title


def sessions_of(pattern: Pattern) -> list[NewSession]:
    """
    Return the sessions of a pattern in order, those on excluded dates marked. Raises PatternRefused.

    Wall times that the clocks skip or repeat are read as in `meetings.recurrence`.
    """
    zone = ZoneInfo(pattern.timezone)
    if pattern.last_date < pattern.first_date:
        raise PatternRefused(_("The last date must not be before the first."))
    try:
        starts = expand(
            starts_at=datetime.combine(pattern.first_date, pattern.start_time),
            timezone=zone,
            rule=weekly_rule(pattern.weekdays, until=datetime.combine(pattern.last_date, time.max)),
        )
    except BadRecurrence as error:
        raise PatternRefused(
            _("This makes more than %(most)s sessions; plan it in parts.") % {"most": MOST_SESSIONS}
        ) from error
    if not starts:
        raise PatternRefused(_("None of these days lies between the first and the last date."))
    return [
        NewSession(
            title=pattern.title,
            starts_at=starts_at,
            duration_minutes=pattern.duration_minutes,
            timezone=pattern.timezone,
            description=pattern.description,
            location=pattern.location,
            numbered=True,
            excluded=starts_at.astimezone(zone).date() in pattern.excluded,
        )
        for starts_at in starts
    ]
