"""Tests wait for what goes on, however slowly, and give up on what stands still."""

from itertools import count

import pytest

from tests import simulator
from tests.simulator import wait_while_moving


def test_what_moves_is_waited_for_however_long_it_takes(monkeypatch):
    monkeypatch.setattr(simulator, "STUCK_SECONDS", 0.5)
    steps = count()

    wait_while_moving(lambda: next(steps) >= 24, sign=lambda: next(steps), what="two dozen steps")


def test_what_stands_still_fails_and_says_where_it_stood(monkeypatch):
    monkeypatch.setattr(simulator, "STUCK_SECONDS", 0)

    with pytest.raises(AssertionError, match=r"Waited for the school, but nothing moved.*people added"):
        wait_while_moving(lambda: False, sign=lambda: "people added", what="the school")
