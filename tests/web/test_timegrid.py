"""The week's grid: blocks never cover each other, and stand where the clock says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbell.web.calendar.charts import Place, hours_shown, place_day

DAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes))


def place(*periods: tuple[str, str]) -> list[tuple[int, int, int, int, int, int]]:
    placed = place_day([(at(start), at(end)) for start, end in periods], day=DAY, zone=ZONE)
    return [(p.hour, p.quarter, p.hours, p.quarters, p.lane, p.lanes) for p in placed]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (("09:00", "10:00"), (9, 0, 1, 0, 0, 1)),
        (("09:10", "09:50"), (9, 0, 1, 0, 0, 1)),
        (("23:50", "24:00"), (23, 3, 0, 1, 0, 1)),
        (("22:30", "25:00"), (22, 2, 1, 2, 0, 1)),
    ],
    ids=["an hour", "odd minutes widen to quarters", "the last minutes", "cut at midnight"],
)
def test_block_stands_where_the_clock_says(period: tuple[str, str], expected: tuple[int, ...]) -> None:
    assert place(period) == [expected]


def test_overlapping_blocks_share_the_width_and_others_keep_theirs() -> None:
    placed = place(("09:00", "10:00"), ("09:30", "11:00"), ("10:00", "10:30"), ("13:00", "14:00"))

    assert [(lane, lanes) for *_when, lane, lanes in placed] == [(0, 2), (1, 2), (0, 2), (0, 1)]


def test_wall_times_of_the_reader_count_on_the_day_the_clocks_change() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    start = datetime(2026, 10, 25, 9, tzinfo=lisbon)

    (placed,) = place_day([(start, start + timedelta(hours=1))], day=date(2026, 10, 25), zone=lisbon)

    assert (placed.hour, placed.hours) == (9, 1)


def test_grid_shows_the_usual_hours_and_more_when_it_must() -> None:
    early = Place(hour=6, quarter=0, hours=1, quarters=0, lane=0, lanes=1)
    late = Place(hour=20, quarter=2, hours=1, quarters=0, lane=0, lanes=1)

    assert (hours_shown([]), hours_shown([early, late])) == ((8, 18), (6, 22))


minutes = st.integers(min_value=0, max_value=1439)


@given(st.lists(st.tuples(minutes, st.integers(min_value=1, max_value=600)), max_size=12))
def test_no_two_blocks_cover_each_other(drawn: list[tuple[int, int]]) -> None:
    periods = [(MIDNIGHT + timedelta(minutes=a), MIDNIGHT + timedelta(minutes=a + length)) for a, length in drawn]

    placed = place_day(periods, day=DAY, zone=ZONE)

    covered = [(quarter, p.lane) for p in placed for quarter in range(begin(p), begin(p) + p.hours * 4 + p.quarters)]
    assert len(covered) == len(set(covered))
    assert all(p.lane < p.lanes for p in placed)


def begin(placed: Place) -> int:
    return placed.hour * 4 + placed.quarter
