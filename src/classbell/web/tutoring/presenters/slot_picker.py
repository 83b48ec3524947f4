"""Choosing a time with a teacher: a strip of days, each with how many times are free, and the free times of one day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from classbell.accounts.models import User
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.queries import sessions_at
from classbell.bookings.slots import MOST_DAYS, find_slots, fits, starts_of
from classbell.meetings.claims import taken_periods
from classbell.meetings.hosts.pool import ends_after
from classbell.web.kit.charts.weeks import midnight
from classbell.years import YEARS
from classbell.zones import clocks_differ, place_of

LENGTHS = (30, 45, 60, 90)
USUAL_LENGTH = 60
STRIP_DAYS = 14
NEAREST_SHOWN = 4
NEAREST_WITHIN = timedelta(days=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an address asks the picker for; None where it says nothing that can be meant."""

    day: date | None = None
    strip: date | None = None
    minutes: int = USUAL_LENGTH
    starts_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """
    A free time, [starts_at, ends_at); `holiday` is the name of one that warns, "" where it begins in none; `seats` are how
    many are left where students share it, else 0.
    """

    starts_at: datetime
    ends_at: datetime
    holiday: str = ""
    seats: int = 0

    @property
    def value(self) -> str:
        """How addresses and forms write it: its start in UTC."""
        return f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, kw_only=True, slots=True)
class StripDay:
    """One day of the strip and how many times are free on it."""

    date: date
    free: int
    is_chosen: bool
    is_today: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Picker:
    """
    The picture of a choice: `days` of the strip, the free `slots` of the chosen `day`, and the slot that was `chosen`.
    `strip` are the free slots of all its days.

    Days and times are those of `zone`; `teacher_zone` is there only where the teacher's clock shows something else.
    `earlier` and `later` begin the strips beside this one; `next_free` is the next free day when this strip has none.
    `ends_after` is after how many minutes Zoom would end lessons of this length, None where it would not.
    """

    days: Sequence[StripDay]
    day: date
    slots: Sequence[Slot]
    strip: Sequence[Slot]
    minutes: int
    lengths: Sequence[int]
    zone: ZoneInfo
    place: str
    teacher_zone: ZoneInfo | None
    teacher_place: str
    earlier: date | None
    later: date | None
    next_free: date | None
    chosen: Slot | None
    chosen_is_free: bool
    ends_after: int | None = None

    @property
    def holiday(self) -> str:
        """The name of the holiday in which the chosen slot begins, "" where it begins in none."""
        return self.chosen.holiday if self.chosen else ""

    @property
    def last_day(self) -> date:
        """The last day of the strip."""
        return self.days[-1].date

    @property
    def has_free(self) -> bool:
        """Whether anything is free in the strip."""
        return bool(self.strip)


def read_address(query: Mapping[str, str], *, usual_minutes: int = USUAL_LENGTH) -> Asked:
    """
    Read `day`, `from`, `length` and `slot` of an address or a form; what is no sensible value is left out.

    A form that offers times in place of one that was taken says in `wanted` which one that was.
    """
    text = query.get("length", "")
    minutes = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else usual_minutes
    return Asked(
        day=_day(query.get("day", "")),
        strip=_day(query.get("from", "")),
        minutes=minutes if SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES else usual_minutes,
        starts_at=_moment(query.get("slot", "")) or _moment(query.get("wanted", "")),
    )


class Offer(Protocol):
    """Whose free times are picked from, on whose clock."""

    @property
    def zone(self) -> ZoneInfo | None:
        """The clock to show beside the reader's, None where there is no such clock."""

    def lengths(self, asked: int) -> Sequence[int]:
        """Return the minutes to choose from; `asked` are those of the address."""

    def free(self, first: date, days: int, minutes: int, zone: ZoneInfo) -> list[Slot]:
        """Return the free times of some days, in order."""

    def fits(self, slot: Slot) -> bool:
        """Say whether a time may be booked that is not among those offered."""

    def taught_by(self) -> Collection[UUID]:
        """Return who may teach it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OfTeacher:
    """A teacher's times, for lessons of any length; `own_claims` of a lesson that is to be moved do not count."""

    teacher: User
    now: datetime
    own_claims: Collection[UUID] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The teacher's clock."""
        return self.teacher.zone

    def lengths(self, asked: int) -> Sequence[int]:
        """Return the usual lengths, and the one asked for."""
        return sorted({*LENGTHS, asked})

    def free(self, first: date, days: int, minutes: int, zone: ZoneInfo) -> list[Slot]:
        """Return the free times of some days. One statement. Raises TeacherNotFound."""
        found = find_slots(
            teacher_id=self.teacher.pk,
            first=first,
            days=days,
            minutes=minutes,
            timezone=zone.key,
            now=self.now,
            own_claims=self.own_claims,
        )
        return [
            slot_at(start, minutes, found.holiday_at(minute))
            for minute, start in zip(found.starts, starts_of(found), strict=True)
        ]

    def fits(self, slot: Slot) -> bool:
        """Say whether a time may be booked that is not among those offered. One statement."""
        return fits(
            teacher_id=self.teacher.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            now=self.now,
            own_claims=self.own_claims,
        )

    def taught_by(self) -> Collection[UUID]:
        """Return the teacher."""
        return [self.teacher.pk]


