"""Times that hold between two dates only: the algebra by itself."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from classbell.halakat.pattern import Frequency, Pattern, occurrences_of
from classbell.halakat.periods import (
    Period,
    PeriodsRefused,
    check_periods,
    moved_by,
    with_periods,
    without_periods,
)
from classbell.meetings.deviations import Deviation
from tests.examples import examples

# Clocks that change by an hour, at midnight, by half an hour, or never.
ZONES = ["UTC", "Asia/Riyadh", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Europe/London", "Pacific/Niue"]
FIRST = date(2027, 1, 1)
BEFORE = datetime(2026, 12, 1, tzinfo=UTC)


def period(first: date, days: int, at: time = time(21), minutes: int = 45, name: str = "Ramadan") -> Period:
    return Period(
        name=name, first_day=first, last_day=first + timedelta(days=days - 1), start_time=at, duration_minutes=minutes
    )


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, ...]:
    """Some periods of a year, in order, that do not overlap."""
    found, day = [], FIRST
    for _number in range(draw(st.integers(0, 3))):
        day += timedelta(days=draw(st.integers(0, 90)))
        at = time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30])))
        one = period(day, draw(st.integers(1, 60)), at, draw(st.sampled_from([30, 45, 60])))
        found.append(one)
        day = one.last_day + timedelta(days=1)
    return tuple(found)


@st.composite
def circles(draw: st.DrawFn) -> Pattern:
    return Pattern(
        start_date=FIRST + timedelta(days=draw(st.integers(0, 200))),
        end_date=FIRST + timedelta(days=364),
        weekdays=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
        frequency=Frequency.WEEKLY,
        start_time=time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 30]))),
        duration_minutes=draw(st.sampled_from([30, 45, 60])),
        timezone=draw(st.sampled_from(ZONES)),
    )


@st.composite
def by_hand(draw: st.DrawFn, slots: list[datetime]) -> dict[datetime, Deviation]:
    """What somebody decided about some sessions: odd times that no period has."""
    chosen = draw(st.lists(st.sampled_from(slots), unique=True, max_size=6))
    decided = {}
    for slot in chosen:
        kind = draw(st.sampled_from(["moved", "cancelled", "both"]))
        starts_at = slot + timedelta(minutes=draw(st.integers(1, 600)), seconds=7)
        decided[slot] = Deviation(
            slot=slot,
            moved_to=(starts_at, starts_at + timedelta(hours=1)) if kind != "cancelled" else None,
            is_cancelled=kind != "moved",
            reason="ill" if kind != "moved" else "",
        )
    return decided


def held(pattern: Pattern, some: tuple[Period, ...], decided: dict[datetime, Deviation]) -> dict[datetime, Deviation]:
    return with_periods(
        some,
        occurrences_of(pattern),
        decided,
        pattern.zone,
        usual_minutes=pattern.duration_minutes,
        now=BEFORE,
    )


@settings(max_examples=examples(150), deadline=None)
@given(data=st.data(), pattern=circles(), some=periods(), others=periods())
def test_a_period_moves_what_it_has_and_nothing_else_and_leaves_no_trace(
    data: st.DataObject, pattern: Pattern, some: tuple[Period, ...], others: tuple[Period, ...]
) -> None:
    slots = occurrences_of(pattern)
    decided = data.draw(by_hand(slots))

    moved = held(pattern, some, decided)

    # What is not in a period stays; in one, each session is on its day at the period's time, unless it was moved by hand.
    for slot in slots:
        day = pattern.day_of(slot)
        its = next((one for one in some if one.first_day <= day <= one.last_day), None)
        one, before = moved.get(slot), decided.get(slot)
        if its is None or (before is not None and before.moved_to is not None):
            assert one == before
            continue
        starts_at, ends_at = one.moved_to if one and one.moved_to else (slot, slot + minutes(pattern))
        assert ends_at - starts_at == timedelta(minutes=its.duration_minutes)
        assert starts_at == datetime.combine(day, its.start_time, tzinfo=pattern.zone).astimezone(UTC)
        assert (one.is_cancelled if one else False) == (before is not None and before.is_cancelled)
    # Taken back, all is as it was; changed, it is as if the first had never been; repeated, nothing happens.
    assert without_periods(some, moved, pattern.zone) == decided
    assert held(pattern, others, without_periods(some, moved, pattern.zone)) == held(pattern, others, decided)
    assert held(pattern, some, without_periods(some, moved, pattern.zone)) == moved
    assert held(pattern, some, moved) == moved


def minutes(pattern: Pattern) -> timedelta:
    return timedelta(minutes=pattern.duration_minutes)


@settings(max_examples=examples(100), deadline=None)
@given(pattern=circles(), some=periods(), at=st.integers(0, 364))
def test_nothing_is_moved_that_has_begun_and_nothing_into_the_past(
    pattern: Pattern, some: tuple[Period, ...], at: int
) -> None:
    now = datetime.combine(FIRST + timedelta(days=at), time(12), tzinfo=UTC)

    moved = with_periods(
        some, occurrences_of(pattern), {}, pattern.zone, usual_minutes=pattern.duration_minutes, now=now
    )

    assert all(slot > now and one.moved_to is not None and one.moved_to[0] > now for slot, one in moved.items())


@settings(max_examples=examples(100), deadline=None)
@given(some=periods())
def test_periods_are_kept_as_they_are(some: tuple[Period, ...]) -> None:
    assert tuple(Period.of(one.kept()) for one in some) == some
    check_periods(some)


@given(first=st.integers(0, 60), days=st.integers(1, 60), other=st.integers(0, 60), more=st.integers(1, 60))
def test_periods_that_share_a_day_are_refused_in_either_order(first: int, days: int, other: int, more: int) -> None:
    one, two = period(FIRST + timedelta(days=first), days), period(FIRST + timedelta(days=other), more)
    assume(one.first_day <= two.last_day and two.first_day <= one.last_day)

    for both in ([one, two], [two, one]):
        with pytest.raises(PeriodsRefused, match="share days"):
            check_periods(both)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": FIRST - timedelta(days=1)},
        {"duration_minutes": 4},
        {"duration_minutes": 721},
    ],
    ids=["ends before it begins", "too short", "too long"],
)
def test_what_is_no_period_is_refused(wrong: dict[str, Any]) -> None:
    values: dict[str, Any] = {
        "first_day": FIRST,
        "last_day": FIRST,
        "start_time": time(21),
        "duration_minutes": 45,
    }
    with pytest.raises(PeriodsRefused) as refused:
        check_periods([Period(**values | wrong)])

    assert refused.value.details[0]["field"] == "periods"


@pytest.mark.parametrize(
    ("zone", "day", "at", "starts_at"),
    [
        # Clocks go on in the night, and the period stays on its wall time.
        ("Europe/London", date(2027, 3, 27), time(21), datetime(2027, 3, 27, 21, tzinfo=UTC)),
        ("Europe/London", date(2027, 3, 28), time(21), datetime(2027, 3, 28, 20, tzinfo=UTC)),
        # The hour does not exist on this day: it is held later by as much. The hour that comes twice: the first.
        ("Europe/London", date(2027, 3, 28), time(1, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("Europe/London", date(2027, 10, 31), time(1, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
    ids=["before", "after", "skipped", "repeated"],
)
def test_a_period_keeps_the_wall_time_when_the_clocks_change(
    zone: str, day: date, at: time, starts_at: datetime
) -> None:
    slot = datetime.combine(day, time(17), tzinfo=ZoneInfo(zone)).astimezone(UTC)

    moved = moved_by([period(date(2027, 3, 1), 300, at)], slot, ZoneInfo(zone))

    assert moved == (starts_at, starts_at + timedelta(minutes=45))
