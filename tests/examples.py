"""How many examples the tests of properties try."""

from hypothesis import settings

QUICK = "quick"
# What Hypothesis itself tries when nobody says anything.
USUAL = 100


def register_profiles() -> None:
    """Make the profile known with which `./run test --quick` tries a quarter of all examples."""
    settings.register_profile(QUICK, max_examples=USUAL // 4)


def examples(usual: int) -> int:
    """Return how many examples to try of these: all of them, or the share of the profile that the run has."""
    return max(1, usual * settings().max_examples // USUAL)
