"""A long day that goes wrong becomes a short one."""

from collections.abc import Sequence

import pytest

from tests.chaos.shrink import read, shrink, written


@pytest.mark.parametrize("guilty", [{3}, {3, 90}, {10, 11, 12}, {0, 50, 99}])
def test_only_what_it_takes_is_left(guilty: set[int]) -> None:
    def fails(steps: Sequence[int]) -> bool:
        return guilty <= set(steps)

    assert shrink(range(100), fails, most=200) == sorted(guilty)


def test_what_is_left_still_fails_when_tries_run_out() -> None:
    def fails(steps: Sequence[int]) -> bool:
        return {5, 60} <= set(steps)

    left = shrink(range(100), fails, most=6)

    assert fails(left)
    assert len(left) < 100


def test_numbers_are_read_as_they_are_written() -> None:
    assert written([7, 8, 9, 3, 11]) == "3,7-9,11"
    assert read("3,7-9,11") == {3, 7, 8, 9, 11}
