"""Text that comes in: what one sees is what is kept."""

import pytest

from classbell.text import identifier, is_storable, many_lines, one_line, storable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("Hi\r\nBcc: x@y.example", "Hi Bcc: x@y.example", id="a header's break"),
        pytest.param("VT\x0bx\x0cy\x85z\u2028a\u2029b", "VT x y z a b", id="rare breaks"),
        pytest.param("\t Line\tone  two\xa0\n", "Line one two", id="blanks"),
        pytest.param("a\0b\x07c\x9fd", "abcd", id="controls"),
        pytest.param("\u202eevil\u202c \u2066x\u2069", "evil x", id="overrides of direction"),
        pytest.param("\ufeffzero\u200bwidth\u2060", "zerowidth", id="what nobody sees"),
        pytest.param("نمی\u200cخواهم", "نمی\u200cخواهم", id="a joiner that Persian needs"),
        pytest.param("👩\u200d🏫", "👩\u200d🏫", id="a joiner that a picture needs"),
        pytest.param("\u200c \u200d\u200f", "", id="nothing but joiners"),
        pytest.param("\u3164\u2800\u115f\U000e0041", "", id="letters that are drawn as nothing"),
        pytest.param("\ufe0f\u180b \U000e0100", "", id="nothing but choices among pictures"),
        pytest.param("❤\ufe0f", "❤\ufe0f", id="a choice among pictures"),
        pytest.param("a\u2065b\ufff0c\U000e0fff", "abc", id="what is kept free for the like"),
        pytest.param("x\ufffe\uffff", "x", id="code points that no file of a spreadsheet holds"),
        pytest.param(
            "\N{WAVING BLACK FLAG}\U000e0067\U000e007f", "\N{WAVING BLACK FLAG}\U000e0067\U000e007f", id="a flag"
        ),
        pytest.param("Jose\u0301", "José", id="one spelling of an accent"),
        pytest.param("half \ud800", "half \ufffd", id="half of a character"),
    ],
)
def test_line_is_one_line_of_what_can_be_seen(typed: str, kept: str) -> None:
    assert one_line(typed) == kept
    assert one_line(kept) == kept


def test_longer_text_keeps_its_lines() -> None:
    assert (
        many_lines("  Bring:\r\n\t- a book\x0b\u202e- a pen\r\r\r\r\r\rEnd\n") == "Bring:\n\t- a book\n- a pen\n\n\nEnd"
    )


def test_longer_text_in_which_nothing_can_be_seen_is_none() -> None:
    assert many_lines("\u200f\n\u200b\t") == ""


def test_identifier_has_no_hidden_character() -> None:
    assert identifier("\u200e a\u200cb\u200d ") == "ab"
    assert identifier("scho\u034fol\ufe0f") == "school"
    assert identifier("two words") == "two words"


def test_what_no_database_keeps_is_known_and_replaced() -> None:
    assert [is_storable(text) for text in ("fine\n", "a\0", "\udc00")] == [True, False, False]
    assert storable("a\0b\udc00\n") == "a\ufffdb\ufffd\n"
