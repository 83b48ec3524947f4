"""
A school's day under faults, another one each time: nothing is lost, done twice, or shown to whoever must not see it.

By hand, with any seed and number of faults: `python -m tests.chaos --seed 7 --faults 500`.
"""

import os
import random

import pytest

from tests.chaos.clock import COMPILER
from tests.chaos.plan import plan
from tests.chaos.run import play
from tests.chaos.stage import set_up

FAULTS = 100
# Twice as many as by hand: what takes long is the rest after them.
AT_ONCE = 25
SEED = int(os.environ.get("CHAOS_DAY_SEED") or random.SystemRandom().randrange(10**6))


@pytest.mark.each_run
@pytest.mark.chaos
@pytest.mark.skipif(COMPILER is None, reason="moving the clock of other programs takes a C compiler")
def test_day_of_faults_leaves_nothing_undone() -> None:
    faults = int(os.environ.get("CHAOS_FAULTS") or FAULTS)
    with set_up() as stage:
        report = play(stage, plan(seed=SEED, faults=faults, at_once=AT_ONCE), name=str(SEED))

    again = f"Again: python -m tests.chaos --seed {SEED} --faults {faults} --at-once {AT_ONCE}"
    assert report.violations == [], again
    assert report.faults.total() == faults


def test_plan_of_a_seed_is_always_the_same() -> None:
    assert plan(seed=SEED, faults=30) == plan(seed=SEED, faults=30)
    assert plan(seed=SEED, faults=24) == plan(seed=SEED, faults=40)[:2]
