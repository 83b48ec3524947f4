"""The demo's holidays: a day of the school's own some weeks ahead, and the next Eid, by the Hijri calendar."""

from datetime import datetime, timedelta
from typing import Final

from classbell.hijri import from_hijri, to_hijri
from classbell.holidays.models import Effect
from classbell.holidays.services import Whose, create_holiday

# Beyond what lessons are booked for.
FOUNDERS_DAY_IN: Final = timedelta(weeks=5)
SHAWWAL: Final = 10
EID_LASTS: Final = timedelta(days=3)


def make_holidays(*, now: datetime) -> None:
    """Keep both; what was planned on these days before stays."""
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
