"""Typefaces and icons lie beside the pages that use them, each with its licence, and nothing else does."""

import re
from pathlib import Path

from classbell.web.kit import assets

WEB = Path(assets.__file__).parents[1]
STATIC = Path(assets.__file__).with_name("static")
SPRITE = STATIC / "icons.svg"
FONTS = STATIC / "fonts"
NAMED = re.compile(r'parts/icon\.html" with name="([\w-]+)"|\bicon="([\w-]+)"')


def sources() -> str:
    """Return all templates and all Python of the pages."""
    return "\n".join(file.read_text() for kind in ("*.html", "*.py") for file in sorted(WEB.rglob(kind)))


def test_every_icon_that_pages_name_is_drawn_and_no_other() -> None:
    text = sources()
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))
    named = {one or other for one, other in NAMED.findall(text)}

    assert named - drawn == set()
    assert {icon for icon in drawn if f'"{icon}"' not in text} == set()


def test_every_typeface_that_sheets_name_is_there_and_no_other() -> None:
    named = set(re.findall(r'url\("\.\./fonts/([^"]+)"\)', (STATIC / "css" / "fonts.css").read_text()))

    assert named == {file.name for file in FONTS.glob("*.woff2")}


def test_what_others_drew_has_its_licence_beside_it() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "LICENSE.txt").read_text()
    assert "ISC License" in SPRITE.with_name("icons.LICENSE.txt").read_text()
