"""Months of the school's calendar. No database."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from classbell.earnings.errors import NoSuchMonth
from classbell.holidays.models import day_begins
from classbell.years import YEARS

WRITTEN: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month of the calendar in `zone`, the school's; `first` is its first day."""

    first: date
    zone: ZoneInfo

    @property
    def name(self) -> str:
        """How addresses write it: 2026-03."""
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month(first=(self.first - timedelta(days=1)).replace(day=1), zone=self.zone)

    @property
    def after(self) -> "Month":
        """The month after."""
        return Month(first=(self.first + timedelta(days=31)).replace(day=1), zone=self.zone)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The first moment of it and the first of the next month, aware UTC."""
        return day_begins(self.first, self.zone), day_begins(self.after.first, self.zone)


def school_zone() -> ZoneInfo:
    """Return the timezone by which months begin and rates change: the school's."""
    return ZoneInfo(settings.TIME_ZONE)


def month_at(now: datetime) -> Month:
    """Return the month that it is where the school is."""
    zone = school_zone()
    return Month(first=now.astimezone(zone).date().replace(day=1), zone=zone)


def asked_month(text: str, *, now: datetime) -> Month:
    """Return the month that is written as 2026-03; the present one for "". Raises NoSuchMonth."""
    if not text:
        return month_at(now)
    found = WRITTEN.fullmatch(text)
    # Beside the last year lies one that has no first moment after it.
    if found is None or int(found[1]) not in YEARS:
        raise NoSuchMonth
    return Month(first=date(int(found[1]), int(found[2]), 1), zone=school_zone())
