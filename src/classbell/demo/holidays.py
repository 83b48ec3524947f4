"""
The demo's holidays: a day of the school's own some weeks ahead, and the next Eid, by the Hijri calendar; and when Ramadan is
near, for which a circle and a teacher have other times.
"""

from datetime import datetime, timedelta
from typing import Final

from classbell.bookings.periods import add_period
from classbell.demo.people import People
from classbell.hijri import HijriMonth, coming_ramadan, from_hijri, to_hijri
from classbell.holidays.models import Effect
from classbell.holidays.services import Whose, create_holiday

# Beyond what lessons are booked for.
FOUNDERS_DAY_IN: Final = timedelta(weeks=5)
SHAWWAL: Final = 10
EID_LASTS: Final = timedelta(days=3)
NEAR: Final = timedelta(days=100)
AFTER_TARAWIH: Final = (22 * 60, 24 * 60)


def ramadan_near(now: datetime) -> HijriMonth | None:
    """Return Ramadan while it is on, or some months before."""
    found = coming_ramadan(now.date())
    return found if found is not None and found.first_day - now.date() <= NEAR else None


def make_ramadan_hours(people: People, *, now: datetime) -> None:
    """Let a teacher be booked late in the evening while Ramadan lasts."""
    ramadan = ramadan_near(now)
    if ramadan is not None:
        add_period(
            teacher=people["khalid"],
            name=ramadan.name,
            first_day=ramadan.first_day,
            last_day=ramadan.last_day,
            windows={day: [AFTER_TARAWIH] for day in (6, 0, 1, 2, 3)},
            now=now,
        )


def make_holidays(*, now: datetime) -> None:
    """Keep both, before the circles are opened, which leave them out."""
    day = (now + FOUNDERS_DAY_IN).date()
    create_holiday(name="Founders’ day", first_day=day, last_day=day, of=Whose(), effect=Effect.WARN)
    today = to_hijri(now.date())
    if today is None:
        return
    year = today.year if (today.month, today.day) < (SHAWWAL, 1) else today.year + 1
    eid = from_hijri(year, SHAWWAL, 1)
    if eid is not None:
        last = eid + EID_LASTS - timedelta(days=1)
        create_holiday(name="Eid al-Fitr", first_day=eid, last_day=last, of=Whose(), effect=Effect.LEAVE_OUT)
