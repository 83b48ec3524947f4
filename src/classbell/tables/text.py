"""From the bytes of a file to text: which encoding it has, or which cells an XLSX workbook holds. No database."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from xml.parsers import expat

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classbell.reasons import Said
from classbell.tables.limits import LARGEST_FILE, TableUnreadable, too_large
from classbell.text import one_line

MOST_LINES: Final = 100_000
MOST_COLUMNS: Final = 200
# A workbook is packed; this is how much may come out of it.
LARGEST_UNPACKED: Final = 6 * LARGEST_FILE
MOST_ELEMENTS: Final = 600_000

_ZIP: Final = b"PK\x03\x04"
_SAMPLE: Final = 2_000
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Letters of Windows-1252 and 1256 beyond ASCII lie from 0xC0 on; below are signs that both have.
_FOREIGN_WORD: Final = re.compile(rb"[A-Za-z]*[\xc0-\xff]+[A-Za-z]*")
_ASCII_LETTER: Final = re.compile(rb"[A-Za-z]")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileText:
    """
    What a file says. Of a workbook `sheet` is the one that was read, and `other_sheets` hold something, too, and were not;
    hidden ones count.
    """

    text: str
    sheet: str = ""
    other_sheets: Sequence[str] = ()

    @property
    def said_of_sheets(self) -> str:
        """Say which sheet was read and which were not, "" when there is no other."""
        if not self.other_sheets:
            return ""
        text = gettext_noop(
            "Of the workbook only the sheet “%(sheet)s” was read, not: %(others)s. Hand those in as files of their own."
        )
        return Said(text, sheet=self.sheet, others=", ".join(self.other_sheets))

    def refusal(self, error: TableUnreadable) -> str:
        """Say why this is not the table that is asked for, and in which sheet that was looked for."""
        return " ".join(filter(None, [str(error), self.said_of_sheets]))


def read_file(raw: bytes) -> FileText:
    """
    Return what a file says: a workbook's first visible sheet that holds anything with cells apart by tabs, else its text.

    Line ends stay as they are. Text is UTF-8 or UTF-16, with a byte order mark or without, or what Excel for Windows writes:
    Windows-1252, or Windows-1256 when its words are Arabic. Raises TableUnreadable.
    """
    if len(raw) > LARGEST_FILE:
        raise TableUnreadable(too_large())
    if raw.startswith(_ZIP):
        return _workbook(raw)
    if raw.startswith(_OLD_EXCEL):
        raise TableUnreadable(_("This is an old Excel file (.xls). Save it as “CSV UTF-8” or .xlsx and try again."))
    text = _decoded(raw)
    if "\0" in text or text.startswith("%PDF-"):
        raise TableUnreadable(_("The file is no table. Save it as “CSV UTF-8” and try again."))
    return FileText(text=text)


def _decoded(raw: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), None) or _unmarked(raw)
    try:
        # A damaged byte costs its line, which is named, and not the file.
        return raw.decode(encoding, "replace" if encoding.startswith("utf-8") else "strict")
    except UnicodeDecodeError:
        text = _("The file’s characters cannot be read. Save it as “CSV UTF-8” and try again.")
        raise TableUnreadable(text) from None


def _unmarked(raw: bytes) -> str:
    if b"\0" in raw[:_SAMPLE]:
        return _of_two_bytes(raw[:_SAMPLE])
    text = raw.decode("utf-8", "replace")
    unread = text.count("\N{REPLACEMENT CHARACTER}")
    # What is two bytes there and one here; a character that could not be read is three.
    beyond_ascii = len(text.encode()) - len(text) - 2 * unread
    return _of_windows(raw) if unread and unread >= beyond_ascii else "utf-8"


def _of_two_bytes(start: bytes) -> str:
    """Tell UTF-16 by the signs that every table has, whatever its script; what has none is left to be refused."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = start.decode(encoding, "ignore")
        if 100 * sum(map(text.count, "\n\t,;@.")) > len(text):
            return encoding
    return "utf-8"


def _of_windows(raw: bytes) -> str:
    """Tell Arabic by its words: they have no letters of ASCII among their own, and Western words have little else."""
    words = _FOREIGN_WORD.findall(raw)
    arabic = sum(not _ASCII_LETTER.search(word) for word in words)
    if 2 * arabic > len(words):
        return "cp1256"
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "cp1256"
    return "cp1252"


def _workbook(raw: bytes) -> FileText:
    from openpyxl import load_workbook  # noqa: PLC0415 -- slow import

    out = io.StringIO()
    try:
        _check_unpacked(raw)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        full = [sheet for sheet in book.worksheets if _holds_anything(sheet)]
        read = next((sheet for sheet in full if sheet.sheet_state == "visible"), None)
        if read is not None:
            csv.writer(out, delimiter="\t", lineterminator="\n").writerows(_cells(read))
        others = [sheet.title for sheet in full if sheet is not read]
    except TableUnreadable:
        raise
    except Exception as error:
        # Whatever is wrong inside of a file that somebody sent: openpyxl raises all kinds.
        text = _("The workbook cannot be read. Save its sheet as “CSV UTF-8” and try again.")
        raise TableUnreadable(text) from error
    return FileText(text=out.getvalue(), sheet=read.title if read is not None else "", other_sheets=others)


def _holds_anything(sheet: Any) -> bool:
    # One line more than may be read: whether that is too many is said when the sheet is.
    rows = enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1)
    return any(number > MOST_LINES or any(cell is not None for cell in row) for number, row in rows)


def _check_unpacked(raw: bytes) -> None:
    """Refuse what would grow beyond measure: by its bytes, and by its elements, each of which takes a hundred times more."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
            raise TableUnreadable(too_large())
        elements = 0

        def count(name: str, attributes: object) -> None:
            nonlocal elements
            elements += 1
            if elements > MOST_ELEMENTS:
                raise TableUnreadable(too_large())

        for part in packed.namelist():
            if part.endswith(".xml"):
                parser = expat.ParserCreate()
                parser.StartElementHandler = count
                with packed.open(part) as content:
                    parser.ParseFile(content)


def _cells(sheet: Any) -> Iterator[list[str]]:
    written = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
        if number > MOST_LINES:
            raise TableUnreadable(_("The file has more than %(most)s rows. Split it.") % {"most": MOST_LINES})
        if row.count(None) == len(row):  # Rows are often given borders far below the last that holds anything.
            continue
        width = max(at for at, cell in enumerate(row, 1) if cell is not None)
        yield from ([] for _row in range(written + 1, number))
        written = number
        yield [_as_text(cell) for cell in row[:width]]


def _as_text(cell: object) -> str:
    match cell:
        case None:
            text = ""
        case bool():
            text = str(cell).lower()
        case datetime() if cell.time() == time():
            text = cell.date().isoformat()
        case datetime():
            text = cell.isoformat(sep=" ", timespec="minutes")
        case time():
            text = cell.isoformat(timespec="minutes")
        case float() if cell.is_integer():
            text = str(int(cell))
        case _:
            text = str(cell)
    # A cell of a workbook may hold line breaks and tabs; of a table's text they are the frame.
    return one_line(text)
