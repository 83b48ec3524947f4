"""A link as a QR code, which a phone's camera opens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_L

QUIET: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """Its width in squares, the quiet edge included, and its dark squares as the path of an SVG: a stroke for each run."""

    width: int
    path: str


def code_of(link: str) -> Code:
    """Draw a link. Any mask can be read; trying all of them for the prettiest would take ten times as long."""
    code = QRCode(error_correction=ERROR_CORRECT_L, border=QUIET, mask_pattern=4)
    code.add_data(link)
    code.make()
    squares = code.get_matrix()
    path = "".join(f"M{x} {y}.5h{length}" for y, row in enumerate(squares) for x, length in _dark_runs(row))
    return Code(width=len(squares), path=path)


def _dark_runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    at = 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            yield at, length
        at += length
