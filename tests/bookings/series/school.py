"""Series of lessons, made as the product makes them, on dates that do not depend on today."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from classbell.accounts.models import User
from classbell.bookings.models import Booking, BookingSeries
from classbell.bookings.series import services
from tests.factories import make_student
from tests.factories_bookings import make_tutor

LISBON = ZoneInfo("Europe/Lisbon")
SERIES = "/api/bookings/series/"


def a_tuesday(zone: ZoneInfo = LISBON, *, hour: int = 17, weeks: int = 2) -> datetime:
    """Return a time of day on a Tuesday, some weeks ahead."""
    day = datetime.now(zone).date() + timedelta(weeks=weeks)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)


def before_the_clocks_change(zone: ZoneInfo = LISBON, *, hour: int = 17) -> datetime:
    """
    Return that time on the first Tuesday of the next October: thirty weeks later it has been winter, and is summer again.
    """
    today = datetime.now(zone).date()
    year = today.year if today.month < 10 else today.year + 1
    first = datetime(year, 10, 1, hour, tzinfo=zone)
    return first + timedelta(days=(1 - first.weekday()) % 7)


def open_tutor(**settings: Any) -> User:
    """Create a teacher in Lisbon who can be booked at any time, a year ahead."""
    return make_tutor(opens="00:00", closes="24:00", timezone=LISBON.key, settings={"max_days_ahead": 366} | settings)


def draft(teacher: User, student: User, *, starts_at: datetime | None = None, **more: Any) -> BookingSeries:
    """Return what somebody wants: five hours, a week apart."""
    wanted: dict[str, Any] = {"duration_minutes": 60, "count": 5, "timezone": LISBON.key}
    return services.draft_series(
        teacher=teacher, student=student, starts_at=starts_at or a_tuesday(), **(wanted | more)
    )


def asked_series(
    *, teacher: User | None = None, student: User | None = None, starts_at: datetime | None = None, **more: Any
) -> BookingSeries:
    """Have a student ask for a series."""
    wanted = draft(teacher or open_tutor(), student or make_student(), starts_at=starts_at, **more)
    return services.request_series(wanted, now=datetime.now(UTC))


def booked_series(*, by: User, student: User, starts_at: datetime | None = None, **more: Any) -> BookingSeries:
    """Have a teacher book a series with themselves."""
    return services.book_series(draft(by, student, starts_at=starts_at, **more), by=by, now=datetime.now(UTC))


def dates(series: BookingSeries) -> list[Booking]:
    """Return its dates as they are now, in order."""
    return list(Booking.objects.filter(series=series.pk).order_by("starts_at"))
