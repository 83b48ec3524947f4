"""How the people of the demo attend: who comes on time, who comes late, who drops out. Pure: no database, no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

Periods = list[tuple[datetime, datetime]]


class Way(Enum):
    """One way to attend: stretches as parts of the lesson, (0, 1) being all of it."""

    ALL = ((0.0, 1.0),)
    LATE = ((0.3, 1.0),)
    HALF = ((0.0, 0.5),)
    DROPS_OUT = ((0.0, 0.3), (0.36, 0.6), (0.64, 1.0))
    TWO_DEVICES = ((0.0, 1.0), (0.2, 0.7))
    NOT = ()


_LETTERS: Final = {
    "A": Way.ALL,
    "L": Way.LATE,
    "H": Way.HALF,
    "D": Way.DROPS_OUT,
    "2": Way.TWO_DEVICES,
    "-": Way.NOT,
}
# A letter for each session of a series, over and over.
HABITS: Final[Mapping[str, str]] = {
    "student": "ALAA-AHA",
    "maryam": "AAAAADA-",
    "tomas": "LALA-LHA",
    "sofia": "AAAAAAAA",
    "david": "A-HL--A-",
    "layla": "AA2-AAAL",
    "abdullah": "ADAALAAA",
    "noura": "AAA2AAHA",
    "salman": "H-AALDA-",
    "fatima": "AAAA-AAA",
    "reem": "LAAHAAAD",
}
# Nobody comes on the second: this many seconds at most before or after.
SPREAD_SECONDS: Final = 150


def way_of(name: str, *, series: int, occurrence: int) -> Way:
    """Return how somebody attends a session of a series, both counted from 0; each series begins elsewhere in the habit."""
    habit = HABITS[name]
    return _LETTERS[habit[(occurrence + 3 * series) % len(habit)]]


def stays(way: Way, *, starts_at: datetime, ends_at: datetime, seed: int) -> Periods:
    """Return when somebody is there who attends a lesson from start to end in this way; never outside it."""
    length, periods = ends_at - starts_at, []
    for number, (comes, goes) in enumerate(way.value):
        joined_at = starts_at + length * comes + _spread(seed, number)
        left_at = ends_at if goes == 1.0 else starts_at + length * goes
        periods.append((max(starts_at, joined_at).replace(microsecond=0), left_at.replace(microsecond=0)))
    return periods


def _spread(seed: int, number: int) -> timedelta:
    return timedelta(seconds=(seed * 37 + number * 61) % (2 * SPREAD_SECONDS) - SPREAD_SECONDS)
