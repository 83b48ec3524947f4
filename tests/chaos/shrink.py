"""Finding the fewest steps of a day that still go wrong. Pure, but for what `fails` does."""

from collections.abc import Callable, Iterator, Sequence


def shrink(steps: Sequence[int], fails: Callable[[Sequence[int]], bool], *, most: int) -> list[int]:
    """
    Return steps of which, as far as `most` tries can tell, none can be left out for `fails` to stay true; in order.

    Halves are left out first, then quarters, and so on. `steps` themselves are taken to fail. What fails only now and then
    may be left larger than need be, and never becomes something that did not fail.
    """
    kept, pieces, tries = list(steps), 2, 0
    while len(kept) > 1 and tries < most:
        for rest in _rests(kept, pieces):
            tries += 1
            if fails(rest):
                kept, pieces = rest, max(2, pieces - 1)
                break
            if tries >= most:
                return kept
        else:
            if pieces >= len(kept):
                return kept
            pieces = min(len(kept), pieces * 2)
    return kept


def _rests(steps: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Yield the steps without each of so many pieces, the last piece first: what goes wrong is seen at the end."""
    length = -(-len(steps) // pieces)
    for begin in reversed(range(0, len(steps), length)):
        yield [*steps[:begin], *steps[begin + length :]]


def written(numbers: Sequence[int]) -> str:
    """Return numbers as the command takes them, `3,7-9`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def read(text: str) -> set[int]:
    """Return the numbers that `written` has written."""
    found: set[int] = set()
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
