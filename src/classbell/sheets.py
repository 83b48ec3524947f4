"""Tables as files that people open in a spreadsheet: CSV and XLSX, with typed cells and nothing that runs."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import get_language_bidi

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES: Final = ("text/csv", XLSX_TYPE)
# A spreadsheet runs a cell that begins like this, white space before it or not, as a formula; and where it parts columns
# by another sign than the comma, also what follows that sign. Full-width signs count where Japanese or Chinese is spoken.
FORMULA: Final = re.compile(r"((?:^|[,;|\t\r\n])\s*)(?=[=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1, that is shown in per cent."""

    value: float


Cell = str | int | float | datetime | Share | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A file's name without its ending, the names of its columns, its rows. Moments are on the reader's clock already."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def as_file(table: Table, kind: Literal["csv", "xlsx"]) -> HttpResponse:
    """Answer with the table as a file to keep; its words and its direction are the active language's."""
    body, content_type = (as_csv(table), "text/csv; charset=utf-8") if kind == "csv" else (as_xlsx(table), XLSX_TYPE)
    response = HttpResponse(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{table.name}.{kind}"'
    return response


def as_csv(table: Table) -> bytes:
    """Return CSV as spreadsheets open it: UTF-8 with its mark, formulas made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.head)
    writer.writerows([[_in_text(cell) for cell in row] for row in table.rows])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """Return a workbook of one sheet: numbers, per cents and moments as such, from right to left where one reads so."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd hh:mm",
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold, percent = (
            book.add_worksheet(),
            book.add_format({"bold": True}),
            book.add_format({"num_format": "0%"}),
        )
        if get_language_bidi():
            sheet.right_to_left()
        sheet.write_row(0, 0, table.head, bold)
        for number, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, Share):
                    sheet.write_number(number, column, cell.value, percent)
                else:
                    sheet.write(number, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(table.rows), len(table.head) - 1)
        sheet.autofit()
    return out.getvalue()


def harmless(text: str) -> str:
    """Return text of which a spreadsheet runs nothing, whatever sign parts its columns: what would run gets an apostrophe."""
    return FORMULA.sub(r"\g<0>'", text)


def _in_text(cell: Cell) -> str | int | float | None:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, Share):
        return f"{round(100 * cell.value)}%"
    return cell
