"""One row of a timetable as a weekly class, or why it is none. No database."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext_noop

from classbell.accounts.people_lists import names_in, no_email
from classbell.addresses import email_key, is_email, lone_address
from classbell.courses.timetable import notation
from classbell.meetings.locations import LocationRefused, checked_location
from classbell.names import split_name
from classbell.reasons import Said
from classbell.tables.reading import Row

LONGEST_CODE: Final = 100
# Longer than any class: who writes one has mixed up morning and afternoon, or start and end.
LONGEST_HOURS: Final = 12


class RowUnusable(Exception):
    """A line says something that cannot be; `reason` is what."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class WeeklyClass:
    """
    When a section meets at one time with one teacher. `weekdays` are sorted, 0 is Monday; `start` and `end` are wall times;
    capacity None is unlimited. `weeks` count from 1, None is all of the term; on `excluded` days it does not meet.
    `location` is where it is held instead of at Zoom, "" at Zoom; None where the file has no column for it.
    """

    section: str
    course: str
    teacher: str
    weekdays: tuple[int, ...]
    start: time
    end: time
    capacity: int | None
    weeks: frozenset[int] | None = None
    excluded: frozenset[date] = frozenset()
    location: str | None = None
    line: int = field(default=0, compare=False)

    @property
    def duration_minutes(self) -> int:
        """How long it lasts; a class may run past midnight."""
        minutes = (self.end.hour - self.start.hour) * 60 + self.end.minute - self.start.minute
        return minutes % (24 * 60)

    def first_on_or_after(self, day: date) -> datetime:
        """Return the naive wall time of its first session in the week that begins on `day`."""
        first = min(timedelta(days=(weekday - day.weekday()) % 7) for weekday in self.weekdays)
        return datetime.combine(day + first, self.start)


def weekly_class(row: Row) -> WeeklyClass:
    """Return what a row says. Raises RowUnusable."""
    written = address_in(row, "teacher")
    teacher, weekdays, (start, end) = email_in(written), notation.weekdays_in(row["weekday"]), _times(row)
    if not row["section"]:
        raise RowUnusable(Said(gettext_noop("the section has no name")))
    if len(row["section"]) > LONGEST_CODE:
        reason = gettext_noop("the section’s name has more than %(most)s characters")
        raise RowUnusable(Said(reason, most=LONGEST_CODE))
    if teacher is None:
        raise RowUnusable(no_email(written))
    if weekdays is None:
        reason = gettext_noop("“%(text)s” is no weekday; write one such as Monday, or several such as Mon/Wed or MWF")
        raise RowUnusable(Said(reason, text=row["weekday"]))
    weekly = WeeklyClass(
        section=row["section"],
        course=row["course"] or row["section"],
        teacher=teacher,
        weekdays=weekdays,
        start=start,
        end=end,
        capacity=_capacity(row["capacity"]),
        weeks=_weeks(row["weeks"]),
        excluded=_excluded(row["except"]),
        location=_location(row),
        line=row.line,
    )
    if weekly.duration_minutes == 0:
        raise RowUnusable(Said(gettext_noop("it ends when it starts")))
    if weekly.duration_minutes > LONGEST_HOURS * 60:
        reason = gettext_noop(
            "from %(start)s to %(end)s is longer than %(most)s hours; write times as 14:00 or 2:00 PM"
        )
        raise RowUnusable(Said(reason, start=f"{start:%H:%M}", end=f"{end:%H:%M}", most=LONGEST_HOURS))
    return weekly


def _times(row: Row) -> tuple[time, time]:
    if row["time"] and not row["start"]:
        both = notation.times_in(row["time"])
        if both is None:
            raise RowUnusable(Said(gettext_noop("“%(text)s” is no time; write 09:00-10:30"), text=row["time"]))
        return both
    start, end = notation.wall_time(row["start"]), notation.wall_time(row["end"])
    if start is None or end is None:
        text = row["start"] if start is None else row["end"]
        raise RowUnusable(Said(gettext_noop("“%(text)s” is no time; write HH:MM"), text=text))
    return start, end


def _weeks(text: str) -> frozenset[int] | None:
    try:
        return notation.weeks_in(text)
    except ValueError:
        reason = gettext_noop("“%(text)s” are no weeks; write odd, even, or 1-7, 9")
        raise RowUnusable(Said(reason, text=text)) from None


def _excluded(text: str) -> frozenset[date]:
    try:
        return notation.dates_in(text)
    except ValueError:
        raise RowUnusable(Said(gettext_noop("“%(text)s” is no date; write YYYY-MM-DD."), text=text)) from None


def _location(row: Row) -> str | None:
    if not row.columns.get("location"):
        return None
    try:
        return checked_location(row["location"])
    except LocationRefused:
        reason = gettext_noop("“%(text)s” is no place; write an address with https://, or name a room in words")
        raise RowUnusable(Said(reason, text=row["location"])) from None


def _capacity(text: str) -> int | None:
    if not text:
        return None
    text = re.sub(r"\.0+$", "", text)  # as programs write whole numbers that they count in fractions
    if not text.isdecimal() or int(text) > 1_000_000:
        reason = gettext_noop("capacity “%(text)s” is no whole number; write 0 when there is no limit")
        raise RowUnusable(Said(reason, text=text))
    return int(text) or None


def address_in(row: Row, field: str) -> str:
    """Return what stands in a field that may have a column for addresses beside one for names: the address, if any."""
    cells = _cells_in(row, field)
    return next((cell for cell in cells if "@" in cell), "") or next(iter(cells), "")


def teachers_name(row: Row) -> tuple[str, str]:
    """Return a teacher's first and last name, as far as the row has it."""
    found = names_in(row, name="teacher_name")
    return (
        found if any(found) else split_name(next((cell for cell in _cells_in(row, "teacher") if "@" not in cell), ""))
    )


def _cells_in(row: Row, field: str) -> list[str]:
    return [cell for at in row.columns[field] if at < len(row.cells) and (cell := row.cells[at].strip())]


def email_in(text: str) -> str | None:
    """Return the address in a text, folded for comparison; None when it is none."""
    _name, address = lone_address(text)
    return email_key(address) if is_email(address) else None
