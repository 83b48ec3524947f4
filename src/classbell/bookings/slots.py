"""
Free slots: a teacher's availability minus holidays, time off and claims, worked out by the database in one statement.

Everything that takes the teacher's time claims it (bookings, classes, halakat, sessions), so nothing else is looked at.

Slots of a free stretch are packed one after another from its start or, with a slot interval, start on that grid of the
teacher's clock as it goes when the stretch begins. A slot belongs to the day on which it starts in the reader's timezone,
wherever it ends.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from classbell.bookings.models import LessonKind
from classbell.bookings.statements import (
    FITS_STATEMENT,
    FITTING_STATEMENT,
    FITTING_TEACHERS_STATEMENT,
    NEXT_FREE_AT_STATEMENT,
    NEXT_FREE_STATEMENT,
    OUTSIDE_STATEMENT,
    SLOTS_STATEMENT,
)
from classbell.database import fetch_prepared
from classbell.errors import NotThere
from classbell.holidays.queries import OF_THE_TEACHER
from classbell.meetings.periods import Interval
from classbell.postgres.replica import may_lag

MOST_DAYS = 31
# What holds where no kind of lesson says otherwise: the teacher's own.
TEACHERS_OWN: Final[Mapping[str, int | None]] = {"buffer": None, "notice": None}
# From here on it matters little that somebody booked a few seconds ago: booking looks again.
FAR_AHEAD = timedelta(days=7)


class TeacherNotFound(NotThere):
    """There is no such teacher."""

    def __init__(self) -> None:
        super().__init__(_("Teacher not found"))


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeSlots:
    """
    Free slots of consecutive days: `starts` in order, as whole minutes since 1970 in UTC; `zone` is the reader's. `warned`
    are the holidays that only warn: from which minute until which, and the name. `may_end_early`: some hosts at Zoom have no
    licence, so `ends_after` has to say whether a long lesson is cut short; it would say no otherwise.
    """

    first: date
    days: int
    minutes: int
    zone: ZoneInfo
    starts: list[int]
    warned: Sequence[tuple[float, float, str]]
    may_end_early: bool

    def holiday_at(self, minute: int) -> str:
        """Return the name of the holiday in which a slot begins, "" where it begins in none."""
        return next((name for begins, ends, name in self.warned if begins <= minute < ends), "")


def find_slots(
    *,
    teacher_id: UUID,
    first: date,
    days: int = 1,
    minutes: int = 60,
    timezone: str | None = None,
    now: datetime,
    own_claims: Collection[UUID] = (),
    kind: LessonKind | None = None,
) -> FreeSlots:
    """
    Return where lessons of `minutes` fit on `days` days from `first` on, in the reader's `timezone` (the teacher's if none);
    with the notice and the buffer of a `kind` where it has its own.

    `own_claims` do not count: those of a booking that is to be moved. One prepared statement. Raises TeacherNotFound.
    """
    parameters = {
        "teacher_id": teacher_id,
        "timezone": timezone,
        "first": first,
        "days": days,
        "minutes": minutes,
        "now": now,
        "own_claims": list(own_claims),
        "school_zone": settings.TIME_ZONE,
        **rules_of(kind),
    }
    find = _find_perhaps_late if may_be_late(first, now=now, own_claims=own_claims) else _find
    zone, starts, warned, may_end_early = find(parameters)
    return FreeSlots(
        first=first,
        days=days,
        minutes=minutes,
        zone=ZoneInfo(zone),
        starts=starts,
        warned=[(begins, ends, name or str(OF_THE_TEACHER)) for begins, ends, name in warned],
        may_end_early=may_end_early,
    )


def may_be_late(first: date, *, now: datetime, own_claims: Collection[UUID]) -> bool:
    """Whether what is free from a day on may be some seconds old. Not for who moves a booking: they just made it, perhaps."""
    return first - now.date() > FAR_AHEAD and not own_claims


def _find(parameters: Mapping[str, Any]) -> tuple[str, list[int], list[tuple[float, float, str]], bool]:
    rows = fetch_prepared(SLOTS_STATEMENT, parameters)
    if not rows:
        raise TeacherNotFound
    zone, starts, warned, may_end_early = rows[0]
    return zone, starts, json.loads(warned) if warned else [], may_end_early


_find_perhaps_late = may_lag(_find)


def next_free(
    teacher_ids: Collection[UUID],
    *,
    days: int,
    minutes: int,
    weekday: int | None = None,
    hours: tuple[int, int] | None = None,
    zone: ZoneInfo | None = None,
    now: datetime,
) -> dict[UUID, datetime]:
    """
    Return the first start of a free slot of `minutes` of each teacher who has one within `days`, counting today, in UTC; with
    `weekday` (0 for Monday) or `hours` (from, until) of those that begin then on the clock of `zone`, or of UTC.

    One prepared statement for any number of teachers; it costs what their slots of these days do.
    """
    at_any_time = weekday is None and hours is None
    from_hour, until_hour = hours or (None, None)
    at = {"weekday": weekday, "from_hour": from_hour, "until_hour": until_hour, "clock": zone.key if zone else "UTC"}
    rows = fetch_prepared(
        NEXT_FREE_STATEMENT if at_any_time else NEXT_FREE_AT_STATEMENT,
        {
            **({} if at_any_time else at),
            "teacher_ids": list(teacher_ids),
            "timezone": None,
            # Wherever a teacher is, their today is this day, the one before or the one after.
            "first": now.astimezone(UTC).date() - timedelta(days=1),
            "days": days + 2,
            "minutes": minutes,
            "now": now,
            "own_claims": [],
            "school_zone": settings.TIME_ZONE,
            **TEACHERS_OWN,
        },
    )
    return {teacher: datetime.fromtimestamp(start * 60, UTC) for teacher, start in rows}


def rules_of(kind: LessonKind | None) -> Mapping[str, int | None]:
    """Return the buffer and the notice of a kind as the statements take them."""
    return TEACHERS_OWN if kind is None else {"buffer": kind.buffer_minutes, "notice": kind.min_notice_minutes}


def fits(
    *,
    teacher_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    own_claims: Collection[UUID] = (),
    kind: LessonKind | None = None,
) -> bool:
    """
    Say whether a lesson may be booked there: inside availability, free with its buffer, after notice, within the horizon.
    A `kind` has its own buffer and notice, or the teacher's.

    `own_claims` do not count: those of a booking that is being moved. Raises TeacherNotFound.
    """
    rows = fetch_prepared(
        FITS_STATEMENT,
        {
            "teacher_id": teacher_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "now": now,
            "own_claims": list(own_claims),
            "school_zone": settings.TIME_ZONE,
            **rules_of(kind),
        },
    )
    if not rows:
        raise TeacherNotFound
    return bool(rows[0][0])


def fitting_teachers(
    teacher_ids: Collection[UUID],
    *,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    kind: LessonKind | None = None,
) -> set[UUID]:
    """Return with which of these teachers a lesson may be booked there, as `fits` says. One prepared statement."""
    rows = fetch_prepared(
        FITTING_TEACHERS_STATEMENT,
        {
            "teacher_ids": list(teacher_ids),
            "starts_at": starts_at,
            "ends_at": ends_at,
            "now": now,
            "own_claims": [],
            "school_zone": settings.TIME_ZONE,
            **rules_of(kind),
        },
    )
    return {row[0] for row in rows}


def outside_hours(teacher_id: UUID, lessons: Sequence[tuple[UUID, datetime, datetime]]) -> set[UUID]:
    """Return which lessons (id, start, end) do not lie within the hours that a teacher has opened, taken or not."""
    if not lessons:
        return set()
    ids, starts, ends = zip(*lessons, strict=True)
    parameters = {
        "teacher_id": teacher_id,
        "looks_from": min(starts),
        "looks_until": max(ends),
        "ids": list(ids),
        "starts": list(starts),
        "ends": list(ends),
        **TEACHERS_OWN,
    }
    return {row[0] for row in fetch_prepared(OUTSIDE_STATEMENT, parameters)}


def fitting(
    *, teacher_id: UUID, periods: Sequence[Interval], now: datetime, own_claims: Collection[UUID] = ()
) -> list[bool]:
    """Say of each of these periods what `fits` says, in one prepared statement. Raises TeacherNotFound."""
    rows = fetch_prepared(
        FITTING_STATEMENT,
        {
            "teacher_id": teacher_id,
            "starts": [starts_at for starts_at, _end in periods],
            "ends": [ends_at for _start, ends_at in periods],
            "now": now,
            "own_claims": list(own_claims),
            "school_zone": settings.TIME_ZONE,
            **TEACHERS_OWN,
        },
    )
    if periods and not rows:
        raise TeacherNotFound
    return [bool(row[0]) for row in rows]


def starts_of(found: FreeSlots) -> Iterable[datetime]:
    """Return the starts as aware UTC datetimes."""
    return (datetime.fromtimestamp(start * 60, UTC) for start in found.starts)
