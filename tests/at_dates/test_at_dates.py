"""Which dates tests are run at, what is counted of each run, and that a long list goes on where it was broken off."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.at_dates.moments import read, usual_dates, written
from tests.at_dates.outcomes import Kept, Outcome, table
from tests.dates import clock_changes

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
MONDAY, TUESDAY = datetime(2026, 3, 9, 12, tzinfo=UTC), datetime(2026, 3, 10, 12, tzinfo=UTC)
WELL = Outcome(passed=7, skipped=1)


def test_every_kind_of_awkward_date_is_on_the_list() -> None:
    moments = usual_dates(NOW)
    days = {moment.date() for moment in moments}

    assert {day.weekday() for day in days} == set(range(7))
    assert {day.day for day in days} >= {28, 29, 30, 31}
    assert date(2028, 2, 29) in days
    for zone in ("Europe/Lisbon", "America/New_York"):
        changes = clock_changes(zone, after=NOW.date() + timedelta(days=3))
        assert {next(changes), next(changes)} <= days
    assert datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC) in moments
    assert moments[-1] >= NOW + timedelta(days=730)


@pytest.mark.parametrize("now", [NOW, datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)])
def test_list_is_in_order_and_names_no_moment_twice(now: datetime) -> None:
    assert usual_dates(now) == sorted(set(usual_dates(now)))


def test_moments_are_read_as_they_are_written() -> None:
    assert [read(written(moment)) for moment in usual_dates(NOW)] == usual_dates(NOW)
    assert read("2028-02-29") == datetime(2028, 2, 29, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="Write it like 2028-02-29"):
        read("29.2.2028")


@pytest.mark.parametrize(
    ("output", "status", "outcome"),
    [
        ("....\n7 passed, 1 skipped in 3.21s\n", 0, WELL),
        (
            "FAILED tests/test_a.py::test_b - assert 1\nERROR tests/test_c.py\n1 failed, 7 passed, 2 errors in 3s",
            1,
            Outcome(
                passed=7, failed=3, failures=("FAILED tests/test_a.py::test_b - assert 1", "ERROR tests/test_c.py")
            ),
        ),
        ("no tests ran in 0.1s\n", 5, Outcome(failed=1, failures=("no tests ran in 0.1s",))),
        ("", -9, Outcome(failed=1, failures=("It ended with status -9 and said nothing.",))),
    ],
    ids=["all well", "failures and errors", "nothing run", "killed"],
)
def test_what_came_of_a_run_is_counted(output: str, status: int, outcome: Outcome) -> None:
    assert Outcome.of(output, status) == outcome


def test_broken_off_list_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = Kept(tmp_path / "all.json", [MONDAY, TUESDAY], ["tests"], anew=False)
    first.keep(MONDAY, WELL)

    tomorrow = Kept(tmp_path / "all.json", [TUESDAY + timedelta(days=1)], ["tests"], anew=False)

    assert tomorrow.left == [TUESDAY]
    assert tomorrow.ended() == {MONDAY: WELL}


@pytest.mark.parametrize(
    ("done", "arguments", "anew"),
    [([MONDAY, TUESDAY], ["tests"], False), ([MONDAY], ["tests/web"], False), ([MONDAY], ["tests"], True)],
    ids=["it is done", "other tests are asked for", "it is asked for"],
)
def test_list_begins_anew_when(tmp_path: Path, done: list[datetime], arguments: list[str], anew: bool) -> None:
    first = Kept(tmp_path / "all.json", [MONDAY, TUESDAY], ["tests"], anew=False)
    for moment in done:
        first.keep(moment, WELL)

    again = Kept(tmp_path / "all.json", [MONDAY, TUESDAY], arguments, anew=anew)

    assert again.left == [MONDAY, TUESDAY]


def test_table_has_a_line_for_each_date_and_what_failed_there() -> None:
    failed = Outcome(passed=6, failed=1, failures=("FAILED tests/test_a.py::test_b",))

    assert list(table({TUESDAY: failed, MONDAY: WELL})) == [
        "date                      passed  failed skipped",
        "Mon 2026-03-09T12:00:00        7       0       1",
        "Tue 2026-03-10T12:00:00        6       1       0",
        "    FAILED tests/test_a.py::test_b",
    ]