def pick(offer: Offer, asked: Asked, *, zone: ZoneInfo, days_ahead: int, now: datetime) -> Picker:
    """
    Return the picker for what is offered, on the clock of `zone`. One statement; one more when the strip is empty or the slot
    asked for is not among those offered, and three at most to know whether Zoom would end such lessons early.

    Raises TeacherNotFound.
    """
    today = now.astimezone(zone).date()
    horizon = today + timedelta(days=days_ahead)
    first = _strip_start(_anchor(asked, zone, today), today=today, horizon=horizon)
    lengths = offer.lengths(asked.minutes)
    minutes = asked.minutes if asked.minutes in lengths else lengths[0]
    found = offer.free(first, STRIP_DAYS, minutes, zone)
    by_day: dict[date, list[Slot]] = {first + timedelta(days=number): [] for number in range(STRIP_DAYS)}
    for slot in found:
        by_day[slot.starts_at.astimezone(zone).date()].append(slot)
    day = _chosen_day(asked, by_day, zone, fallback=first)
    later = first + timedelta(days=STRIP_DAYS)
    other = offer.zone
    other_zone = other if other is not None and clocks_differ(other, zone, midnight(first, zone), now) else None
    chosen = _chosen(asked, found, minutes)
    return Picker(
        days=[
            StripDay(date=each, free=len(slots), is_chosen=each == day, is_today=each == today)
            for each, slots in by_day.items()
        ],
        day=day,
        slots=by_day.get(day, []),
        strip=found,
        minutes=minutes,
        lengths=lengths,
        zone=zone,
        place=place_of(zone),
        teacher_zone=other_zone,
        teacher_place=place_of(other) if other is not None else "",
        earlier=max(first - timedelta(days=STRIP_DAYS), today) if first > today else None,
        later=later if later <= horizon else None,
        next_free=None if found else _next_free(offer, later, minutes, zone),
        chosen=chosen,
        chosen_is_free=chosen is not None and (chosen in found or offer.fits(chosen)),
        ends_after=ends_after(minutes, offer.taught_by()),
    )


def nearest_free(
    offer: Offer, picker: Picker, *, student: User, now: datetime, own_claims: Collection[UUID] = ()
) -> Sequence[Slot]:
    """
    Return the few free times nearest to the chosen one, or else to now, in order: neither the chosen one itself nor any at
    which the student has something else.
    """
    zone, minutes = picker.zone, picker.minutes
    wanted = picker.chosen.starts_at if picker.chosen else now
    first = max(wanted - NEAREST_WITHIN, now).astimezone(zone).date()
    last = (wanted + NEAREST_WITHIN).astimezone(zone).date()
    days = (last - first).days + 1
    if not 0 < days <= MOST_DAYS:
        return []
    found = offer.free(first, days, minutes, zone)
    start, end = midnight(first, zone), midnight(last + timedelta(days=2), zone)
    taken = taken_periods([student.pk], start=start, end=end, ignoring=own_claims)[student.pk]
    taken += [(one.starts_at, one.ends_at) for one in sessions_at(student, starts_at=start, ends_at=end)]
    possible = [
        slot
        for slot in found
        if slot.starts_at != wanted
        and not any(slot.starts_at < until and slot.ends_at > since for since, until in taken)
    ]
    return nearest_of(possible, wanted)


def nearest_of(slots: Iterable[Slot], wanted: datetime) -> Sequence[Slot]:
    """Return the few slots nearest to a moment, in order."""
    nearest = sorted(slots, key=lambda slot: abs(slot.starts_at - wanted))[:NEAREST_SHOWN]
    return sorted(nearest, key=lambda slot: slot.starts_at)


def count_by_day(starts: Iterable[datetime], *, first: date, days: int, zone: ZoneInfo) -> dict[date, int]:
    """Count moments by the local day they fall on."""
    counts = {first + timedelta(days=number): 0 for number in range(days)}
    for moment in starts:
        counts[moment.astimezone(zone).date()] += 1
    return counts


def _anchor(asked: Asked, zone: ZoneInfo, today: date) -> date:
    if asked.strip or asked.day:
        return asked.strip or asked.day or today
    return asked.starts_at.astimezone(zone).date() if asked.starts_at else today


def _strip_start(anchor: date, *, today: date, horizon: date) -> date:
    """Return where the strip begins that holds a day: strips follow one another from today on."""
    anchor = min(max(anchor, today), horizon)
    return today + timedelta(days=(anchor - today).days // STRIP_DAYS * STRIP_DAYS)


def _chosen_day(asked: Asked, by_day: Mapping[date, Sequence[Slot]], zone: ZoneInfo, *, fallback: date) -> date:
    wanted = asked.day or (asked.starts_at.astimezone(zone).date() if asked.starts_at else None)
    if wanted is not None and wanted in by_day:
        return wanted
    return next((day for day, slots in by_day.items() if slots), fallback)


def _chosen(asked: Asked, found: Iterable[Slot], minutes: int) -> Slot | None:
    """Return the slot that was chosen: the one offered, if it is among those."""
    if asked.starts_at is None:
        return None
    offered = (slot for slot in found if slot.starts_at == asked.starts_at)
    return next(offered, None) or slot_at(asked.starts_at, minutes)


def _next_free(offer: Offer, first: date, minutes: int, zone: ZoneInfo) -> date | None:
    found = offer.free(first, MOST_DAYS, minutes, zone)
    return found[0].starts_at.astimezone(zone).date() if found else None


def slot_at(starts_at: datetime, minutes: int, holiday: str = "", seats: int = 0) -> Slot:
    """Return a time that is so many minutes long."""
    return Slot(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), holiday=holiday, seats=seats)


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment) or moment.year not in YEARS:
        return None
    return moment.astimezone(UTC)
