"""
Free times of a kind of lesson with any of several teachers: the union of theirs, each with how many of them are free then,
worked out by the database in one statement.

A kind that students share also has the lessons that were begun and have seats left.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from classbell.bookings.models import LessonKind
from classbell.bookings.slots import may_be_late, rules_of
from classbell.bookings.statements import ANY_TEACHER_STATEMENT
from classbell.database import fetch_prepared
from classbell.holidays.queries import OF_THE_TEACHER
from classbell.postgres.replica import may_lag

# What somebody is offered whose time was taken: this many of them, on this many days from the day of theirs on.
NEAREST: Final = 3
DAYS_LOOKED_AT: Final = 14
# How many different refusals of a second are remembered.
MOST_CROWDS: Final = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class KindSlot:
    """
    A start, as whole minutes since 1970 in UTC, with how many teachers, and how many seats they have. `holiday` is the name
    of one that warns where it does so for all of them, else "".
    """

    start: int
    teachers: int
    seats: int
    holiday: str = ""

    @property
    def starts_at(self) -> datetime:
        """The start, aware UTC."""
        return datetime.fromtimestamp(self.start * 60, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class KindSlots:
    """Free slots of consecutive days, in order; `zone` is the reader's."""

    first: date
    days: int
    minutes: int
    zone: ZoneInfo
    slots: Sequence[KindSlot]


def slots_of_kind(
    kind: LessonKind,
    teacher_ids: Collection[UUID],
    *,
    first: date,
    days: int = 1,
    minutes: int,
    zone: ZoneInfo,
    now: datetime,
    own_claims: Collection[UUID] = (),
) -> KindSlots:
    """
    Return where lessons of a kind of `minutes` fit with one of these teachers on `days` days from `first` on, as the
    reader's `zone` has days. Who is no teacher any more offers nothing; `own_claims` do not count: those of a booking that is
    to be moved. One prepared statement.
    """
    parameters: dict[str, Any] = {
        "teacher_ids": list(teacher_ids),
        "kind_id": kind.pk,
        "seats": kind.seats,
        "timezone": zone.key,
        "first": first,
        "days": days,
        "minutes": minutes,
        "now": now,
        "own_claims": list(own_claims),
        "school_zone": settings.TIME_ZONE,
        **rules_of(kind),
    }
    find = may_lag(_find) if may_be_late(first, now=now, own_claims=own_claims) else _find
    rows = find(parameters)
    slots = [
        KindSlot(
            start=start,
            teachers=teachers,
            seats=seats,
            holiday="" if holiday is None else holiday or str(OF_THE_TEACHER),
        )
        for start, teachers, seats, holiday in rows
    ]
    return KindSlots(first=first, days=days, minutes=minutes, zone=zone, slots=slots)


def _find(parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    return fetch_prepared(ANY_TEACHER_STATEMENT, parameters)


def nearest(
    kind: LessonKind, teacher_ids: Collection[UUID], *, starts_at: datetime, minutes: int, now: datetime
) -> list[datetime]:
    """
    Return the free starts that are nearest to one that was taken, the earliest first. One prepared statement.

    It is advice to who was refused, and a crowd after one time is given the same: what was found for the first of them within
    a second, the others are told too. Whoever books one of these times is refused or not by what is free then.
    """
    return list(_nearest(_Crowd(kind, frozenset(teacher_ids), starts_at, minutes, int(now.timestamp()))))


class _Crowd(NamedTuple):
    """Who is refused the same lesson of a kind within one second, in seconds since 1970."""

    kind: LessonKind
    teacher_ids: frozenset[UUID]
    starts_at: datetime
    minutes: int
    second: int


@lru_cache(maxsize=MOST_CROWDS)
def _nearest(crowd: _Crowd) -> list[datetime]:
    now, starts_at = datetime.fromtimestamp(crowd.second, UTC), crowd.starts_at
    found = slots_of_kind(
        crowd.kind,
        crowd.teacher_ids,
        first=max(starts_at.astimezone(UTC).date() - timedelta(days=1), now.date()),
        days=DAYS_LOOKED_AT,
        minutes=crowd.minutes,
        zone=ZoneInfo("UTC"),
        now=now,
    )
    starts = sorted((slot.starts_at for slot in found.slots), key=lambda one: abs(one - starts_at))
    return sorted(starts[:NEAREST])
