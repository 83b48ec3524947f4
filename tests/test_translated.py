"""Every text of code and pages is in the Arabic file: one that was reworded would otherwise be English on Arabic pages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import classbell

ROOT: Final = Path(classbell.__file__).parent
PO: Final = ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.po"
WITHOUT_CONTEXT: Final = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
WITH_CONTEXT: Final = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
STRING: Final = r"""u?\"\"\".*?\"\"\"|u?'''.*?'''|u?"(?:\\.|[^"\\])*"|u?'(?:\\.|[^'\\])*'"""
# What Django makes of a template's texts, between X's that stand for all else.
CALL: Final = re.compile(rf"(?:n?p?gettext|_)\((?:[^()\"']|{STRING})*\)", re.DOTALL)
TEMPLATES: Final = sorted(path for path in ROOT.rglob("*.html") if "templates" in path.parts)

Text = tuple[str, str | None]


def texts_of_code(source: str) -> Iterator[Text]:
    """Yield the texts that are translated, with their contexts."""
    for node in ast.walk(ast.parse(source)):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in WITHOUT_CONTEXT | WITH_CONTEXT:
            context, text = [None, *node.args][:2] if name in WITHOUT_CONTEXT else node.args[:2]
            if isinstance(text, ast.Constant) and text.value:
                yield str(text.value), str(context.value) if isinstance(context, ast.Constant) else None


def texts_of_page(source: str) -> Iterator[Text]:
    """Yield the texts of a template that are translated, with their contexts."""
    return texts_of_code("\n".join(CALL.findall(templatize(source))))


@pytest.fixture(scope="module")
def translated() -> set[Text]:
    with PO.open("rb") as file:
        catalog = read_po(file)
    return {(str(one.id[0] if one.pluralizable else one.id), one.context) for one in catalog if one.id}


def test_texts_are_found_wherever_they_stand() -> None:
    code = '_("One")\ngettext_lazy("Tw" "o")\nngettext("a day", "days", 2)\npgettext("a month", "May")'
    page = (
        '{% load i18n %}{% translate "It’s one" %}{% translate \'Two\' context "a number" as two %}'
        '{% blocktranslate count n=n %}({{ n }}) "day"{% plural %}{{ n }} days{% endblocktranslate %}'
    )

    assert list(texts_of_code(code)) == [("One", None), ("Two", None), ("a day", None), ("May", "a month")]
    assert set(texts_of_page(page)) == {("It’s one", None), ("Two", "a number"), ('(%(n)s) "day"', None)}


def test_every_text_of_code_is_translated(translated: set[Text]) -> None:
    found = {(path.name, text) for path in ROOT.rglob("*.py") for text in texts_of_code(path.read_text())}

    assert {(name, text) for name, text in found if text not in translated} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_text_of_a_page_is_translated(path: Path, translated: set[Text]) -> None:
    assert {text for text in texts_of_page(path.read_text()) if text not in translated} == set()
