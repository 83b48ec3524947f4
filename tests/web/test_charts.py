from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from classbell.meetings.reports.at_once import Peak
from classbell.web.kit.charts.day_strip import Mark, day_marks
from classbell.web.zoom.charts.host_table import Hosted, host_table

DAY = date(2026, 11, 20)
HOST = UUID(int=1)


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def hosted(start: datetime, end: datetime, seat: int = 1) -> Hosted:
    return Hosted(meeting_id=UUID(int=9), title="Algebra", seat_number=seat, starts_at=start, ends_at=end)


def test_day_picture_places_occurrences_by_the_local_clock() -> None:
    periods = [(at(11, 30), at(13, 12), False), (at(22), at(23, 30), True)]

    marks = day_marks(periods, day=DAY, zone=ZoneInfo("Europe/Berlin"))

    assert marks == [Mark(at=38.24, size=10.0, is_cancelled=False), Mark(at=97.0, size=3.0, is_cancelled=True)]


@pytest.mark.parametrize(("right_to_left", "x"), [(False, 25.0), (True, 66.67)], ids=["left-to-right", "right-to-left"])
def test_host_table_runs_with_the_language(right_to_left: bool, x: float) -> None:
    table = host_table(
        {HOST: ("Licence 1", 2)},
        {HOST: [hosted(at(11), at(12)), hosted(at(11), at(12), seat=2)]},
        most=Peak(count=2, starts_at=at(11), ends_at=at(12)),
        free=0,
        day=DAY,
        zone=ZoneInfo("UTC"),
        now=at(8),
        right_to_left=right_to_left,
    )

    (row,) = table.rows
    assert [(bar.x, bar.width, bar.y) for bar in row.bars] == [(x, 8.33, 2), (x, 8.33, 22)]
    assert (table.peak_x, table.peak_width) == (x, 8.33)


def test_host_table_stretches_to_what_the_day_has() -> None:
    table = host_table(
        {HOST: ("Licence 1", 1)},
        {HOST: [hosted(at(6, 30), at(7)), hosted(at(23), at(1, day=21))]},
        most=None,
        free=0,
        day=DAY,
        zone=ZoneInfo("UTC"),
        now=at(8),
        right_to_left=False,
    )

    assert [hour.label for hour in table.hours] == ["06", "08", "10", "12", "14", "16", "18", "20", "22"]
    assert [(bar.x, bar.width) for bar in table.rows[0].bars] == [(2.78, 2.78), (94.44, 5.56)]


def test_host_table_leaves_out_the_hosts_that_are_free_all_day() -> None:
    table = host_table(
        {HOST: ("Licence 1", 1), UUID(int=2): ("Licence 2", 1), UUID(int=3): ("Licence 3", 1)},
        {HOST: [hosted(at(11), at(12))], UUID(int=2): []},
        most=None,
        free=2,
        day=DAY,
        zone=ZoneInfo("UTC"),
        now=at(8),
        right_to_left=False,
    )

    assert [row.name for row in table.rows] == ["Licence 1"]
