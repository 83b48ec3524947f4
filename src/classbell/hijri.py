"""Dates of the Hijri calendar as Umm al-Qura has it. Pure; beyond its tables there is no answer."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy
from hijridate import Gregorian, Hijri

MONTHS: Final[tuple[Promise | str, ...]] = (
    gettext_lazy("Muharram"),
    gettext_lazy("Safar"),
    gettext_lazy("Rabi al-Awwal"),
    gettext_lazy("Rabi al-Thani"),
    gettext_lazy("Jumada al-Ula"),
    gettext_lazy("Jumada al-Akhirah"),
    gettext_lazy("Rajab"),
    gettext_lazy("Shaban"),
    gettext_lazy("Ramadan"),
    gettext_lazy("Shawwal"),
    gettext_lazy("Dhu al-Qadah"),
    gettext_lazy("Dhu al-Hijjah"),
)
RAMADAN: Final = 9


@dataclass(frozen=True, slots=True, order=True)
class HijriDate:
    """A day of the Hijri calendar."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"

    @property
    def month_name(self) -> str:
        """The month in the reader's language."""
        return str(MONTHS[self.month - 1])

    @property
    def words(self) -> str:
        """The day in words: "1 Shawwal 1448"."""
        words = pgettext_lazy("a Hijri date", "%(day)s %(month)s %(year)s")
        return str(words) % {"day": self.day, "month": self.month_name, "year": self.year}


@dataclass(frozen=True, slots=True)
class HijriMonth:
    """A month of a year: its first and its last day of the Gregorian calendar, and its name with the year."""

    name: str
    first_day: date
    last_day: date


def coming_ramadan(today: date) -> HijriMonth | None:
    """Return the Ramadan that is now or comes next; None where the tables end."""
    here = to_hijri(today)
    if here is None:
        return None
    year = here.year + (here.month > RAMADAN)
    first, after = from_hijri(year, RAMADAN, 1), from_hijri(year, RAMADAN + 1, 1)
    if first is None or after is None:
        return None
    return HijriMonth(f"{MONTHS[RAMADAN - 1]} {year}", first, after - timedelta(days=1))


def to_hijri(day: date) -> HijriDate | None:
    """Return a day as the Hijri calendar has it, None where its tables do not reach."""
    try:
        found = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return None
    return HijriDate(found.year, found.month, found.day)


def from_hijri(year: int, month: int, day: int) -> date | None:
    """Return when a day of the Hijri calendar is; None where the month has no such day, or the tables do not reach."""
    try:
        found = Hijri(year, month, day).to_gregorian()
    except (OverflowError, ValueError):
        return None
    return date(found.year, found.month, found.day)
