"""How many random examples, and how many cases of a table, a run of the tests tries."""

import random

import pytest
from hypothesis import HealthCheck, settings

# What Hypothesis itself tries when nobody says anything.
USUAL = 100
QUICK_SHARE = 4


def register_profiles() -> None:
    """Make the profiles known: what all runs have, and with which `./run test --quick` tries a quarter of all examples."""
    # How long a busy machine takes over an example says nothing of the product.
    settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("quick", settings.get_profile("usual"), max_examples=USUAL // QUICK_SHARE)
    settings.load_profile("usual")


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)


def leave_out_of_tables(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Let a run with the profile "quick" try a quarter of the cases of each test marked `table`: others with each seed.

    Whoever shares the run chooses the same. Does nothing in other runs.
    """
    if config.getoption("hypothesis_profile") != "quick":
        return
    seed = config.getoption("randomly_seed", 0)
    left_out = [
        item
        for item in items
        if item.get_closest_marker("table") and random.Random(f"{seed} {item.nodeid}").randrange(QUICK_SHARE)
    ]
    if left_out:
        out = set(left_out)
        items[:] = [item for item in items if item not in out]
        config.hook.pytest_deselected(items=left_out)
