"""Pages of a list whose rows nobody counts: what is shown of it costs the same, however long it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

# Longer numbers are nobody's who follows the links.
LONGEST_NUMBER = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class UncountedPage(Generic[Row]):
    """One page, which `parts/pages.html` shows as it does those of Django's paginator, but for how many there are."""

    object_list: Sequence[Row]
    number: int
    has_next: bool

    def __iter__(self) -> Iterator[Row]:
        return iter(self.object_list)

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before it."""
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        """Whether it is not all."""
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        """The page before."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """The page after."""
        return self.number + 1


def uncounted_page(read: Callable[[int, int], Sequence[Row]], asked: str | None, *, size: int) -> UncountedPage[Row]:
    """
    Return the page that an address asks for, the first where there is no such page. `read` returns the rows of [start, end).
    """
    number = int(asked) if asked and asked.isascii() and asked.isdecimal() and len(asked) <= LONGEST_NUMBER else 1
    number = max(1, number)
    first = (number - 1) * size
    found = read(first, first + size + 1)
    if not found and number > 1:
        return uncounted_page(read, None, size=size)
    return UncountedPage(object_list=found[:size], number=number, has_next=len(found) > size)
