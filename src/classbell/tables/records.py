"""
From text to records: where lines end, what parts cells, which quotation marks belong together. Pure.

A record whose quotation marks do not come in pairs goes on in the next lines, as cells may hold line breaks. Where that does
not come to a sensible record, the mark was a mistake: its line alone is bad, and reading goes on with the next.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop

from classbell.reasons import Said

DELIMITERS: Final = ("\t", ";", ",", "|")
LONGEST_LINE: Final = 20_000
MOST_LINES_A_RECORD: Final = 30
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_QUOTED: Final = re.compile(r'"[^"]*"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """The cells of a row; `line` is the one it begins in, from 1, and `text` how it stands there."""

    line: int
    text: str
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row that cannot be used, as it stands in the file, and why; `is_left_out` where the file itself says so."""

    line: int
    text: str
    reason: str
    is_left_out: bool = False


def lines_of(text: str) -> list[str]:
    r"""Return the lines, whatever ends them; also a lone `\r`."""
    return _LINE_END.split(text)


def count_delimiters(line: str, delimiter: str) -> int:
    """Count how often a sign stands outside of quotation marks."""
    return _QUOTED.sub("", line).count(delimiter)


def cells_of(line: str, delimiter: str) -> list[str]:
    """Part one line, however its quotation marks stand."""
    return next(csv.reader([line[:LONGEST_LINE]], delimiter=delimiter), []) if '"' in line else line.split(delimiter)


def records_of(lines: Sequence[str], delimiter: str, *, first: int) -> tuple[list[Record], list[BadRow]]:
    """Return the records from the line number `first` on, and the rows that are none. Empty lines are neither."""
    records: list[Record] = []
    bad: list[BadRow] = []
    index = first - 1
    while index < len(lines):
        read, taken = _read(lines, index, delimiter)
        if isinstance(read, BadRow):
            bad.append(read)
        elif any(cell.strip() for cell in read.cells):
            records.append(read)
        index += taken
    return records, bad


def _read(lines: Sequence[str], index: int, delimiter: str) -> tuple[Record | BadRow, int]:
    """Return what begins in a line, and how many lines it takes."""
    line = lines[index]
    if len(line) > LONGEST_LINE:
        reason = Said(gettext_noop("The line is longer than %(most)s characters."), most=LONGEST_LINE)
        return BadRow(line=index + 1, text=line[:200], reason=reason), 1
    if "\N{REPLACEMENT CHARACTER}" in line:
        reason = Said(
            gettext_noop("A character in this line cannot be read. Write it anew, or save the file as “CSV UTF-8”.")
        )
        return BadRow(line=index + 1, text=line, reason=reason), 1
    if '"' not in line:
        return Record(line=index + 1, text=line, cells=line.split(delimiter)), 1
    taken = _lines_until_quotes_pair(lines, index)
    text = "\n".join(lines[index : index + taken]) if taken else line
    cells = _parsed(text, delimiter) if taken else None
    if cells is None or (taken > 1 and _holds_a_row(text, delimiter, len(cells))):
        reason = Said(gettext_noop("A quotation mark in this line has no partner, or stands inside of a cell."))
        return BadRow(line=index + 1, text=line, reason=reason), 1
    return Record(line=index + 1, text=text, cells=cells), taken


def _lines_until_quotes_pair(lines: Sequence[str], index: int) -> int:
    """Return how many lines it takes until each quotation mark has a partner; 0 when that takes too many."""
    marks = length = 0
    for taken, line in enumerate(lines[index : index + MOST_LINES_A_RECORD], 1):
        marks += line.count('"')
        length += len(line)
        if length > LONGEST_LINE:
            return 0
        if marks % 2 == 0:
            return taken
    return 0


def _parsed(text: str, delimiter: str) -> list[str] | None:
    try:
        lines = io.StringIO(text, newline="\n")
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _holds_a_row(text: str, delimiter: str, width: int) -> bool:
    """Whether lines inside of a record are rows of their own, which a mark without a partner has swallowed."""
    full = [line.count(delimiter) >= max(1, width - 1) for line in text.split("\n")]
    return any(full[1:-1]) or (full[0] and full[-1])
