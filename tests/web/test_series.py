"""A number over a day as a picture."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from classbell.web.kit.charts.series import HEIGHT, LOWEST, draw, increases

START = datetime(2026, 11, 21, 8, tzinfo=UTC)
VALUES = st.lists(st.none() | st.integers(0, 10_000), max_size=200)


def over_time(values: list[int | None]) -> list[tuple[datetime, int | None]]:
    return [(START + number * timedelta(minutes=10), value) for number, value in enumerate(values)]


def test_highest_column_is_the_most_and_says_when() -> None:
    series = draw(over_time([0, 3, 12, 12, None, 6]))

    assert [column.height for column in series.columns] == [0, 10, 40, 40, 0, 20]
    assert [column.is_known for column in series.columns] == [True, True, True, True, False, True]
    assert (series.most, series.most_at, series.sum) == (12, START + timedelta(minutes=20), 33)


def test_quiet_day_has_no_peak() -> None:
    series = draw(over_time([0, None, 0]))

    assert (series.most, series.most_at) == (0, None)
    assert [column.height for column in series.columns] == [0, 0, 0]


@given(VALUES)
def test_what_is_more_than_nothing_can_be_seen_and_nothing_leaves_the_picture(values: list[int | None]) -> None:
    for column, value in zip(draw(over_time(values)).columns, values, strict=True):
        assert (column.height >= LOWEST) is bool(value)
        assert 0 <= column.top <= HEIGHT


def test_counter_that_begins_again_at_midnight_goes_on_growing() -> None:
    grown = increases(over_time([5, 7, None, 9, 2, 2, 6]))

    assert [value for _at, value in grown] == [0, 2, None, 2, 2, 0, 4]


def test_counter_grows_from_what_it_said_first() -> None:
    assert [value for _at, value in increases(over_time([420, 422]), before=21)] == [399, 2]
