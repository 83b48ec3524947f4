"""Holidays as pages show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from classbell.accounts.models import User
from classbell.hijri import to_hijri
from classbell.holiday_changes.affected import Affected
from classbell.holidays.models import Effect, Holiday

MOST_LISTED: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownHoliday:
    """A holiday in words: its days in both calendars, and whose it is. `may_change`: whether the reader keeps it."""

    holiday: Holiday
    days: str
    hijri: str
    whose: str
    leaves_out: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Something that lies in a holiday: when, what, with whom, and its page."""

    starts_at: datetime
    ends_at: datetime
    title: str
    who: str
    page: str
    key: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAffected:
    """What lies in a holiday: how many, and the first of them."""

    sessions: int
    bookings: int
    lines: Sequence[Line]
    more: int

    @property
    def count(self) -> int:
        """How many there are together."""
        return self.sessions + self.bookings


def present_holiday(holiday: Holiday, *, kept: Collection[UUID] = ()) -> ShownHoliday:
    """Return a holiday, read `with_places`, as pages show it; `kept` are those that the reader may change."""
    return ShownHoliday(
        holiday=holiday,
        days=days_in_words(holiday.first_day, holiday.last_day),
        hijri=hijri_in_words(holiday.first_day, holiday.last_day),
        whose=_whose(holiday),
        leaves_out=holiday.effect == Effect.LEAVE_OUT,
        may_change=holiday.pk in kept,
    )


def present_affected(affected: Affected) -> ShownAffected:
    """Return what lies in a holiday as pages show it."""
    lines = [
        Line(
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            title=session.meeting.title,
            who=(session.substitute or session.meeting.teacher).name,
            page="meeting",
            key=session.meeting_id,
        )
        for session in affected.sessions[:MOST_LISTED]
    ] + [
        Line(
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            title=booking.student.name,
            who=booking.teacher.name,
            page="booking",
            key=booking.pk,
        )
        for booking in affected.bookings[:MOST_LISTED]
    ]
    lines.sort(key=lambda line: line.starts_at)
    return ShownAffected(
        sessions=len(affected.sessions),
        bookings=len(affected.bookings),
        lines=lines[:MOST_LISTED],
        more=max(0, affected.count - MOST_LISTED),
    )


def days_in_words(first: date, last: date) -> str:
    """Return days as people write them: "Friday 12 March 2027", or from the first to the last."""
    if first == last:
        return date_format(first, "l j F Y")
    return f"{date_format(first, 'D j F' if first.year == last.year else 'D j F Y')} – {date_format(last, 'D j F Y')}"


def hijri_in_words(first: date, last: date) -> str:
    """Return days as the Hijri calendar has them, "" where its tables do not reach."""
    begins, ends = to_hijri(first), to_hijri(last)
    if begins is None or ends is None:
        return ""
    if first == last:
        return begins.words
    if begins.year != ends.year:
        return f"{begins.words} – {ends.words}"
    start = f"{begins.day}" if begins.month == ends.month else f"{begins.day} {begins.month_name}"
    return f"{start} – {ends.words}"


def today_of(user: User) -> date:
    """Return which day it is for somebody."""
    return timezone.localtime(timezone.now(), user.zone).date()


def _whose(holiday: Holiday) -> str:
    if holiday.group is not None:
        return holiday.group.name
    return holiday.teacher.name if holiday.teacher is not None else _("The whole school")
