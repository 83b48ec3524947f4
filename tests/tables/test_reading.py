"""Rows and columns of tables that people hand in: a bad row is named, and nothing else is lost."""

import pytest

from classbell.tables.limits import TableUnreadable
from classbell.tables.reading import Table, folded, read_table

NAMES = {"email": ("email", "mail"), "name": ("name", "nome", "الاسم")}
NO_PARTNER = "A quotation mark in this line has no partner, or stands inside of a cell."


def read(text: str, **options: object) -> Table:
    """Read people."""
    settings: dict[str, object] = {"needs": ["email"], "most_rows": 100}
    return read_table(text, NAMES, **settings | options)  # type: ignore[arg-type]  # as a test likes


def emails(table: Table) -> list[tuple[int, str]]:
    """Return what was read, with lines."""
    return [(row.line, row["email"]) for row in table.rows]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_line(end: str) -> None:
    assert emails(read(f"email,name{end}a@x.example,A{end}{end}b@x.example,B{end}")) == [
        (2, "a@x.example"),
        (4, "b@x.example"),
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_any_usual_sign_parts_cells(sign: str) -> None:
    table = read(f'{sign}Name{sign}E-Mail{sign}x\n1{sign}"A{sign} B"{sign}a@x.example{sign}\n')

    # A tab in a name is a space, as anywhere.
    assert [(row["name"], row["email"]) for row in table.rows] == [(f"A{sign.strip()} B", "a@x.example")]


def test_sign_is_the_one_that_parts_the_known_names() -> None:
    table = read("Name, Vorname; und mehr, auch;mail\nDoe, Jane;x;a@x.example\n")

    assert emails(table) == [(2, "a@x.example")]


def test_line_that_tells_excel_the_sign_is_obeyed() -> None:
    assert emails(read("sep=;\nemail;name\na@x.example;A\n")) == [(3, "a@x.example")]


@pytest.mark.parametrize(
    "title",
    ["EMAIL", " E-mail ", "e_mail", "Email [Required]", "Mail (work)", "É-mail"],
)
def test_names_of_columns_are_known_however_they_are_spelled(title: str) -> None:
    assert emails(read(f"x,{title}\n1,a@x.example\n")) == [(2, "a@x.example")]


def test_arabic_names_of_columns_are_known_with_and_without_signs() -> None:
    assert folded("الإسْم") == folded("الاسم")
    assert folded("الحالة ") == folded("الحاله")


def test_titles_above_the_names_of_the_columns_are_told() -> None:
    table = read("Spring term\n\nname,email\nA,a@x.example\n")

    assert emails(table) == [(4, "a@x.example")]
    assert [(row.line, row.text) for row in table.bad] == [(1, "Spring term")]


def test_columns_that_are_named_again_further_down_are_read_so_from_there_on() -> None:
    table = read("name,email\nA,a@x.example\n\nname,email\nB,b@x.example\n\nmail,n,name\nc@x.example,1,C\n")

    assert [(row["name"], row["email"]) for row in table.rows] == [
        ("A", "a@x.example"),
        ("B", "b@x.example"),
        ("C", "c@x.example"),
    ]
    assert table.bad == []


def test_line_with_a_character_that_cannot_be_read_is_named() -> None:
    table = read("name,email\nJo\N{REPLACEMENT CHARACTER}o,a@x.example\nB,b@x.example\n")

    assert emails(table) == [(3, "b@x.example")]
    assert [(row.line, row.reason[:11]) for row in table.bad] == [(2, "A character")]


def test_of_two_columns_for_a_field_the_filled_one_counts() -> None:
    assert emails(read("mail,email\n,a@x.example\nb@x.example,\n")) == [(2, "a@x.example"), (3, "b@x.example")]


@pytest.mark.parametrize(
    "bad",
    [
        '"Jane,j@x.example',
        'Jane "J,j@x.example',
        '"Jane "JJ" Doe",j@x.example',
        'j@x.example,"',
        "x" * 140_000 + ",j@x.example",
    ],
    ids=["never closed", "stray", "inside of a cell", "opened at the end", "field beyond any limit"],
)
@pytest.mark.parametrize("at", [2, 3, 5])
def test_malformed_row_is_named_and_nothing_else_is_lost(bad: str, at: int) -> None:
    lines = ["name,email", "A,a@x.example", '"B, C",b@x.example', "D,d@x.example", '"E ""e""",e@x.example', ""]
    lines.insert(at - 1, bad)

    table = read("\n".join(lines))

    assert [row["email"] for row in table.rows] == ["a@x.example", "b@x.example", "d@x.example", "e@x.example"]
    assert [row.line for row in table.bad] == [at]


def test_two_marks_without_partners_do_not_swallow_what_is_between() -> None:
    table = read('name,email\n"A,a@x.example\nB,b@x.example\nC",c@x.example\nD,d@x.example\n')

    assert emails(table) == [(3, "b@x.example"), (5, "d@x.example")]
    assert [(row.line, row.reason) for row in table.bad] == [(2, NO_PARTNER), (4, NO_PARTNER)]


def test_cells_may_hold_line_breaks() -> None:
    table = read('name,email\n"Jane\nDoe",j@x.example\nB,b@x.example\n')

    assert [(row.line, row["name"]) for row in table.rows] == [(2, "Jane Doe"), (4, "B")]
    assert table.bad == []


def test_short_rows_and_long_ones_are_read() -> None:
    table = read("name,email\nA\nB,b@x.example,more,and more\n")

    assert [(row["name"], row["email"]) for row in table.rows] == [("A", ""), ("B", "b@x.example")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n \r\n", "empty"),
        ("given;family\nA;B", "there is none for email. It reads: given, family"),
        ("email\n" + "a@x.example\n" * 101, "more than 100 rows"),
        ("sep=;", "there is none for email"),
    ],
    ids=["empty", "blank", "no column", "too long", "nothing but a sign"],
)
def test_what_is_not_this_table_is_refused(text: str, words: str) -> None:
    with pytest.raises(TableUnreadable, match=words):
        read(text)


def test_table_without_names_of_columns_is_read_where_that_is_allowed() -> None:
    table = read("A\ta@x.example\nB\tb@x.example", or_without=True)

    assert (dict(table.columns), [list(row.cells) for row in table.rows]) == (
        {},
        [["A", "a@x.example"], ["B", "b@x.example"]],
    )
