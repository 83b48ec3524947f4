from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from classbell.web.kit.charts.weeks import Week, asked_day, first_weekday, named_week, week_of

MONDAY, SATURDAY, SUNDAY = 0, 5, 6


@pytest.mark.parametrize(
    ("locale", "timezone", "expected"),
    [
        pytest.param("en", "Europe/Berlin", MONDAY, id="monday-in-germany"),
        pytest.param("ar", "Asia/Riyadh", SUNDAY, id="sunday-in-saudi-arabia"),
        pytest.param("ar", "Africa/Cairo", SATURDAY, id="saturday-in-egypt"),
        pytest.param("ar-EG", "Europe/Berlin", SATURDAY, id="the-locale's-country-goes-first"),
        pytest.param("en", "UTC", MONDAY, id="monday-where-no-country-is-known"),
    ],
)
def test_week_begins_where_the_persons_country_begins_it(locale: str, timezone: str, expected: int) -> None:
    assert first_weekday(locale=locale, timezone=timezone) == expected


@pytest.mark.parametrize("first", range(7))
def test_week_keeps_its_name_whatever_day_it_begins_with(first: int) -> None:
    week = week_of(date(2026, 11, 20), first_weekday=first)

    assert date(2026, 11, 20) in week.days
    assert named_week(week.name, first_weekday=first) == week
    assert named_week(week.shifted(1).name, first_weekday=first) == week.shifted(1)


@pytest.mark.parametrize("name", ["", "2026", "2026-W99", "9999-W52", "0001-W01", "2026-W47-1"])
def test_week_nobody_can_mean_is_none(name: str) -> None:
    assert named_week(name, first_weekday=MONDAY) is None


def test_week_in_which_the_clocks_change_is_an_hour_longer() -> None:
    start, end = Week(starts_on=date(2026, 10, 19)).bounds(ZoneInfo("Europe/Lisbon"))

    assert (start, end) == (datetime(2026, 10, 18, 23, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))


@pytest.mark.parametrize("text", [None, "", "9999-12-31", "0001-01-01", "2026-02-30", "soon"])
def test_day_that_nobody_means_is_none(text: str | None) -> None:
    assert asked_day(text) is None


def test_day_that_an_address_asks_for() -> None:
    assert asked_day("2026-11-21") == date(2026, 11, 21)
