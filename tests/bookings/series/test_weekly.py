"""The dates of a series keep their time on the wall, whatever the clocks do: examples, and whatever Hypothesis thinks of."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbell.bookings.weekly import (
    MOST_DATES,
    MOST_WEEKS_BETWEEN,
    count_until,
    count_within,
    dates_of,
    rule_of,
)
from classbell.meetings.recurrence import Rule, clock_change

# Europe's change, America's two weeks apart from it, and Egypt's on Fridays at midnight.
ZONES = [ZoneInfo(name) for name in ("Europe/Lisbon", "America/New_York", "Africa/Cairo", "Asia/Riyadh")]
A_WEEK = timedelta(weeks=1)

zones = st.sampled_from(ZONES)
YEARS = datetime(2024, 1, 1), datetime(2032, 1, 1)  # noqa: DTZ001 -- on the wall
walls = st.datetimes(*YEARS).map(lambda at: at.replace(second=0, microsecond=0))
counts = st.integers(1, MOST_DATES)
intervals = st.integers(1, MOST_WEEKS_BETWEEN)


@given(wall=walls, zone=zones, count=counts, interval=intervals)
def test_every_date_is_so_many_weeks_after_the_one_before_on_the_wall(
    wall: datetime, zone: ZoneInfo, count: int, interval: int
) -> None:
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    begins = first.astimezone(zone).replace(tzinfo=None)

    found = dates_of(first, zone=zone, count=count, interval_weeks=interval)

    assert len(found) == count
    assert all(one < later for one, later in pairwise(found))
    for number, one in enumerate(found):
        wanted = begins + number * interval * A_WEEK
        # A time that the clocks skip is held when they have gone on.
        if clock_change(wanted, zone) != "skipped":
            assert one.astimezone(zone).replace(tzinfo=None) == wanted


@given(wall=walls, zone=zones, count=counts, interval=intervals)
def test_the_first_date_is_what_was_asked_for_unless_the_clock_shows_it_twice(
    wall: datetime, zone: ZoneInfo, count: int, interval: int
) -> None:
    first = wall.replace(tzinfo=zone).astimezone(UTC)

    begins = dates_of(first, zone=zone, count=count, interval_weeks=interval)[0]

    assert begins == first or clock_change(first.astimezone(zone).replace(tzinfo=None), zone) == "repeated"


@given(wall=walls, zone=zones, interval=intervals, days=st.integers(0, 300))
def test_up_to_a_day_there_are_as_many_dates_as_do_not_lie_after_it(
    wall: datetime, zone: ZoneInfo, interval: int, days: int
) -> None:
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    last_day = first.astimezone(zone).date() + timedelta(days=days)

    count = count_until(first, last_day, zone=zone, interval_weeks=interval)
    found = dates_of(first, zone=zone, count=count + 1, interval_weeks=interval)

    assert [one.astimezone(zone).date() <= last_day for one in found] == [True] * count + [False]


@given(wall=walls, zone=zones, count=counts, interval=intervals)
def test_the_rule_says_the_same_to_whoever_reads_rules(
    wall: datetime, zone: ZoneInfo, count: int, interval: int
) -> None:
    first = wall.replace(tzinfo=zone).astimezone(UTC)

    rule = Rule.parse(rule_of(first, zone=zone, count=count, interval_weeks=interval))

    assert (rule.frequency, rule.count, rule.interval) == ("WEEKLY", count, interval)
    assert rule.weekdays == (first.astimezone(zone).weekday(),)


@pytest.mark.parametrize(("weeks", "interval", "dates"), [(1, 1, 1), (10, 1, 10), (10, 2, 5), (11, 2, 6), (3, 4, 1)])
def test_within_some_weeks_the_first_one_counts(weeks: int, interval: int, dates: int) -> None:
    assert count_within(weeks, interval_weeks=interval) == dates


def test_a_last_day_before_the_first_lesson_leaves_none() -> None:
    zone = ZONES[0]
    first = datetime(2026, 3, 3, 17, tzinfo=zone)

    assert count_until(first, date(2026, 3, 2), zone=zone) == 0
    assert count_until(first, date(2026, 3, 3), zone=zone) == 1


@pytest.mark.parametrize(
    ("zone", "last", "first_after"),
    [
        ("Europe/Lisbon", date(2026, 3, 24), date(2026, 3, 31)),
        ("Europe/Lisbon", date(2026, 10, 20), date(2026, 10, 27)),
        ("America/New_York", date(2026, 3, 3), date(2026, 3, 10)),
        ("America/New_York", date(2026, 10, 27), date(2026, 11, 3)),
        ("Africa/Cairo", date(2026, 4, 21), date(2026, 4, 28)),
        ("Africa/Cairo", date(2026, 10, 27), date(2026, 11, 3)),
    ],
)
def test_five_in_the_afternoon_stays_so_when_the_clocks_change(zone: str, last: date, first_after: date) -> None:
    clock = ZoneInfo(zone)

    before, after = dates_of(datetime.combine(last, time(17), tzinfo=clock), zone=clock, count=2)

    assert after.astimezone(clock) == datetime.combine(first_after, time(17), tzinfo=clock)
    assert abs(after - before - A_WEEK) == timedelta(hours=1)


def test_a_time_that_the_clocks_skip_is_held_an_hour_later_and_only_then() -> None:
    lisbon = ZONES[0]

    found = dates_of(datetime(2026, 3, 22, 1, 30, tzinfo=lisbon), zone=lisbon, count=3)

    assert [one.astimezone(lisbon).strftime("%d %H:%M") for one in found] == ["22 01:30", "29 02:30", "05 01:30"]
