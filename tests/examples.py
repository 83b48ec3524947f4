"""How many examples the tests of properties try."""

from hypothesis import HealthCheck, settings

# What Hypothesis itself tries when nobody says anything.
USUAL = 100


def register_profiles() -> None:
    """Make the profiles known: what all runs have, and with which `./run test --quick` tries a quarter of all examples."""
    # How long a busy machine takes over an example says nothing of the product.
    settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("quick", settings.get_profile("usual"), max_examples=USUAL // 4)
    settings.load_profile("usual")


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)
