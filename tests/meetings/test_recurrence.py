"""Recurring sessions: wall times that hold across clock changes, and the same series in Zoom's words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbell.meetings.recurrence import (
    MOST_OCCURRENCES,
    ZOOM_MAX_OCCURRENCES,
    BadRecurrence,
    ClockChange,
    Rule,
    clock_change,
    expand,
    shortened,
    weekly_rule,
)
from classbell.meetings.sync.zoom_recurrence import CannotBeOneSeries, to_zoom

LISBON = ZoneInfo("Europe/Lisbon")
MONDAY_9 = datetime.fromisoformat("2026-09-14T09:00")  # a wall time
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)

zones = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Lisbon", "America/New_York", "Asia/Riyadh", "Australia/Lord_Howe")]
)
# Every quarter of an hour, with the small hours, where clocks change, as likely as the rest of the day.
times = st.one_of(st.integers(0, 15), st.integers(16, 95)).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
starts = st.builds(datetime.combine, st.dates(date(2024, 1, 1), date(2027, 6, 30)), times)
weekdays = st.sets(st.integers(0, 6), min_size=1)
counts = st.integers(1, ZOOM_MAX_OCCURRENCES)


@st.composite
def rules(draw: st.DrawFn, *, bounded: bool = True) -> str:
    """Draw rules of every kind that can be written, most of which Zoom can hold."""
    interval = draw(st.integers(1, 4))
    kind = draw(st.sampled_from(["DAILY", "WEEKLY", "WEEKLY", "MONTHDAY", "WEEKOFMONTH"]))
    parts = {"FREQ": kind, "INTERVAL": str(interval)}
    if kind == "DAILY" and interval == 1 and draw(st.booleans()):
        parts["BYDAY"] = ",".join(CODES[day] for day in draw(weekdays))
    if kind == "WEEKLY":
        parts["WKST"] = draw(st.sampled_from(["MO", "SU"]))
        parts["BYDAY"] = ",".join(CODES[day] for day in draw(weekdays))
    if kind == "MONTHDAY":
        parts |= {"FREQ": "MONTHLY", "BYMONTHDAY": str(draw(st.integers(1, 31)))}
    if kind == "WEEKOFMONTH":
        week = draw(st.sampled_from([-1, 1, 2, 3, 4, 5]))
        parts |= {"FREQ": "MONTHLY", "BYDAY": f"{week}{draw(st.sampled_from(CODES))}"}
    if bounded:
        # The sparsest of these rules (a fifth Friday every fourth month) needs far less than 100 years for 50 sessions.
        parts["COUNT"] = str(draw(counts))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def plain_days(rule: str, first: date) -> Iterator[date]:
    """Walk through the calendar one day at a time and yield the days that a rule means, without end."""
    parts = dict(part.split("=") for part in rule.split(";"))
    interval = int(parts["INTERVAL"])
    codes = parts.get("BYDAY", "").split(",") if "BYDAY" in parts else []
    week_start = CODES.index(parts.get("WKST", "MO"))
    week_of_first = first - (first.weekday() - week_start) % 7 * DAY
    day = first
    while True:
        months = (day.year - first.year) * 12 + day.month - first.month
        if parts["FREQ"] == "DAILY":
            fits = (day - first).days % interval == 0 and (not codes or CODES[day.weekday()] in codes)
        elif parts["FREQ"] == "WEEKLY":
            fits = (day - week_of_first).days // 7 % interval == 0 and CODES[day.weekday()] in codes
        elif "BYMONTHDAY" in parts:
            fits = months % interval == 0 and day.day == int(parts["BYMONTHDAY"])
        else:
            fits = months % interval == 0 and codes[0] in {
                name_in_month(day),
                f"-1{CODES[day.weekday()]}" * is_last(day),
            }
        if fits:
            yield day
        day += DAY


def name_in_month(day: date) -> str:
    return f"{(day.day - 1) // 7 + 1}{CODES[day.weekday()]}"


def is_last(day: date) -> bool:
    return (day + 7 * DAY).month != day.month


def first_days(rule: str, first: date, count: int) -> list[date]:
    return list(islice(plain_days(rule, first), count))


def instants_of(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return every moment at which the clocks of a zone show a wall time: none, one or two."""
    offsets = {(wall + step).replace(tzinfo=zone).utcoffset() for step in (-DAY, DAY)}
    moments = [(wall - offset).replace(tzinfo=UTC) for offset in offsets if offset is not None]
    return sorted(moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == wall)


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when a wall time is: its first moment, or, when the clocks skip it, with the offset of the day before."""
    before = (wall - DAY).replace(tzinfo=zone).utcoffset()
    assert before is not None
    return next(iter(instants_of(wall, zone)), (wall - before).replace(tzinfo=UTC))


def zoom_days(recurrence: dict[str, object], first: date) -> list[date]:
    """Walk through the calendar as Zoom does: weeks from Sunday, everything counted from the start it is given."""
    interval, left = int(str(recurrence["repeat_interval"])), int(str(recurrence["end_times"]))
    sunday = first - (first.weekday() + 1) % 7 * DAY
    found: list[date] = []
    day = first
    while len(found) < left:
        number = str((day.weekday() + 1) % 7 + 1)
        months = (day.year - first.year) * 12 + day.month - first.month
        if recurrence["type"] == 1:
            fits = (day - first).days % interval == 0
        elif recurrence["type"] == 2:
            fits = (day - sunday).days // 7 % interval == 0 and number in str(recurrence["weekly_days"]).split(",")
        elif "monthly_day" in recurrence:
            fits = months % interval == 0 and day.day == recurrence["monthly_day"]
        else:
            which = -1 if recurrence["monthly_week"] == -1 and is_last(day) else (day.day - 1) // 7 + 1
            fits = (
                months % interval == 0
                and which == recurrence["monthly_week"]
                and number == str(recurrence["monthly_week_day"])
            )
        if fits:
            found.append(day)
        day += DAY
    return found


@given(starts_at=starts, zone=zones, rule=rules())
def test_expand_agrees_with_walking_through_the_calendar(starts_at, zone, rule):
    count = Rule.parse(rule).count
    assert count

    occurrences = expand(starts_at=starts_at, timezone=zone, rule=rule)

    days = first_days(rule, starts_at.date(), count)
    assert occurrences == [moment_of(datetime.combine(day, starts_at.time()), zone) for day in days]


@given(starts_at=starts, zone=zones, days=weekdays, count=counts)
def test_weekly_occurrences_keep_their_wall_time_weekday_and_number(starts_at, zone, days, count):
    occurrences = expand(starts_at=starts_at, timezone=zone, rule=weekly_rule(days, count=count))

    local = [occurrence.astimezone(zone) for occurrence in occurrences]
    existing = [wall for wall in local if instants_of(datetime.combine(wall.date(), starts_at.time()), zone)]
    assert len(occurrences) == count
    assert {wall.time() for wall in existing} <= {starts_at.time()}
    assert {wall.weekday() for wall in local} <= days
    assert len(local) - len(existing) <= 4  # One night a year can lack the time.


@given(starts_at=starts, zone=zones, rule=rules(), data=st.data())
def test_excluded_dates_are_left_out_and_nothing_else(starts_at, zone, rule, data):
    everything = expand(starts_at=starts_at, timezone=zone, rule=rule)
    dates = [occurrence.astimezone(zone).date() for occurrence in everything]
    excluded = data.draw(st.sets(st.sampled_from(dates)))

    occurrences = expand(starts_at=starts_at, timezone=zone, rule=rule, excluded=excluded)

    assert occurrences == [one for one, day in zip(everything, dates, strict=True) if day not in excluded]


@given(starts_at=starts, zone=zones, rule=rules(bounded=False), length=st.integers(0, 400), in_utc=st.booleans())
def test_until_is_inclusive(starts_at, zone, rule, length, in_utc):
    last = starts_at + length * DAY
    until = moment_of(last, zone).strftime("%Y%m%dT%H%M%SZ") if in_utc else last.strftime("%Y%m%dT%H%M%S")

    occurrences = expand(starts_at=starts_at, timezone=zone, rule=f"{rule};UNTIL={until}")

    days = takewhile(lambda day: day <= last.date(), plain_days(rule, starts_at.date()))
    assert occurrences == [moment_of(datetime.combine(day, starts_at.time()), zone) for day in days]


@given(starts_at=starts, rule=rules(), data=st.data())
def test_zoom_given_the_rest_of_a_series_holds_it_on_the_same_days(starts_at, rule, data):
    count = Rule.parse(rule).count
    assert count
    days = first_days(rule, starts_at.date(), count)
    done = data.draw(st.integers(0, count - 1))
    upcoming = datetime.combine(days[done], starts_at.time())

    try:
        recurrence = to_zoom(rule, occurrences_left=count - done, starts_at=upcoming)
    except CannotBeOneSeries:
        assert is_beyond_zoom(rule, days[done:])
    else:
        assert zoom_days(recurrence, upcoming.date()) == days[done:]


def is_beyond_zoom(rule: str, days: list[date]) -> bool:
    """Say whether one of the known reasons holds: a fifth weekday, weeks cut apart at Sunday, days that months lack."""
    parsed = Rule.parse(rule)
    if parsed.nth_weekdays:
        return parsed.nth_weekdays[0][0] == 5
    if parsed.frequency == "WEEKLY":
        return parsed.interval > 1 and 6 in parsed.weekdays and len(parsed.weekdays) > 1 and parsed.week_start == 0
    return parsed.month_days[0] > 28


@given(days=weekdays, interval=st.integers(1, 50), left=counts, starts_at=starts)
def test_every_weekly_rule_of_ours_can_be_one_series(days, interval, left, starts_at):
    recurrence = to_zoom(weekly_rule(days, interval=interval, count=left), occurrences_left=left, starts_at=starts_at)

    assert recurrence["type"] == 2


@pytest.mark.parametrize(
    ("zone", "starts_at", "expected"),
    [
        pytest.param("Europe/Lisbon", "2026-03-28T01:30", ["28T01:30", "29T01:30", "30T00:30"], id="skipped hour"),
        pytest.param("Europe/Lisbon", "2026-10-24T01:30", ["24T00:30", "25T00:30", "26T01:30"], id="repeated hour"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-03T02:15", ["02T15:45", "03T15:45", "04T15:15"], id="skipped half hour"
        ),
        pytest.param(
            "Australia/Lord_Howe", "2026-04-04T01:45", ["03T14:45", "04T14:45", "05T15:15"], id="repeated half hour"
        ),
    ],
)
def test_wall_time_the_clocks_skip_or_repeat_follows_rfc_5545(zone, starts_at, expected):
    occurrences = expand(
        starts_at=datetime.fromisoformat(starts_at), timezone=ZoneInfo(zone), rule="FREQ=DAILY;COUNT=3"
    )

    assert [f"{occurrence:%dT%H:%M}" for occurrence in occurrences] == expected


def test_no_rule_is_one_occurrence():
    assert expand(starts_at=MONDAY_9, timezone=LISBON, rule=None) == [datetime(2026, 9, 14, 8, tzinfo=UTC)]


def test_start_that_does_not_fit_the_rule_is_no_occurrence_and_does_not_count():
    occurrences = expand(starts_at=MONDAY_9, timezone=LISBON, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=2")

    assert [occurrence.day for occurrence in occurrences] == [16, 23]


def test_excluded_dates_use_up_the_count():
    rule = weekly_rule([0], count=3)

    occurrences = expand(starts_at=MONDAY_9, timezone=LISBON, rule=rule, excluded=[date(2026, 9, 21)])

    assert [occurrence.day for occurrence in occurrences] == [14, 28]


@pytest.mark.parametrize(
    ("until", "days"),
    [
        pytest.param("20260921", [14, 21], id="a date stands for its whole day"),
        pytest.param("20260921T090000", [14, 21], id="a wall time is inclusive"),
        pytest.param("20260921T085959", [14], id="a wall time before the session"),
        pytest.param("20260921T080000Z", [14, 21], id="a time in UTC is placed in the zone"),
        pytest.param("20260913", [], id="before the start"),
    ],
)
def test_until_in_each_of_its_forms(until, days):
    occurrences = expand(starts_at=MONDAY_9, timezone=LISBON, rule=f"FREQ=WEEKLY;BYDAY=MO;UNTIL={until}")

    assert [occurrence.day for occurrence in occurrences] == days


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        pytest.param("FREQ=WEEKLY;BYDAY=MO", "needs an end", id="no end"),
        pytest.param("FREQ=DAILY;COUNT=1001", "between 1 and 1000", id="count too high"),
        pytest.param("FREQ=DAILY;UNTIL=20360101", "more than 1000 sessions", id="until too far"),
        pytest.param("FREQ=MONTHLY;INTERVAL=12;UNTIL=22000101", "not end within 100 years", id="until beyond reason"),
        pytest.param("FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=2", "not end within 100 years", id="never fits"),
        pytest.param("FREQ=DAILY;COUNT=2;UNTIL=20261001", "exclude each other", id="two ends"),
        pytest.param("FREQ=YEARLY;COUNT=2", "FREQ must be", id="yearly"),
        pytest.param("COUNT=2", "FREQ must be", id="no frequency"),
        pytest.param("FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO;COUNT=2", "each part must be one of", id="unknown part"),
        pytest.param("FREQ=DAILY;COUNT=2;COUNT=3", "come once", id="a part twice"),
        pytest.param("FREQ=DAILY;COUNT=", "with a value", id="empty part"),
        pytest.param("FREQ=DAILY;COUNT=0", "between 1 and", id="count zero"),
        pytest.param("FREQ=DAILY;COUNT=two", "invalid literal", id="count no number"),
        pytest.param("FREQ=DAILY;INTERVAL=0;COUNT=2", "between 1 and", id="interval zero"),
        pytest.param("FREQ=WEEKLY;BYDAY=XX;COUNT=2", "'XX' is no weekday", id="no weekday"),
        pytest.param("FREQ=WEEKLY;WKST=2MO;COUNT=2", "'2MO' is no weekday", id="no week start"),
        pytest.param("FREQ=WEEKLY;BYDAY=2MO;COUNT=2", "numbered weekdays", id="numbered weekday of a week"),
        pytest.param("FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=2", "numbered weekdays", id="mixed weekdays"),
        pytest.param("FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", "no days of the month", id="day of month in a week"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2", "between -31 and 31", id="day 32"),
        pytest.param("FREQ=DAILY;UNTIL=2026-10-01", "no date and no time", id="until unreadable"),
        pytest.param("FREQ=DAILY;UNTIL=20261301", "month must be in 1..12", id="until no date"),
        pytest.param("nonsense", "each part must be one of", id="nonsense"),
    ],
)
def test_rule_that_cannot_be_used_is_refused_with_the_reason(rule, reason):
    with pytest.raises(BadRecurrence, match=reason) as caught:
        expand(starts_at=MONDAY_9, timezone=LISBON, rule=rule)

    assert isinstance(caught.value, ValueError)


def test_most_occurrences_are_still_laid_out():
    assert (
        len(expand(starts_at=MONDAY_9, timezone=LISBON, rule=f"FREQ=DAILY;COUNT={MOST_OCCURRENCES}"))
        == MOST_OCCURRENCES
    )


def test_aware_start_is_refused():
    with pytest.raises(ValueError, match="naive wall time"):
        expand(starts_at=MONDAY_9.replace(tzinfo=UTC), timezone=LISBON, rule=None)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        pytest.param({"count": 14}, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=14", id="count"),
        pytest.param({"until": date(2026, 12, 18)}, "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261218", id="until a day"),
        pytest.param(
            {"until": datetime.fromisoformat("2026-12-18T09:00")},
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261218T090000",
            id="until a wall time",
        ),
        pytest.param(
            {"until": datetime(2026, 7, 18, 9, tzinfo=LISBON)},
            "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260718T080000Z",
            id="until a moment",
        ),
        pytest.param(
            {"count": 3, "interval": 2}, "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE;COUNT=3", id="every second week"
        ),
    ],
)
def test_weekly_rule_is_written_as_rrule_text(arguments, rule):
    assert weekly_rule([2, 0, 2], **arguments) == rule


@pytest.mark.parametrize("days", [[], [7], [-1]], ids=["none", "after Sunday", "before Monday"])
def test_weekly_rule_refuses_days_that_are_none(days):
    with pytest.raises(BadRecurrence, match="0 for Monday to 6 for Sunday"):
        weekly_rule(days, count=2)


def test_rule_is_read_into_its_parts():
    assert Rule.parse("freq=weekly;interval=2;byday=we,mo;wkst=su;until=20261218T090000Z") == Rule(
        frequency="WEEKLY",
        interval=2,
        weekdays=(0, 2),
        week_start=6,
        until=datetime(2026, 12, 18, 9, tzinfo=UTC),
    )
    assert Rule.parse("FREQ=MONTHLY;BYDAY=-1FR,1MO;COUNT=3") == Rule(
        frequency="MONTHLY", nth_weekdays=((-1, 4), (1, 0)), count=3
    )
    assert Rule.parse("FREQ=MONTHLY;BYMONTHDAY=15,-1").month_days == (-1, 15)


@pytest.mark.parametrize(
    ("rule", "recurrence"),
    [
        pytest.param("FREQ=DAILY;INTERVAL=3", {"type": 1, "repeat_interval": 3}, id="daily"),
        pytest.param("FREQ=WEEKLY", {"type": 2, "repeat_interval": 1, "weekly_days": "2"}, id="weekly by its start"),
        pytest.param(
            "FREQ=WEEKLY;BYDAY=SU,SA,MO", {"type": 2, "repeat_interval": 1, "weekly_days": "1,2,7"}, id="weekly"
        ),
        pytest.param("FREQ=MONTHLY", {"type": 3, "repeat_interval": 1, "monthly_day": 14}, id="monthly by its start"),
        pytest.param(
            "FREQ=MONTHLY;BYDAY=-1MO",
            {"type": 3, "repeat_interval": 1, "monthly_week": -1, "monthly_week_day": 2},
            id="last Monday",
        ),
    ],
)
def test_zoom_is_told_a_rule_in_its_own_words(rule, recurrence):
    assert to_zoom(rule, occurrences_left=5, starts_at=MONDAY_9) == recurrence | {"end_times": 5}


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        pytest.param("FREQ=DAILY", ZOOM_MAX_OCCURRENCES + 1, id="too many sessions"),
        pytest.param("FREQ=DAILY", 0, id="no sessions"),
        pytest.param("FREQ=DAILY;INTERVAL=100", 2, id="too many days between"),
        pytest.param("FREQ=WEEKLY;INTERVAL=51", 2, id="too many weeks between"),
        pytest.param("FREQ=MONTHLY;INTERVAL=11", 2, id="too many months between"),
        pytest.param("FREQ=DAILY;INTERVAL=2;BYDAY=MO", 2, id="every second day if a Monday"),
        pytest.param("FREQ=DAILY;BYMONTHDAY=1", 2, id="days that are a first"),
        pytest.param("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", 2, id="weeks from Monday"),
        pytest.param("FREQ=MONTHLY;BYDAY=MO", 2, id="every Monday of a month"),
        pytest.param("FREQ=MONTHLY;BYDAY=1MO,3MO", 2, id="two Mondays of a month"),
        pytest.param("FREQ=MONTHLY;BYDAY=5MO", 2, id="fifth Monday"),
        pytest.param("FREQ=MONTHLY;BYDAY=-2MO", 2, id="last Monday but one"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=1,15", 2, id="two days of a month"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=-1", 2, id="last day of a month"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=31", 2, id="a day that a month of the run lacks"),
        pytest.param("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=1MO", 2, id="Monday the thirteenth"),
    ],
)
def test_rule_zoom_has_no_words_for_cannot_be_one_series(rule, left):
    with pytest.raises(CannotBeOneSeries):
        to_zoom(rule, occurrences_left=left, starts_at=MONDAY_9)


def test_day_30_can_be_one_series_where_all_its_months_have_it():
    assert (
        to_zoom("FREQ=MONTHLY;BYMONTHDAY=30", occurrences_left=4, starts_at=MONDAY_9.replace(day=30))["monthly_day"]
        == 30
    )


@pytest.mark.parametrize(
    ("wall", "change"),
    [
        ("2027-03-28T01:00", ClockChange.SKIPPED),
        ("2027-03-28T01:59", ClockChange.SKIPPED),
        ("2027-03-28T02:00", None),
        ("2027-10-31T00:59", None),
        ("2027-10-31T01:00", ClockChange.REPEATED),
        ("2027-10-31T02:00", None),
    ],
)
def test_wall_time_that_does_not_exist_or_exists_twice_is_told(wall, change):
    assert clock_change(datetime.fromisoformat(wall), ZoneInfo("Europe/Lisbon")) == change


def test_rule_that_ends_by_count_is_shortened_however_it_is_written():
    assert shortened("freq=daily;count=12;interval=2", count=3) == "freq=daily;COUNT=3;interval=2"


def test_longest_interval_is_read_and_one_longer_refused():
    assert Rule.parse("FREQ=DAILY;INTERVAL=9999;COUNT=1").interval == 9999
    with pytest.raises(BadRecurrence) as refused:
        Rule.parse("FREQ=DAILY;INTERVAL=10000;COUNT=1")
    assert refused.value.code == "bad_recurrence"
