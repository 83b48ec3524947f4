"""Pairing the comings and goings of one connection."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbell.meetings.presence.stays import pair_stays

NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)

MINUTES = st.lists(st.integers(0, 60), max_size=8)


def at(minutes: Sequence[int]) -> list[datetime]:
    return [NINE + timedelta(minutes=minute) for minute in minutes]


def paired(joins: Sequence[int], leaves: Sequence[int], ended: int | None = None) -> list[tuple[int, int | None]]:
    """Return stays as minutes after nine."""
    stays = pair_stays(at(joins), at(leaves), None if ended is None else at([ended])[0])
    minute = timedelta(minutes=1)
    return [((s.joined_at - NINE) // minute, (s.left_at - NINE) // minute if s.left_at else None) for s in stays]


@pytest.mark.parametrize(
    ("joins", "leaves", "ended", "stays"),
    [
        pytest.param([0], [60], None, [(0, 60)], id="came-and-went"),
        pytest.param([0], [], None, [(0, None)], id="still-there"),
        pytest.param([0], [], 60, [(0, 60)], id="there-at-the-end"),
        pytest.param([61], [], 60, [(61, 61)], id="came-when-it-was-over"),
        pytest.param([0], [61], 60, [(0, 61)], id="left-a-moment-after-the-end"),
        pytest.param([0, 20], [10, 30], None, [(0, 10), (20, 30)], id="came-back"),
        pytest.param([0, 10], [10, 30], None, [(0, 10), (10, 30)], id="came-back-at-once"),
        pytest.param([5], [5], None, [(5, 5)], id="came-and-went-at-once"),
        pytest.param([0, 20], [30], None, [(0, 30)], id="a-leave-was-lost"),
        pytest.param([20], [10, 30], None, [(20, 30)], id="a-join-was-lost"),
        pytest.param([0], [10, 20], None, [(0, 10)], id="left-twice"),
        pytest.param([], [10], 60, [], id="only-left"),
        pytest.param([], [], 60, [], id="nothing"),
    ],
)
def test_stays_are_what_was_told(joins, leaves, ended, stays):
    assert paired(joins, leaves, ended) == stays


@given(joins=MINUTES, leaves=MINUTES, ended=st.none() | st.integers(0, 90), data=st.data())
def test_stays_do_not_depend_on_order_or_repetition(joins, leaves, ended, data):
    repeated_joins = data.draw(st.permutations(joins + joins[:3]))
    repeated_leaves = data.draw(st.permutations(leaves + leaves[:3]))

    assert paired(repeated_joins, repeated_leaves, ended) == paired(joins, leaves, ended)


@given(joins=MINUTES, leaves=MINUTES, ended=st.none() | st.integers(0, 90))
def test_stays_are_in_order_apart_and_never_backwards(joins, leaves, ended):
    stays = pair_stays(at(joins), at(leaves), None if ended is None else at([ended])[0])

    assert all(stay.left_at is None or stay.left_at >= stay.joined_at for stay in stays)
    assert all(earlier.left_at is not None and earlier.left_at <= later.joined_at for earlier, later in pairwise(stays))
    assert (ended is None) or all(stay.left_at is not None for stay in stays)


@given(moments=st.lists(st.integers(0, 600), unique=True, min_size=2, max_size=20))
def test_stays_of_a_connection_that_was_told_of_completely_are_exactly_those(moments):
    moments = sorted(moments[: len(moments) // 2 * 2])
    stays = list(zip(moments[::2], moments[1::2], strict=True))

    assert paired([joined for joined, _ in stays], [left for _, left in stays]) == stays
