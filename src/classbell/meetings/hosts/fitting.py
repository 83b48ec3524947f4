"""
Which hosts hold a meeting as it is meant: to its end, and with everybody whom it expects.

Who is hard to seat goes first, on the smallest host that will do, so that the large ones are left to those who need them;
better crowded, or cut short, than nowhere comes last. Pure: no database, no clock.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)

# A host of whom Zoom has not said how many people it lets in may be large enough.
UNKNOWN_CAPACITY: Final = 1_000_000


@dataclass(frozen=True, order=True, slots=True)
class Holds:
    """What a host has: a licence, and room for so many people; or what a meeting needs of that."""

    licence: bool
    people: int

    def suffices(self, need: "Holds") -> bool:
        """Whether a host like this holds a meeting that needs `need`."""
        return self.licence >= need.licence and self.people >= need.people


def rounds(needs: Mapping[Key, Holds], kinds: Iterable[Holds]) -> Iterator[tuple[list[Key], Holds]]:
    """
    Yield, in the order to try them, who is to be put on which kind of host; who has been put somewhere is to be skipped.
    """
    ascending = sorted(set(kinds))
    groups: dict[tuple[Holds, ...], list[Key]] = {}
    for key, need in needs.items():
        groups.setdefault(tuple(kind for kind in ascending if kind.suffices(need)), []).append(key)
    choosiest_first = sorted(groups, key=len)
    for fitting in choosiest_first:
        for kind in fitting:
            yield groups[fitting], kind
    for fitting in choosiest_first:
        for kind in reversed(ascending):
            if kind not in fitting:
                yield groups[fitting], kind
