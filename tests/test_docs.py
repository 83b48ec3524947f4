"""What the documents name is there: files, folders, and pages they link to."""

import re
from pathlib import Path
from typing import Final

import pytest

from classbell.config.environment import Environment
from classbell.web.school.labels import GROUPS

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# The history of changes names what was there then.
OF_NOW: Final = [path for path in DOCUMENTS if path.name != "CHANGELOG.md"]
FOLDERS: Final = ("src", "tests", "bench", "docs", "clients")
FILES: Final = [
    "/" + path.relative_to(ROOT).as_posix()
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*")
    if "__pycache__" not in path.parts and "node_modules" not in path.parts
] + ["/" + path.name for path in ROOT.iterdir()]
# A file by its ending; a folder by where it begins.
NAMED: Final = re.compile(
    r"`([\w./-]+\.(?:py|md|html|css|js|ts|conf|po|toml|lock|csv)|(?:src|tests|bench|docs)/[\w./-]+)`"
)
# Retired by Zoom; read only to say what to set instead.
OLD_SETTINGS: Final = frozenset({"zoom_api_key", "zoom_api_secret"})
LINK: Final = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


@pytest.mark.parametrize("document", OF_NOW, ids=lambda path: path.name)
def test_named_files_are_there(document: Path) -> None:
    named = set(NAMED.findall(document.read_text(encoding="utf-8")))

    assert {name for name in named if not any(file.endswith("/" + name.rstrip("/")) for file in FILES)} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = set(LINK.findall(document.read_text(encoding="utf-8")))

    assert {link for link in links if not (document.parent / link).exists()} == set()


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    assert {path.name for path in ROOT.glob("docs/*.*") if path.name != "README.md" and path.name not in index} == set()


def test_every_setting_is_explained_in_the_document_and_on_the_page() -> None:
    document = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    settings = {name: str(field.alias or name.upper()) for name, field in Environment.model_fields.items()}

    assert {variable for variable in settings.values() if f"`{variable}`" not in document} == set()
    assert settings.keys() - OLD_SETTINGS - {name for _key, _title, words in GROUPS for name in words} == set()


def rows_with_tests() -> list[str]:
    """Return the rows of the threat model that say what holds something."""
    document = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\|.*\| tests \|\n\|[ -|]+\|\n((?:\|.*\n)+)", document, re.MULTILINE)
    return [row for table in tables for row in table.splitlines()]


def test_every_row_of_the_threat_model_is_held_by_tests_that_there_are() -> None:
    rows = rows_with_tests()
    assert len(rows) > 40

    for row in rows:
        files = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert files, row
        tested = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
        named = re.findall(r"`(test_\w+)`", row)
        assert [name for name in named if f"def {name}(" not in tested] == [], row
