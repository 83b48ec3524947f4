"""Buckets: so many requests at once, and as many again in each span of time, on a clock that the tests turn."""

import pytest

from classbell.buckets import SECOND, Buckets, Limit

TEN = Limit(requests=10, seconds=60)


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)


@pytest.fixture
def clock() -> Clock:
    """The clock of the buckets."""
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    """Buckets on it, at most a hundred."""
    return Buckets(clock=clock, most=100)


def test_all_of_a_limit_may_come_at_once_and_one_more_is_refused(buckets: Buckets) -> None:
    left = [buckets.take("Amal", TEN).left for _ in range(10)]
    one_more = buckets.take("Amal", TEN)

    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert (one_more.is_refused, one_more.left, one_more.again_in, one_more.full_in) == (True, 0, 6, 60)


def test_it_fills_up_evenly(buckets: Buckets, clock: Clock) -> None:
    for _ in range(10):
        buckets.take("Amal", TEN)

    clock.advance(5.9)
    assert buckets.take("Amal", TEN).again_in == 1
    clock.advance(0.1)
    assert not buckets.take("Amal", TEN).is_refused
    assert buckets.take("Amal", TEN).is_refused
    clock.advance(60)
    assert buckets.take("Amal", TEN).left == 9


def test_who_is_refused_waits_no_longer_for_having_asked(buckets: Buckets, clock: Clock) -> None:
    for _ in range(10):
        buckets.take("Amal", TEN)
    waits = [buckets.take("Amal", TEN).again_in for _ in range(100)]
    clock.advance(6)

    assert set(waits) == {6}
    assert not buckets.take("Amal", TEN).is_refused


def test_nobody_pays_for_another(buckets: Buckets) -> None:
    for _ in range(11):
        buckets.take("Amal", TEN)

    assert buckets.take("Basim", TEN).left == 9


def test_over_a_long_time_no_more_gets_through_than_the_limit(buckets: Buckets, clock: Clock) -> None:
    admitted = 0
    for _ in range(6_000):  # ten minutes, ten a second
        admitted += not buckets.take("Amal", TEN).is_refused
        clock.advance(0.1)

    assert admitted == 10 + 10 * 10 - 1


def test_full_buckets_are_forgotten(buckets: Buckets, clock: Clock) -> None:
    for number in range(100):
        buckets.take(f"visitor {number}", TEN)
    clock.advance(60)
    buckets.take("Amal", TEN)

    assert len(buckets) == 1


def test_crowd_without_end_keeps_within_bounds(buckets: Buckets) -> None:
    for number in range(1_000):
        buckets.take(f"visitor {number}", TEN)
    for _ in range(11):
        latest = buckets.take("visitor 999", TEN)

    assert len(buckets) <= 100
    assert latest.is_refused
