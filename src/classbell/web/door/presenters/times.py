"""Choosing a time of one kind of lesson, with one teacher or any: days with how many times are free, and those of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from classbell.bookings.kinds.slots import slots_of_kind
from classbell.bookings.models import LessonKind
from classbell.bookings.queries import RatedTeacher
from classbell.bookings.slots import MOST_DAYS
from classbell.web.tutoring.presenters.slot_picker import NEAREST_SHOWN, STRIP_DAYS, Asked, Slot, StripDay, read_address
from classbell.zones import place_of

FARTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """
    The picture of a choice: `days` of the strip, the free `slots` of the chosen `day`; `chosen` is a slot that was, free or
    not, and `nearest` are the free times nearest to it. `earlier` and `later` begin the strips beside this one; `next_free`
    is the next free day when this one has none.
    """

    days: Sequence[StripDay]
    day: date
    slots: Sequence[Slot]
    minutes: int
    lengths: Sequence[int]
    place: str
    earlier: date | None
    later: date | None
    next_free: date | None
    chosen: Slot | None
    chosen_is_free: bool
    nearest: Sequence[Slot]

    @property
    def has_free(self) -> bool:
        """Whether anything is free in the strip."""
        return any(day.free for day in self.days)

    @property
    def last_day(self) -> date:
        """The last day of the strip."""
        return self.days[-1].date


def read_times(query: Mapping[str, str], kind: LessonKind) -> Asked:
    """Read what an address or a form asks for; a length that the kind does not have is its shortest."""
    asked = read_address(query, usual_minutes=kind.minutes[0])
    if asked.minutes in kind.minutes:
        return asked
    return Asked(day=asked.day, strip=asked.strip, minutes=kind.minutes[0], starts_at=asked.starts_at)


def times_of(
    kind: LessonKind, teachers: Sequence[RatedTeacher], asked: Asked, *, zone: ZoneInfo, now: datetime
) -> Times:
    """Return when a kind is free with any of these teachers, on the clock of `zone`."""
    today = now.astimezone(zone).date()
    anchor = asked.strip or asked.day or (asked.starts_at.astimezone(zone).date() if asked.starts_at else today)
    anchor = min(max(anchor, today), today + FARTHEST)
    first = today + timedelta(days=(anchor - today).days // STRIP_DAYS * STRIP_DAYS)
    found = _free(kind, teachers, first, STRIP_DAYS, asked.minutes, zone, now)
    by_day: dict[date, list[Slot]] = {first + timedelta(days=number): [] for number in range(STRIP_DAYS)}
    for slot in found:
        by_day[slot.starts_at.astimezone(zone).date()].append(slot)
    wanted = asked.day or (asked.starts_at.astimezone(zone).date() if asked.starts_at else None)
    day = wanted if wanted in by_day else next((each for each, slots in by_day.items() if slots), first)
    later = first + timedelta(days=STRIP_DAYS)
    chosen = _chosen(asked)
    return Times(
        days=[
            StripDay(date=each, free=len(slots), is_chosen=each == day, is_today=each == today)
            for each, slots in by_day.items()
        ],
        day=day,
        slots=by_day[day],
        minutes=asked.minutes,
        lengths=kind.minutes,
        place=place_of(zone),
        earlier=max(first - timedelta(days=STRIP_DAYS), today) if first > today else None,
        later=later if later <= today + FARTHEST else None,
        next_free=None if found else _next_free(kind, teachers, later, asked.minutes, zone, now),
        chosen=chosen,
        chosen_is_free=chosen is not None and chosen in found,
        nearest=_nearest(found, chosen),
    )


def _next_free(
    kind: LessonKind, teachers: Sequence[RatedTeacher], first: date, minutes: int, zone: ZoneInfo, now: datetime
) -> date | None:
    found = _free(kind, teachers, first, MOST_DAYS, minutes, zone, now)
    return found[0].starts_at.astimezone(zone).date() if found else None


def _free(
    kind: LessonKind,
    teachers: Sequence[RatedTeacher],
    first: date,
    days: int,
    minutes: int,
    zone: ZoneInfo,
    now: datetime,
) -> Sequence[Slot]:
    ids = [one.pk for one in teachers]
    found = slots_of_kind(kind, ids, first=first, days=days, minutes=minutes, zone=zone, now=now)
    return [Slot(starts_at=one.starts_at, ends_at=one.starts_at + timedelta(minutes=minutes)) for one in found.slots]


def _chosen(asked: Asked) -> Slot | None:
    if asked.starts_at is None:
        return None
    return Slot(starts_at=asked.starts_at, ends_at=asked.starts_at + timedelta(minutes=asked.minutes))


def _nearest(offered: Sequence[Slot], chosen: Slot | None) -> Sequence[Slot]:
    if chosen is None:
        return offered[:NEAREST_SHOWN]
    by_distance = sorted(offered, key=lambda slot: abs(slot.starts_at - chosen.starts_at))
    return sorted(by_distance[:NEAREST_SHOWN], key=lambda slot: slot.starts_at)
