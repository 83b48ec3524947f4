"""
A table that somebody handed in: its columns are found by their names, whatever program wrote them. Pure.

A field is asked for by the names it goes by (`Names`), the likeliest first. A table may hold several columns for one field
(`mail` and `userPrincipalName`): the first that has something in a row counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell import folding
from classbell.reasons import Said
from classbell.tables.limits import TableUnreadable
from classbell.tables.records import (
    DELIMITERS,
    BadRow,
    Record,
    cells_of,
    count_delimiters,
    lines_of,
    records_of,
)
from classbell.text import one_line

# By field, the names that its column goes by; they are compared as `folded`.
Names = Mapping[str, Sequence[str]]

# Titles may stand above the names of the columns; further down nobody looks for them.
_HEADER_WITHIN: Final = 12
_SEPARATOR_LINE: Final = re.compile(r'^\ufeff?"?sep=(.)"?$', re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)")
# What rows have, and names of columns further down do not.
_IN_A_ROW: Final = re.compile(r"[\d@]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row below the names of the columns; `line` counts from 1, `text` is how it stands in the file."""

    line: int
    text: str
    cells: Sequence[str]
    columns: Mapping[str, Sequence[int]]

    def __getitem__(self, field: str) -> str:
        """Return what the row has for a field, as one line, "" for nothing."""
        found = (one_line(self.cells[index]) for index in self.columns.get(field, ()) if index < len(self.cells))
        return next(filter(None, found), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """
    What was read. Without names of columns `header`, `titles` and `columns` are empty, and `rows` have all there is.
    """

    header: str
    titles: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    rows: Sequence[Row]
    bad: Sequence[BadRow]


@lru_cache(maxsize=2000)
def folded(title: str) -> str:
    """Return the name of a column without case, accents, signs, spaces and what stands in brackets."""
    return "".join(char for char in folding.folded(_IN_BRACKETS.sub("", title)) if char.isalnum())


def read_table(text: str, names: Names, *, needs: Sequence[str], most_rows: int, or_without: bool = False) -> Table:
    """
    Read a table in which every field of `needs` has a column. With `or_without` names of columns may be missing altogether;
    then its rows come with `columns` empty.

    Rows that cannot be read, and what stands above the names of the columns, are among `bad`. Raises TableUnreadable.
    """
    lines = lines_of(text.removeprefix("\ufeff"))
    first = next((number for number, line in enumerate(lines, 1) if line.strip()), 0)
    if not first:
        raise TableUnreadable(_("The file is empty."))
    told = _SEPARATOR_LINE.match(lines[first - 1])
    if told:
        first += 1
    delimiter, number, columns = _find_header(lines, first, names, needs, (told.group(1),) if told else DELIMITERS)
    if not columns and not or_without:
        raise TableUnreadable(
            _missing(cells_of(lines[number - 1], delimiter) if number <= len(lines) else [], names, needs)
        )
    above_columns = Said(gettext_noop("It stands above the names of the columns."))
    above = [
        BadRow(line=line, text=lines[line - 1], reason=above_columns)
        for line in range(first, number)
        if lines[line - 1].strip(" \t,;|")
    ]
    records, bad = records_of(lines, delimiter, first=number + 1 if columns else first)
    if len(records) + len(bad) > most_rows:
        raise TableUnreadable(_("The file has more than %(most)s rows. Split it.") % {"most": most_rows})
    header = lines[number - 1] if columns else ""
    rows = list(_rows(records, columns, names, needs))
    return Table(header=header, titles=cells_of(header, delimiter), columns=columns, rows=rows, bad=above + bad)


def _find_header(
    lines: Sequence[str], first: int, names: Names, needs: Sequence[str], delimiters: Sequence[str]
) -> tuple[str, int, dict[str, Sequence[int]]]:
    """Return the sign between cells, the number of the line that names the columns, and where each field stands."""
    for number in range(first, min(first + _HEADER_WITHIN, len(lines) + 1)):
        line = lines[number - 1]
        for delimiter in sorted(delimiters, key=lambda sign: -count_delimiters(line, sign)):
            columns = _columns(cells_of(line, delimiter), names)
            if all(field in columns for field in needs):
                return delimiter, number, columns
    head = lines[first - 1] if first <= len(lines) else ""
    return max(delimiters, key=lambda sign: count_delimiters(head, sign)), first, {}


def _columns(titles: Sequence[str], names: Names) -> dict[str, Sequence[int]]:
    at: dict[str, list[int]] = {}
    for index, title in enumerate(titles):
        at.setdefault(folded(title), []).append(index)
    found = {field: [index for name in known for index in at.get(folded(name), ())] for field, known in names.items()}
    return {field: indexes for field, indexes in found.items() if indexes}


def _rows(
    records: Sequence[Record], columns: Mapping[str, Sequence[int]], names: Names, needs: Sequence[str]
) -> Iterator[Row]:
    """Yield what is below the names of the columns; these may come again on each page, and others for a second table."""
    for record in records:
        anew = _columns(record.cells, names) if columns and not _IN_A_ROW.search(record.text) else {}
        if anew and all(field in anew for field in needs):
            columns = anew
        else:
            yield Row(line=record.line, text=record.text, cells=record.cells, columns=columns)


def _missing(titles: Sequence[str], names: Names, needs: Sequence[str]) -> str:
    columns = _columns(titles, names)
    missing = ", ".join(field for field in needs if field not in columns)
    return _("The first line must name the columns; there is none for %(missing)s. It reads: %(header)s") % {
        "missing": missing,
        "header": ", ".join(title.strip() for title in titles)[:200],
    }
