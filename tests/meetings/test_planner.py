"""Host seats for meetings: nobody sits on anybody, nobody moves, and no seat is opened without need."""

import csv
import time
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import classbell
from classbell.meetings.hosts.planner import Plan, Series, busiest, plan, seats_needed, without_overlaps
from classbell.meetings.periods import Interval
from classbell.meetings.recurrence import WEEKDAYS, expand, weekly_rule

TERM = Path(classbell.__file__).parent / "demo" / "term"
MONDAY = datetime(2026, 9, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEKS = 3


def hours(*spans: tuple[int, int]) -> tuple[Interval, ...]:
    """Return periods given as (start, end) in hours of a week."""
    return tuple((MONDAY + start * HOUR, MONDAY + end * HOUR) for start, end in spans)


def overlap(some: Collection[Interval], others: Collection[Interval]) -> bool:
    return any(
        max(start, other_start) < min(end, other_end) for start, end in some for other_start, other_end in others
    )


def clashes(series: Sequence[Series], assignment: Mapping[Hashable, Hashable]) -> set[frozenset[Hashable]]:
    """Return the pairs of series that share a seat and overlap."""
    return {
        frozenset((one.key, other.key))
        for number, one in enumerate(series)
        for other in series[:number]
        if one.key in assignment
        and assignment[one.key] == assignment.get(other.key)
        and overlap(one.periods, other.periods)
    }


def fewest_seats(series: Sequence[Series]) -> int:
    """Try every way to share seats, one series after the other, and return how few will do."""

    def search(number: int, seats: list[list[Series]], best: int) -> int:
        if len(seats) >= best or number == len(series):
            return min(best, len(seats))
        one = series[number]
        for seat in seats:
            if not any(overlap(one.periods, other.periods) for other in seat):
                seat.append(one)
                best = search(number + 1, seats, best)
                seat.pop()
        return search(number + 1, [*seats, [one]], best)

    return search(0, [], len(series))


# One session a week in four days of six hours: crowded on purpose.
weekly_spans = st.builds(
    lambda day, start, length: (24 * day + start, 24 * day + start + length),
    st.integers(0, 3),
    st.integers(8, 13),
    st.integers(1, 3),
)
weekly_series = st.lists(weekly_spans, max_size=9).map(
    lambda spans: [
        Series(key=key, periods=hours(*((168 * week + start, 168 * week + end) for week in range(WEEKS))))
        for key, (start, end) in enumerate(spans)
    ]
)
# Any few sessions, some of them overlapping others of their own, some series without any.
spans = st.builds(lambda start, length: (start, start + length), st.integers(0, 20), st.integers(1, 4))
empty_or_not = st.builds(lambda start, length: (start, start + length), st.integers(0, 20), st.integers(0, 4))
irregular_periods = st.lists(empty_or_not, max_size=4).map(lambda drawn: hours(*sorted(drawn)))
irregular_series = st.lists(irregular_periods, max_size=8).map(
    lambda drawn: [Series(key=key, periods=periods) for key, periods in enumerate(drawn)]
)
any_series = st.one_of(weekly_series, irregular_series)
seat_lists = st.permutations("abcdef").flatmap(lambda seats: st.integers(0, 6).map(lambda count: seats[:count]))


@given(weekly_series)
def test_weekly_meetings_take_as_few_seats_as_meet_at_once(series):
    result = plan(series, range(9))

    assert clashes(series, result.assignment) == set()
    assert result.unplaced == []
    assert len(set(result.assignment.values())) == result.needed == result.lower_bound == fewest_seats(series)


@given(irregular_series)
def test_irregular_meetings_take_between_the_optimum_and_what_is_said(series):
    result = plan(series, range(8))

    assert clashes(series, result.assignment) == set()
    assert result.unplaced == []
    assert result.lower_bound <= fewest_seats(series) <= result.needed == len(set(result.assignment.values()))


@given(any_series, st.integers(1, 3))
def test_counting_those_alike_finds_seats_that_will_do(drawn, copies):
    series = [
        Series(key=(copy, number), periods=one.periods)
        for copy in range(copies)
        for number, one in enumerate(drawn[:4])
    ]

    found = seats_needed(series)

    assert found.lower_bound == plan(series, []).lower_bound
    assert found.peak == plan(series, []).peak
    # Who has no session needs no seat.
    held = [one for one in series if any(start < end for start, end in one.periods)]
    assert found.lower_bound <= fewest_seats(held) <= found.needed


@given(weekly_series)
def test_weekly_meetings_are_counted_at_their_lower_bound(series):
    found = seats_needed(series)

    assert found.needed == found.lower_bound


def test_hundred_times_the_term_take_hundred_times_its_seats():
    term = term_series(timedelta(0))

    found = seats_needed([Series(key=(copy, one.key), periods=one.periods) for copy in range(100) for one in term])

    assert (found.needed, found.lower_bound) == (2000, 2000)


@given(any_series, seat_lists)
def test_seats_are_opened_in_the_order_given(series, seats):
    result = plan(series, seats)

    used = set(result.assignment.values())
    assert used == set(seats[: len(used)])


@given(any_series, seat_lists)
def test_too_few_seats_leave_out_only_whom_no_seat_is_free_for(series, seats):
    result = plan(series, seats)

    assert clashes(series, result.assignment) == set()
    assert result.unplaced == [one.key for one in series if one.key in result.unplaced]
    assert {*result.assignment, *result.unplaced} == {one.key for one in series}
    for key in result.unplaced:
        for seat in seats:
            on_seat = [one for one in series if result.assignment.get(one.key) == seat]
            assert any(overlap(series[key].periods, one.periods) for one in on_seat)


@given(any_series, seat_lists, st.data())
def test_present_seats_are_kept_and_nobody_is_put_on_top_of_anybody(series, seats, data):
    pins = data.draw(st.lists(st.sampled_from([None, None, *"abcxy"]), min_size=len(series), max_size=len(series)))
    pinned = [Series(key=one.key, periods=one.periods, seat=pin) for one, pin in zip(series, pins, strict=True)]

    result = plan(pinned, seats)

    before = {one.key: one.seat for one in pinned if one.seat is not None}
    assert before.items() <= result.assignment.items()
    assert {seat for key, seat in result.assignment.items() if key not in before} <= set(seats)
    assert clashes(pinned, result.assignment) == clashes(pinned, before)
    assert len(set(result.assignment.values())) <= result.needed


@given(any_series, seat_lists, st.dictionaries(st.sampled_from("abcdef"), irregular_periods))
def test_what_seats_already_hold_is_left_alone(series, seats, occupied):
    result = plan(series, seats, occupied)

    for one in series:
        if one.key in result.assignment:
            assert not overlap(one.periods, occupied.get(result.assignment[one.key], ()))
    assert clashes(series, result.assignment) == set()


@given(any_series, seat_lists, st.dictionaries(st.sampled_from("abcdef"), irregular_periods))
def test_same_timetable_gives_the_same_plan(series, seats, occupied):
    assert plan(series, seats, occupied) == plan(series, seats, occupied)


@given(st.lists(spans, min_size=1, max_size=12))
def test_busiest_agrees_with_looking_at_every_hour(drawn):
    counts = [sum(start <= hour < end for start, end in drawn) for hour in range(30)]
    stretches = [
        list(group) for is_busiest, group in groupby(range(30), lambda h: counts[h] == max(counts)) if is_busiest
    ]
    longest = max(stretches, key=len)

    assert busiest(hours(*drawn)) == (max(counts), hours((longest[0], longest[-1] + 1))[0])


def test_busiest_time_is_the_longest_one_and_goes_on_where_meetings_hand_over():
    periods = hours((0, 2), (0, 2), (5, 8), (5, 6), (6, 8))

    assert busiest(periods) == (2, hours((5, 8))[0])


@pytest.mark.parametrize("periods", [[], hours((3, 3))], ids=["none", "an empty one"])
def test_busiest_time_of_nothing_is_none(periods):
    assert busiest(periods) == (0, None)


def test_empty_timetable_needs_nothing():
    assert plan([], ["a"]) == Plan()


def test_meeting_whose_gap_runs_into_its_own_next_occurrence_needs_one_seat():
    series = [Series(key="double", periods=hours((9, 11), (10, 12)))]

    result = plan(series, ["a"])

    assert (result.assignment, result.needed, result.lower_bound) == ({"double": "a"}, 1, 1)


def test_back_to_back_meetings_share_a_seat():
    series = [Series(key="first", periods=hours((9, 10))), Series(key="second", periods=hours((10, 11)))]

    assert plan(series, ["a", "b"]).assignment == {"first": "a", "second": "a"}


def test_seat_in_use_is_preferred_to_an_unused_one():
    new = Series(key="new", periods=hours((9, 10)))

    after_a_series = plan([new, Series(key="old", periods=hours((11, 12)), seat="b")], ["a", "b"])
    after_something_else = plan([new], ["a", "b"], {"b": hours((11, 12))})

    assert after_a_series.assignment["new"] == "b"
    assert after_something_else.assignment["new"] == "b"


def test_seat_that_closes_to_the_fewest_others_is_taken():
    # Early and late could both sit on b; only early could sit on a. Whoever takes b first must be late.
    series = [
        Series(key="early", periods=hours((8, 10))),
        Series(key="late", periods=hours((9, 12))),
        Series(key="on a", periods=hours((11, 12)), seat="a"),
        Series(key="on b", periods=hours((13, 14)), seat="b"),
    ]

    result = plan(series, ["b", "a", "c"])

    assert result.assignment == {"early": "a", "late": "b", "on a": "a", "on b": "b"}


def test_irregular_meetings_are_tried_in_other_orders_than_by_start():
    # Each overlaps the next one only. By start, a and d come to sit together, and c, which overlaps d, opens a third seat.
    series = [
        Series(key="a", periods=hours((0, 1), (10, 11))),
        Series(key="b", periods=hours((2, 3), (10, 11), (12, 13))),
        Series(key="c", periods=hours((3, 4), (12, 13), (14, 15))),
        Series(key="d", periods=hours((1, 2), (14, 15))),
    ]

    assert plan(series, range(9)).needed == 2


def crowded_school(*, most_days: int, seed: int = 2026, size: int = 200) -> list[Series]:
    """Return meetings on up to `most_days` weekdays each that begin and end in different weeks of a term."""
    dice = Random(seed)
    series = []
    for key in range(size):
        days = {24 * dice.randrange(5) for _ in range(most_days)}
        start, length = dice.randrange(32, 76) / 4, dice.randrange(3, 9) / 4
        weeks = range(dice.randrange(7), 7 + dice.randrange(7))
        begins = [MONDAY + week * timedelta(weeks=1) + (day + start) * HOUR for week in weeks for day in sorted(days)]
        series.append(Series(key=key, periods=tuple((begin, begin + length * HOUR) for begin in begins)))
    return series


@pytest.mark.parametrize(
    ("most_days", "lower_bound", "needed", "left_out"),
    [pytest.param(1, 10, 10, 18, id="one day a week"), pytest.param(3, 25, 25, 22, id="up to three days a week")],
)
def test_crowded_school_of_uneven_weeks_is_planned_at_its_lower_bound(most_days, lower_bound, needed, left_out):
    series = crowded_school(most_days=most_days)

    result = plan(series, range(40))
    short = plan(series, range(lower_bound * 3 // 4))

    assert clashes(series, result.assignment) == set()
    assert (result.lower_bound, result.needed) == (lower_bound, needed)
    assert len(short.unplaced) <= left_out


def test_uneven_schools_take_no_more_seats_and_leave_out_no_more_than_they_did():
    # No order is best for all. Whoever finds a better one writes smaller numbers here.
    schools = [crowded_school(most_days=days, seed=seed, size=40) for seed in range(20) for days in (2, 4)]

    whole = [plan(school, range(40)) for school in schools]
    short = [plan(school, range(found.lower_bound - 2)) for school, found in zip(schools, whole, strict=True)]
    counted = [seats_needed([*school, *map(copied, school[::2])]) for school in schools]

    assert sum(found.lower_bound for found in whole) == 276
    assert sum(found.needed for found in whole) <= 297
    assert sum(len(found.unplaced) for found in short) <= 222
    assert sum(found.lower_bound for found in counted) == 440
    assert sum(found.needed for found in counted) <= 474


@pytest.mark.parametrize(
    ("seed", "most_days", "needed"),
    [
        (6, 2, 5),
        (22, 2, 5),
        (48, 2, 5),
        (85, 3, 6),
        (122, 3, 5),
        (152, 3, 6),
        (197, 3, 7),
        (43, 4, 8),
        (32, 4, 9),
        (91, 4, 9),
    ],
)
def test_who_has_the_fewest_seats_left_is_served_first_where_no_other_order_will_do(seed, most_days, needed):
    school = crowded_school(most_days=most_days, seed=seed, size=40)

    assert plan(school, range(9)).needed == needed


@pytest.mark.parametrize(
    ("seed", "needed"), [(91, 7), (92, 4), (108, 6), (117, 6), (129, 6), (133, 5), (157, 4), (220, 4)]
)
def test_seats_that_are_taken_already_count_for_whom_the_fewest_are_left(seed, needed):
    school = crowded_school(most_days=2, seed=seed, size=40)
    taken = plan(school[:12], range(9)).assignment

    assert plan([replace(one, seat=taken.get(one.key)) for one in school], range(9)).needed == needed


def test_who_has_no_session_needs_no_seat():
    assert seats_needed([Series(key="never", periods=hours((3, 3)))]).needed == 0


def test_two_sessions_that_touch_stay_two():
    assert without_overlaps(hours((10, 11), (9, 10), (3, 3), (10, 12))) == [*hours((9, 10), (10, 12))]


def copied(one: Series) -> Series:
    """Return another series with the same sessions."""
    return Series(key=("copy of", one.key), periods=one.periods)


def term_series(gap: timedelta) -> list[Series]:
    """Return the real term's classes, every week for 14 weeks from 14 September 2026."""
    lisbon = ZoneInfo("Europe/Lisbon")
    series = []
    with (TERM / "timetable.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            weekday = WEEKDAYS.index(row["weekday"][:2].upper())
            start, end = (datetime.fromisoformat(f"2026-09-14T{row[column]}") for column in ("start", "end"))
            occurrences = expand(starts_at=start, timezone=lisbon, rule=weekly_rule([weekday], count=14))
            periods = tuple((occurrence, occurrence + (end - start) + gap) for occurrence in occurrences)
            series.append(Series(key=row["section"], periods=periods))
    return series


@pytest.mark.parametrize(("gap_minutes", "seats"), [(0, 20), (10, 28)], ids=["no gap", "ten minutes between"])
def test_real_term_takes_as_many_seats_as_classes_run_at_once(gap_minutes, seats):
    series = term_series(timedelta(minutes=gap_minutes))

    result = plan(series, range(40))

    assert len(series) == 399
    assert result.unplaced == []
    assert clashes(series, result.assignment) == set()
    assert (result.lower_bound, result.needed, len(set(result.assignment.values()))) == (seats, seats, seats)


def test_real_term_with_two_seats_missing_leaves_out_few_classes():
    result = plan(term_series(timedelta(0)), range(18))

    assert (len(result.unplaced), result.needed) == (5, 20)


def test_real_term_is_planned_well_within_a_second():
    series = term_series(timedelta(0))

    began = time.process_time()
    plan(series, range(40))

    assert time.process_time() - began < 1


def test_copy_of_the_term_names_its_source():
    readme = (TERM / "README.md").read_text(encoding="utf-8")

    assert "ADDALemos/MPPTimetables" in readme
    assert "MIT licence" in readme
