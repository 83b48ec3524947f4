"""What happens on a day: which actions and faults, in which burst and when in it, all from one number. Pure."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.chaos import faults as kinds

FAULTS_PER_BURST: Final = 12
ACTIONS_PER_BURST: Final = 32
BURST_SECONDS: Final = 4.0
INSIDE: Final = frozenset({"processes", "database", "clocks"})
OUTSIDE: Final = frozenset({"Zoom", "webhooks", "mail", "programs and calendars outside", "payments"})
THEMES: Final = (INSIDE, OUTSIDE, INSIDE | OUTSIDE)
# How often each kind of action comes up.
ACTIONS: Final = {
    "book": 6,
    "race": 3,
    "twice": 3,
    "crowd": 2,
    "confirm": 6,
    "move": 3,
    "cancel": 3,
    "give": 3,
    "spend": 3,
    "buy": 3,
    "refund": 3,
    "pay": 2,
    "series": 2,
    "guest": 2,
    "circle": 1,
    "course": 1,
    "class": 2,
    "excuse": 2,
    "calendar": 1,
    "import": 1,
    "lists": 2,
    "read": 2,
    "pry": 3,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An action or a fault: `number` names it on the command line, `at` and `seconds` are in its burst, `choice` its dice."""

    number: int
    kind: str
    at: float
    seconds: float
    choice: int
    is_fault: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Burst:
    """What happens between two looks at whether all is well, in order of time."""

    steps: Sequence[Step]

    @property
    def faults(self) -> list[Step]:
        """The faults among it."""
        return [step for step in self.steps if step.is_fault]


def plan(*, seed: int, faults: int, at_once: int = FAULTS_PER_BURST, only: Collection[str] = ()) -> list[Burst]:
    """
    Return a day with so many faults, `at_once` of them in each burst, of all kinds or of `only` some. A shorter day of a
    seed is how a longer one begins.
    """
    chance = random.Random(seed)
    names = [name for name in kinds.KINDS if not only or name in only]
    bursts: list[Burst] = []
    number, left = 0, faults
    while left > 0 or not bursts:
        steps = []
        # While the database is away nothing reaches Zoom: each of them has bursts of its own, besides those with all of it.
        theme = chance.choice(THEMES)
        at_hand = [name for name in names if kinds.KINDS[name].hits in theme] or names
        for place in range(at_once):
            step = Step(
                number=number,
                kind=chance.choice(at_hand),
                at=chance.uniform(0, BURST_SECONDS * 0.8),
                seconds=chance.uniform(0.2, 2.0),
                choice=chance.randrange(10**6),
                is_fault=True,
            )
            number += 1
            if place < left:
                steps.append(step)
        for kind in chance.choices(list(ACTIONS), weights=list(ACTIONS.values()), k=ACTIONS_PER_BURST):
            at = chance.uniform(0, BURST_SECONDS)
            choice = chance.randrange(10**6)
            steps.append(Step(number=number, kind=kind, at=at, seconds=0, choice=choice, is_fault=False))
            number += 1
        left -= at_once
        bursts.append(Burst(steps=sorted(steps, key=lambda step: step.at)))
    return bursts


def keep(bursts: Sequence[Burst], numbers: Collection[int]) -> list[Burst]:
    """Return the day with these steps only; bursts in which nothing happens any more are gone."""
    kept = [replace(burst, steps=[step for step in burst.steps if step.number in numbers]) for burst in bursts]
    return [burst for burst in kept if burst.steps]
