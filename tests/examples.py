"""Which tests a run tries, which of their cases, and how many random examples."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings

# What Hypothesis itself tries when nobody says anything.
USUAL = 100
SLOW = ("browser", "chaos", "slow")
# Of those that are slow, what a run that tries any of them never leaves out.
EACH_RUN = "each_run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What part a run tries of the tests, each by one of its cases, of those that are slow, and of random examples."""

    tests: float
    slow: float
    examples: float


# By the name that a run gives as --hypothesis-profile; without one it tries everything. Others are chosen with each seed.
SHARES = {
    # Under five minutes on two cores, without the linters before them and the dates after them. A tenth of the slow ones took
    # two thirds of seven minutes.
    "third": Share(tests=0.33, slow=0.05, examples=0.5),
    # A verdict in a minute and a half on two cores.
    "quick": Share(tests=0.2, slow=0, examples=0.25),
    # For a run at each of many dates, which together try each once.
    "few": Share(tests=0.05, slow=0, examples=0.25),
}


def register_profiles() -> None:
    """Make the profiles known: what a run without one has, and what those have that try a part."""
    # How long a busy machine takes over an example says nothing of the product.
    settings.register_profile("all", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    for name, share in SHARES.items():
        settings.register_profile(name, settings.get_profile("all"), max_examples=round(USUAL * share.examples))
    settings.load_profile("all")


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)


def leave_out_some(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Let a run whose profile tries a part try one case of so many tests as it says: others with each seed.

    Whoever shares the run chooses the same. Does nothing in other runs, nor to a single file or test that is named.
    """
    share = SHARES.get(config.getoption("hypothesis_profile") or "")
    if share is None or not _asked_for_many(config):
        return
    seed = config.getoption("randomly_seed", 0)
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    tried = {
        min(all_of_it, key=lambda case: _chance(seed, case.nodeid)).nodeid
        for test, all_of_it in cases.items()
        if _chance(seed, test) < _share_of(all_of_it[0], share)
    }
    left_out = [item for item in items if item.nodeid not in tried]
    if left_out:
        items[:] = [item for item in items if item.nodeid in tried]
        config.hook.pytest_deselected(items=left_out)


def _share_of(item: pytest.Item, share: Share) -> float:
    if not any(item.get_closest_marker(mark) for mark in SLOW):
        return share.tests
    return 1 if share.slow and item.get_closest_marker(EACH_RUN) else share.slow


def _asked_for_many(config: pytest.Config) -> bool:
    return not all(".py" in argument for argument in config.args)


def _chance(seed: int, name: str) -> float:
    """Return a number from 0 to 1 that is the same for a name and a seed everywhere."""
    return random.Random(f"{seed} {name}").random()
