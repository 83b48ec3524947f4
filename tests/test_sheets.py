"""Files for spreadsheets: nothing in them runs, cells have types, and Arabic reads from the right."""

import csv
import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from classbell.sheets import Share, Table, as_csv, as_xlsx, harmless

MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TABLE = Table(
    name="t", head=["Who", "When", "Rate", "Times"], rows=[["=A1", MOMENT, Share(0.5625), 16], ["B", None, None, 0]]
)


def sheet_of(table: Table) -> str:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(table))) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("text", "harmless_text"),
    [
        ("=1+1", "'=1+1"),
        ("\n=1+1", "\n'=1+1"),
        (" \t@SUM(A1)", " \t'@SUM(A1)"),
        ("x;=1+1", "x;'=1+1"),
        ("x\t-1", "x\t'-1"),
        ("a, +b", "a, '+b"),
        ("＝1+1", "'＝1+1"),
        ("Anne-Marie", "Anne-Marie"),
        ("1 - 2", "1 - 2"),
        ("a@b.example", "a@b.example"),
    ],
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text: str, harmless_text: str) -> None:
    assert harmless(text) == harmless_text


@given(text=st.text(alphabet="=+-@x ;,|\t\n\r", max_size=12))
def test_no_cell_begins_a_formula_whatever_sign_parts_the_columns(text: str) -> None:
    for sign in ",;|\t\n\r":
        assert not any(part.lstrip().startswith(("=", "+", "-", "@")) for part in harmless(text).split(sign))


def test_csv_opens_in_a_spreadsheet() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(TABLE).decode("utf-8-sig"))))

    assert rows == [
        ["Who", "When", "Rate", "Times"],
        ["'=A1", "2026-03-02 09:30", "56%", "16"],
        ["B", "", "", "0"],
    ]


def test_cells_of_a_workbook_have_types() -> None:
    sheet = sheet_of(TABLE)

    assert "<f>" not in sheet
    assert "<v>0.5625</v>" in sheet
    assert re.search(r"<c r=\"B2\" s=\"\d\"><v>46083\.3958", sheet)
    assert 'rightToLeft="1"' not in sheet


def test_workbook_reads_as_its_language_does() -> None:
    with translation.override("ar"):
        assert 'rightToLeft="1"' in sheet_of(TABLE)
