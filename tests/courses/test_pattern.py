"""From a weekly pattern to sessions: wall times, clock changes, dates left out."""

from datetime import date, time
from typing import Any

import pytest

from classbell.courses.pattern import Pattern, PatternRefused, sessions_of


def pattern(**changes: Any) -> Pattern:
    values: dict[str, Any] = {
        "title": "Tajweed",
        "weekdays": (0, 3),
        "start_time": time(9),
        "duration_minutes": 60,
        "first_date": date(2026, 10, 19),
        "last_date": date(2026, 10, 29),
        "timezone": "Europe/Lisbon",
    }
    return Pattern(**values | changes)


def moments(what: Pattern) -> list[str]:
    return [f"{session.starts_at:%m-%d %H:%M}" for session in sessions_of(what)]


def test_sessions_keep_their_wall_time_when_clocks_go_back() -> None:
    assert moments(pattern()) == ["10-19 08:00", "10-22 08:00", "10-26 09:00", "10-29 09:00"]


def test_sessions_keep_their_wall_time_when_clocks_go_forward() -> None:
    spring = pattern(weekdays=(6,), first_date=date(2027, 3, 21), last_date=date(2027, 4, 4))

    assert moments(spring) == ["03-21 09:00", "03-28 08:00", "04-04 08:00"]


@pytest.mark.parametrize(
    ("night", "moment"),
    [
        pytest.param(date(2027, 3, 28), "03-28 01:30", id="skipped hour: the offset before"),
        pytest.param(date(2026, 10, 25), "10-25 00:30", id="repeated hour: the first one"),
    ],
)
def test_sessions_in_the_night_of_a_clock_change_are_read_as_calendars_do(night: date, moment: str) -> None:
    assert moments(pattern(weekdays=(6,), start_time=time(1, 30), first_date=night, last_date=night)) == [moment]


def test_dates_left_out_are_local_dates_of_the_pattern() -> None:
    # Half past midnight in Riyadh is still the evening before in UTC.
    night = pattern(
        weekdays=(0,),
        start_time=time(0, 30),
        first_date=date(2026, 11, 2),
        last_date=date(2026, 11, 16),
        timezone="Asia/Riyadh",
        excluded=(date(2026, 11, 9),),
    )

    marked = [(f"{session.starts_at:%m-%d %H:%M}", session.excluded) for session in sessions_of(night)]

    assert marked == [("11-01 21:30", False), ("11-08 21:30", True), ("11-15 21:30", False)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"last_date": date(2026, 10, 18)}, id="ends before it starts"),
        pytest.param({"weekdays": (4,), "last_date": date(2026, 10, 20)}, id="no such day in between"),
        pytest.param({"weekdays": range(7), "last_date": date(2036, 1, 1)}, id="more than a thousand"),
    ],
)
def test_pattern_that_makes_no_plan_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PatternRefused):
        sessions_of(pattern(**changes))


def test_first_and_last_day_belong_to_the_pattern() -> None:
    week = pattern(weekdays=range(7), first_date=date(2026, 11, 2), last_date=date(2026, 11, 8))

    assert len(sessions_of(week)) == 7
