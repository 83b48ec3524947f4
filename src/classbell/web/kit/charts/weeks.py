"""Weeks as people have them: seven local days from the weekday their country begins with. No database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from babel.core import Locale, UnknownLocaleError, get_global

from classbell.years import YEARS

ANYWHERE = "001"


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """Seven local days, the first of them `starts_on`."""

    starts_on: date

    @property
    def name(self) -> str:
        """How addresses write it: the ISO week of its Monday, such as 2026-W47, whatever day it begins with."""
        monday = self.starts_on + timedelta(days=-self.starts_on.weekday() % 7)
        return f"{monday:%G-W%V}"

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.starts_on + timedelta(days=6)

    @property
    def days(self) -> list[date]:
        """Its days in order."""
        return [self.starts_on + timedelta(days=number) for number in range(7)]

    def shifted(self, weeks: int) -> "Week":
        """Return the week so many weeks later."""
        return Week(starts_on=self.starts_on + timedelta(weeks=weeks))

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return [start, end) as aware times: midnights in `zone`."""
        return midnight(self.starts_on, zone), midnight(self.ends_on + timedelta(days=1), zone)


def asked_day(text: str | None) -> date | None:
    """Return the day that an address asks for (ISO 8601); None for none, and for years that nobody means."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment a local day begins."""
    return datetime.combine(day, time.min, tzinfo=zone)


def week_of(day: date, *, first_weekday: int) -> Week:
    """Return the week a day belongs to; `first_weekday` counts from 0 for Monday."""
    return Week(starts_on=day - timedelta(days=(day.weekday() - first_weekday) % 7))


def named_week(name: str, *, first_weekday: int) -> Week | None:
    """Return the week an address names, or None when it names none."""
    try:
        monday = datetime.strptime(f"{name}-1", "%G-W%V-%u").date()  # noqa: DTZ007 -- a calendar day, nowhere yet
    except ValueError:
        return None
    return week_of(monday, first_weekday=first_weekday) if monday.year in YEARS else None


def first_weekday(*, locale: str, timezone: str) -> int:
    """
    Return the weekday a person's week begins with, 0 for Monday, as CLDR has it for their country.

    The country is the one their locale names (ar-EG), or else the one their timezone lies in.
    """
    _language, _dash, country = locale.replace("_", "-").partition("-")
    country = country or get_global("zone_territories").get(timezone) or ANYWHERE
    try:
        return Locale.parse(f"und_{country}").first_week_day
    except (UnknownLocaleError, ValueError):
        return 0
