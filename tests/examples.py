"""Which tests a run tries, which of their cases, and how many random examples."""

import random

import pytest
from hypothesis import HealthCheck, settings

# What Hypothesis itself tries when nobody says anything.
USUAL = 100
QUICK_SHARE = 4
# Of all tests, so that there is a verdict in a minute and a half: the others come with another seed.
QUICK_PART = 0.5


def register_profiles() -> None:
    """Make the profiles known: what all runs have, and with which `./run test --quick` tries a quarter of all examples."""
    # How long a busy machine takes over an example says nothing of the product.
    settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("quick", settings.get_profile("usual"), max_examples=USUAL // QUICK_SHARE)
    settings.load_profile("usual")


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)


def leave_out_some(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Let a run with the profile "quick" try one case of every second test: others with each seed.

    Whoever shares the run chooses the same. Does nothing in other runs, nor to a single file or test that is named.
    """
    if config.getoption("hypothesis_profile") != "quick" or not _asked_for_many(config):
        return
    seed = config.getoption("randomly_seed", 0)
    cases: dict[str, list[str]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item.nodeid)
    tried = {
        min(all_of_it, key=lambda case: _chance(seed, case))
        for test, all_of_it in cases.items()
        if _chance(seed, test) < QUICK_PART
    }
    left_out = [item for item in items if item.nodeid not in tried]
    if left_out:
        items[:] = [item for item in items if item.nodeid in tried]
        config.hook.pytest_deselected(items=left_out)


def _asked_for_many(config: pytest.Config) -> bool:
    return not all(".py" in argument for argument in config.args)


def _chance(seed: int, name: str) -> float:
    """Return a number from 0 to 1 that is the same for a name and a seed everywhere."""
    return random.Random(f"{seed} {name}").random()
