"""Sessions laid out by the simulator are those that dateutil computes, in every zone, over every change of clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from zoomsim.meetings.recurrence import lay_out, read_recurrence

WEEKDAYS = (rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA)
ZONES = (
    "UTC",
    "Africa/Cairo",
    "Europe/Lisbon",
    "America/New_York",
    "Asia/Riyadh",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
FAR_PAST = datetime(1990, 1, 1, tzinfo=UTC)

WALL_TIMES = st.datetimes(datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2030-12-31")).map(
    lambda moment: moment.replace(microsecond=0)
)

daily = st.fixed_dictionaries({"type": st.just(1), "repeat_interval": st.integers(1, 99)})
weekly = st.fixed_dictionaries(
    {
        "type": st.just(2),
        "repeat_interval": st.integers(1, 4),
        "weekly_days": st.sets(st.integers(1, 7), min_size=1).map(lambda days: ",".join(map(str, days))),
    }
)
by_day = st.fixed_dictionaries(
    {"type": st.just(3), "repeat_interval": st.integers(1, 3), "monthly_day": st.integers(1, 31)}
)
by_week = st.fixed_dictionaries(
    {
        "type": st.just(3),
        "repeat_interval": st.integers(1, 3),
        "monthly_week": st.sampled_from([-1, 1, 2, 3, 4]),
        "monthly_week_day": st.integers(1, 7),
    }
)


def expected_walls(rule, wall, count):
    """Return the wall times that dateutil finds for a rule of Zoom's."""
    options = {"interval": rule["repeat_interval"], "dtstart": wall, "count": count, "wkst": rrule.SU}
    if rule["type"] == 1:
        return list(rrule.rrule(rrule.DAILY, **options))
    if rule["type"] == 2:
        days = [WEEKDAYS[int(day) - 1] for day in rule["weekly_days"].split(",")]
        return list(rrule.rrule(rrule.WEEKLY, byweekday=days, **options))
    if "monthly_week" in rule:
        weekday = WEEKDAYS[rule["monthly_week_day"] - 1](rule["monthly_week"])
        return list(rrule.rrule(rrule.MONTHLY, byweekday=weekday, **options))
    return list(rrule.rrule(rrule.MONTHLY, bymonthday=rule["monthly_day"], **options))


@settings(deadline=None, max_examples=examples(300))
@given(
    rule=st.one_of(daily, weekly, by_day, by_week),
    wall=WALL_TIMES,
    zone=st.sampled_from(ZONES),
    count=st.integers(1, 20),
)
def test_occurrences_are_those_of_dateutil_at_the_same_wall_time(rule, wall, zone, count):
    read = read_recurrence(rule | {"end_times": count}, None)
    start = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    # A start that the clocks skip is another wall time once it is an instant.
    wall = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    far_ahead = start + timedelta(weeks=10_000)

    occurrences = lay_out(read, start, zone, 60, far_ahead)

    walls = expected_walls(read, wall, count)
    assert [occurrence.start for occurrence in occurrences] == [
        moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for moment in walls
    ]


@settings(deadline=None, max_examples=examples(100))
@given(rule=st.one_of(daily, weekly, by_day, by_week), days=st.integers(1, 400))
def test_series_stops_at_its_end_date(rule, days):
    start = datetime(2027, 1, 5, 9, tzinfo=UTC)
    end = start + timedelta(days=days)
    read = read_recurrence(rule | {"end_date_time": end.strftime("%Y-%m-%dT%H:%M:%SZ")}, start)

    occurrences = lay_out(read, start, "UTC", 60, FAR_PAST)

    assert all(start <= occurrence.start <= end for occurrence in occurrences)
    longer = lay_out(read | {"end_date_time": "2030-01-01T00:00:00Z"}, start, "UTC", 60, FAR_PAST)
    assert occurrences == [occurrence for occurrence in longer if occurrence.start <= end]


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        pytest.param("2027-03-27T02:30:00", ["02:30", "03:30", "02:30"], id="skipped: taken with the offset before"),
        pytest.param("2027-10-30T02:30:00", ["02:30", "02:30", "02:30"], id="twice: the first"),
    ],
)
def test_wall_time_in_the_night_the_clocks_change(wall, expected):
    zone = ZoneInfo("Europe/Berlin")
    start = datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)

    occurrences = lay_out(read_recurrence({"type": 1, "end_times": 3}, start), start, "Europe/Berlin", 60, FAR_PAST)

    assert [f"{occurrence.start.astimezone(zone):%H:%M}" for occurrence in occurrences] == expected
    assert [occurrence.start.astimezone(zone).fold for occurrence in occurrences] == [0, 0, 0]
