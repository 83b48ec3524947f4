"""Workbooks for tests."""

import io
from collections.abc import Mapping, Sequence

import xlsxwriter


def workbook_of(sheets: Mapping[str, Sequence[str]]) -> bytes:
    """Return a workbook of these sheets, in their order; each line of a sheet has its cells apart by commas."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line.split(","))
    return out.getvalue()
