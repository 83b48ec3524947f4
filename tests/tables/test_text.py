"""What a file says, whichever program wrote it."""

import io
import zipfile
from datetime import date, time

import pytest
import xlsxwriter

from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.text import FileText, read_file
from tests.tables.workbooks import workbook_of

ARABIC = "الاسم;البريد\nأحمد الحربي;ahmad@school.example\n"
PORTUGUESE = "nome;email\nConceição Antão;c@school.example\nÁgueda;a@school.example\n"


def text_of(raw: bytes) -> str:
    """Return what a file says."""
    return read_file(raw).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1256"])
def test_arabic_is_read_as_programs_save_it(encoding: str) -> None:
    assert text_of(ARABIC.encode(encoding)) == ARABIC


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_two_bytes_a_character_are_known_without_a_mark_where_few_letters_are_latin(encoding: str) -> None:
    text = ARABIC.replace("ahmad@school.example", "").replace(";", "؛") * 3 + "سارة,x@y.z\n"

    assert text_of(text.encode(encoding)) == text


def test_damaged_byte_costs_its_line_and_not_the_file() -> None:
    raw = PORTUGUESE.encode() + b"Jo\xe3o;j@school.example\n"

    assert text_of(raw) == PORTUGUESE + "Jo\N{REPLACEMENT CHARACTER}o;j@school.example\n"
    assert text_of(b"\xef\xbb\xbf" + raw).startswith(PORTUGUESE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_portuguese_is_read_as_programs_save_it(encoding: str) -> None:
    assert text_of(PORTUGUESE.encode(encoding)) == PORTUGUESE


def test_french_words_between_arabic_ones_are_kept() -> None:
    text = "الاسم,المدينة\nسارة بن علي,Orléans\n"

    assert text_of(text.encode("cp1256")) == text


def workbook(*rows: tuple[object, ...]) -> bytes:
    """Return a workbook of one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def test_sheets_that_were_not_read_are_named_with_the_one_that_was() -> None:
    raw = workbook_of({"Cover": [], "Class A": ["a@school.example"], "Class B": ["b@school.example"], "Notes": ["x"]})

    assert read_file(raw) == FileText(text="a@school.example\n", sheet="Class A", other_sheets=["Class B", "Notes"])
    assert "“Class A” was read, not: Class B, Notes." in read_file(raw).said_of_sheets


def test_nothing_is_said_of_sheets_that_hold_nothing() -> None:
    assert read_file(workbook_of({"Class A": ["a@school.example"], "Sheet2": []})).said_of_sheets == ""
    assert read_file(b"a@school.example").said_of_sheets == ""


def test_hidden_sheet_is_not_read() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        hidden, seen = book.add_worksheet(), book.add_worksheet()
        hidden.write(0, 0, "old@school.example")
        hidden.hide()
        seen.write(0, 0, "new@school.example")
        seen.activate()

    assert text_of(out.getvalue()) == "new@school.example\n"
    assert read_file(out.getvalue()).other_sheets == ["Sheet1"]


def test_empty_sheet_before_the_table_is_passed_over() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet()
        book.add_worksheet().write(0, 0, "new@school.example")

    assert text_of(out.getvalue()) == "new@school.example\n"


def test_rows_with_nothing_but_borders_below_the_table_are_none() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, border = book.add_worksheet(), book.add_format({"border": 1})
        sheet.write(0, 0, "new@school.example")
        for number in range(1, 5_000):
            sheet.write_blank(number, 0, None, border)

    assert text_of(out.getvalue()) == "new@school.example\n"


def test_workbook_is_read_as_though_it_was_pasted() -> None:
    raw = workbook(
        ("name", "email", "born", "at", "n"),
        ("Doe, Jane", "j@school.example", date(2015, 3, 1), time(9, 30), 12.0),
        (None,),
        ("two\nlines", "x@school.example"),
    )

    assert text_of(raw).split("\n") == [
        "name\temail\tborn\tat\tn",
        "Doe, Jane\tj@school.example\t2015-03-01\t09:30\t12",
        "",
        "two lines\tx@school.example",
        "",
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"%PDF-1.7 ...", "no table"),
        (b"a\0b\0\0c,d\n" * 3, "no table"),
        (b"\xff\xfea", "cannot be read"),
        (b"PK\x03\x04 and nothing", "workbook cannot be read"),
        (b"a" * (LARGEST_FILE + 1), "larger than 5 MB"),
    ],
    ids=["old Excel", "PDF", "zeros", "half a character", "no workbook", "too large"],
)
def test_what_is_no_table_is_refused_with_the_remedy(raw: bytes, words: str) -> None:
    with pytest.raises(TableUnreadable, match=words):
        text_of(raw)


@pytest.mark.parametrize(
    "sheet",
    [
        "<row r='1'>" + "<c/>" * 700_000 + "</row>",
        "<!--" + " " * 40_000_000 + "-->",
        "<row r='1048576'><c><v>1</v></c></row>",
    ],
    ids=["elements", "bytes", "a cell at the end of the world"],
)
def test_workbook_that_would_fill_the_memory_is_refused(sheet: str) -> None:
    plain, packed = zipfile.ZipFile(io.BytesIO(workbook(("x",)))), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in plain.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            content = f"<worksheet xmlns='{space}'><sheetData>{sheet}</sheetData></worksheet>"
            bomb.writestr(name, content if is_sheet else plain.read(name))

    with pytest.raises(TableUnreadable, match="Split it"):
        text_of(packed.getvalue())
