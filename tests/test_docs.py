"""What the documents name is there: files, folders, and pages they link to."""

import re
from pathlib import Path
from typing import Final

import pytest

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
