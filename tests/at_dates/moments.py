"""The moments at which dates go wrong, and how one is written."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from tests.dates import DAY, clock_changes

MINUTE = timedelta(minutes=1)


def usual_dates(now: datetime) -> list[datetime]:
    """
    Return the moments at which dates go wrong, in order, from now to two years ahead.

    Every weekday, spread over a year and over the hours; the last days of months; a 29 February; just before the clocks of
    Lisbon and New York change, and three days before; the last minute of a year; two years ahead.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = [midnight + n * (53 * DAY + timedelta(hours=3, minutes=50)) + 10 * MINUTE for n in range(7)]
    found += [_at(_next_day(now.date(), day=day), hour=12) for day in (28, 29, 30, 31)]
    found += [_at(_next_day(now.date(), month=2, day=29), hour=12)]
    for zone, changes_at in (("Europe/Lisbon", 1), ("America/New_York", 6)):
        for day in islice(clock_changes(zone, after=now.date() + 3 * DAY), 2):
            found += [_at(day, hour=changes_at) - MINUTE, _at(day - 3 * DAY, hour=12)]
    found += [_at(date(now.year, 12, 31), hour=23, minute=59, second=30), midnight + 731 * DAY + timedelta(hours=18)]
    return sorted(set(found))


def random_dates(now: datetime) -> list[datetime]:
    """Return an awkward moment and two others of the next two years."""
    others = [now + timedelta(minutes=random.randrange(2 * 365 * 24 * 60)) for _ in range(2)]
    return [random.choice(usual_dates(now)), *(moment.replace(second=0, microsecond=0) for moment in others)]


def read(text: str) -> datetime:
    """Return the moment that a text names, noon of a date without a time, in UTC. Raises ValueError with a remedy."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no date. Write it like 2028-02-29 or 2026-12-31T23:59:30.") from None
    if len(text) == len("2028-02-29"):
        moment = moment.replace(hour=12)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def written(moment: datetime) -> str:
    """Return a moment as `read` takes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def _at(day: date, **time_of_day: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).replace(**time_of_day)  # type: ignore[arg-type]


def _next_day(after: date, *, day: int, month: int | None = None) -> date:
    return next(it for it in _days(after) if it.day == day and month in {None, it.month})


def _days(after: date) -> Iterator[date]:
    while True:
        after += DAY
        yield after
