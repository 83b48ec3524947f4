"""How many random examples, and how many cases of a test, a run of the tests tries."""

import random

import pytest
from hypothesis import HealthCheck, settings

# What Hypothesis itself tries when nobody says anything.
USUAL = 100
QUICK_SHARE = 4
QUICK_CASES = 2


def register_profiles() -> None:
    """Make the profiles known: what all runs have, and with which `./run test --quick` tries a quarter of all examples."""
    # How long a busy machine takes over an example says nothing of the product.
    settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("quick", settings.get_profile("usual"), max_examples=USUAL // QUICK_SHARE)
    settings.load_profile("usual")


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)


def leave_out_cases(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Let a run with the profile "quick" try two cases of each test that has more: others with each seed.

    Whoever shares the run chooses the same. Does nothing in other runs.
    """
    if config.getoption("hypothesis_profile") != "quick":
        return
    cases: dict[str, list[str]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item.nodeid)
    seed = config.getoption("randomly_seed", 0)
    tried = {
        case
        for all_of_it in cases.values()
        for case in sorted(all_of_it, key=lambda case: random.Random(f"{seed} {case}").random())[:QUICK_CASES]
    }
    left_out = [item for item in items if item.nodeid not in tried]
    if left_out:
        items[:] = [item for item in items if item.nodeid in tried]
        config.hook.pytest_deselected(items=left_out)
