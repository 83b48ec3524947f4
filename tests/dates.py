"""Days that tests need, counted from today, so that a test means the same on every date."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def today() -> date:
    """Return today in UTC."""
    return datetime.now(UTC).date()


def clock_changes(zone: str, *, after: date) -> Iterator[date]:
    """Yield the days after this one on which the clocks of a zone change, without end."""
    day = after
    while True:
        day += DAY
        if _offset(zone, day) != _offset(zone, day + DAY):
            yield day


def clocks_go_forward(zone: str, *, days: int = 14) -> date:
    """Return the first day, at least so many days ahead, that loses an hour in a zone."""
    changes = clock_changes(zone, after=today() + days * DAY)
    return next(day for day in changes if _offset(zone, day) < _offset(zone, day + DAY))


def _offset(zone: str, day: date) -> timedelta:
    offset = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset
