"""What Arabic needs of every text that counts: two of a thing are one word, without a number before it."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import classbell

PO = Path(classbell.__file__).parent / "locale" / "ar" / "LC_MESSAGES" / "django.po"
ZERO, ONE, TWO = 0, 1, 2
# A number and then a dual, such as "2 meetings" in two words.
NUMBER_BEFORE_A_DUAL = re.compile(r"%\((\w+)\)[sd] \S+(?:ان|تين)(?:\W|$)")


def counted() -> list[tuple[str, Sequence[str]]]:
    """Return the texts that count something: each English one and its Arabic forms."""
    with PO.open("rb") as file:
        return [(one.id[0], one.string or ()) for one in read_po(file) if one.id and one.pluralizable]


def test_every_text_that_counts_has_all_six_forms() -> None:
    assert [text for text, forms in counted() if len(forms) != 6 or not all(forms)] == []


def test_two_of_a_thing_are_one_word() -> None:
    assert [forms[TWO] for _text, forms in counted() if NUMBER_BEFORE_A_DUAL.search(forms[TWO])] == []


@pytest.mark.parametrize("mark", [";", "?"])
def test_marks_are_arabic_ones(mark: str) -> None:
    with PO.open("rb") as file:
        texts = [message.string for message in read_po(file) if message.id and isinstance(message.string, str)]
    plain = [re.sub(r"&#?\w+;|<[^>]*>|https?://\S+", "", text) for text in texts]

    assert [text for text in plain if f"{mark} " in text or text.endswith(mark)] == []


def test_dates_in_digits_keep_their_direction() -> None:
    """Between Arabic letters, 2026-12-25 would be shown from its end; LRI and PDI keep it."""
    with PO.open("rb") as file:
        texts = [message.string for message in read_po(file) if message.id and isinstance(message.string, str)]

    plain = [re.sub("\u2066[^\u2069]*\u2069", "", text) for text in texts]

    assert [text for text in plain if re.search(r"\b\d{4}-\d\d-\d\d", text)] == []


def test_what_is_counted_stands_in_the_form_of_its_number() -> None:
    """Five minutes are دقائق, eleven are دقيقة: no one text says both. `most` and `limit` are always beyond ten."""
    # Nor are names and titles counted: "… with %(teacher)s on %(when)s".
    noun = re.compile(
        r"%\((?!most|limit|student|teacher|title)\w+\)s (?:دقيقة|ساعة|يوم|حصة|حصص|مرة|مرات|صفوف|شخص|طالب)"
    )
    with PO.open("rb") as file:
        texts = [message.string for message in read_po(file) if message.id and isinstance(message.string, str)]

    assert [text for text in texts if noun.search(text)] == []
