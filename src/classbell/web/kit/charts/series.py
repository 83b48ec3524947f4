"""A number over a day as a small picture: columns side by side, as high as the number was. No database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

HEIGHT: Final = 40
# What is more than nothing can be seen.
LOWEST: Final = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of the picture: where it stands, counted from 0, and its height; gaps where nothing is known."""

    at: int
    height: float
    is_known: bool

    @property
    def top(self) -> float:
        """Where it begins, from the top of the picture."""
        return round(HEIGHT - self.height, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """`columns` as wide as 1 and at most as high as `HEIGHT`; `most` of all, when that was first; and `sum` of all."""

    columns: Sequence[Column]
    most: int
    most_at: datetime | None
    sum: int

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)


def draw(values: Sequence[tuple[datetime, int | None]]) -> Series:
    """Return the picture of values in the order of time; None where nothing is known."""
    known = [(at, value) for at, value in values if value is not None]
    most = max((value for _at, value in known), default=0)
    columns = [
        Column(at=number, height=_height(value, most), is_known=value is not None)
        for number, (_at, value) in enumerate(values)
    ]
    return Series(
        columns=columns,
        most=most,
        most_at=next((at for at, value in known if value == most), None) if most else None,
        sum=sum(value for _at, value in known),
    )


def increases(
    counts: Sequence[tuple[datetime, int | None]], *, before: int | None = None
) -> list[tuple[datetime, int | None]]:
    """
    Return how much a counter grew in each stretch; what is less than before began again at 0. `before` is what it said when
    the first of them began, None where that is not known.
    """
    grown: list[tuple[datetime, int | None]] = []
    for at, count in counts:
        if count is None:
            grown.append((at, None))
            continue
        grown.append((at, 0 if before is None else count - before if count >= before else count))
        before = count
    return grown


def _height(value: int | None, most: int) -> float:
    return max(LOWEST, round(value / most * HEIGHT, 1)) if value and most else 0.0
