"""Whatever the API does can be done on pages: `docs/pages.md` says where, and is right."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from django.urls import get_resolver

from classbell.config.api import api

DOCUMENT = Path(__file__).parents[2] / "docs" / "pages.md"
METHODS = {"get", "post", "put", "patch", "delete"}
FOR_PROGRAMS = "for programs"
NOBODY = "–"


class Row(NamedTuple):
    """One line of the tables; `pages` are (name, address), none for what is for programs."""

    operation: str
    page: str
    how: str
    who: str

    @property
    def pages(self) -> list[tuple[str, str]]:
        return re.findall(r"`([\w-]+)` (/\S*?)(?:,|$)", self.page)


def rows() -> list[Row]:
    """Return the lines of all tables of the document."""
    lines = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", DOCUMENT.read_text(), flags=re.MULTILINE)
    return [Row(*line) for line in lines]


def operations() -> list[str]:
    """Return every operation of the OpenAPI document, as "GET /api/…"."""
    paths = api.get_openapi_schema()["paths"]
    return [f"{method.upper()} {path}" for path, known in paths.items() for method in known if method in METHODS]


def addresses_of(name: str) -> set[str]:
    """Return the addresses of a page, its arguments as {name}; none when there is no such page."""
    found = get_resolver().reverse_dict.getlist(name)
    forms = [form for possibilities, *_rest in found for form, _arguments in possibilities]
    return {"/" + re.sub(r"%\((\w+)\)s", r"{\1}", form) for form in forms}


def test_every_operation_has_one_row() -> None:
    assert sorted(row.operation for row in rows()) == sorted(operations())


def test_every_line_of_the_tables_is_read() -> None:
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]

    assert len(rows()) == len(lines)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.operation)
def test_row_names_pages_that_exist_or_says_why_there_is_none(row: Row) -> None:
    if row.page == FOR_PROGRAMS:
        assert row.who == NOBODY
        assert row.how.endswith(".")
        return

    assert row.pages
    assert ", ".join(f"`{name}` {address}" for name, address in row.pages) == row.page
    assert [(name, address) for name, address in row.pages if address not in addresses_of(name)] == []
    assert row.who != NOBODY
