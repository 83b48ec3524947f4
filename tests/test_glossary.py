"""Names are made of the words of `docs/glossary.md`, and of none that were retired."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.urls import get_resolver

ROOT: Final = Path(__file__).parents[1]
GLOSSARY: Final = ROOT / "docs" / "glossary.md"
FOLDERS: Final = ("src/classbell", "src/zoomsim", "tests", "bench")

# In no name, whatever stands around it.
RETIRED: Final = frozenset(["sitting", "sittings", "wish", "wishes", "wished", "guise", "guises", "deed", "deeds"])
# No names by themselves; within longer ones they are words as any other, such as `standing_out`.
NO_NAMES: Final = frozenset({"news", "standing", "let_go"})
# No modules and no folders: those are named for what is in them.
NO_MODULES: Final = NO_NAMES | {"told", "ways", "refusals", "shown", "plans", "pictures", "words"}

# In no sentence either, of pages, docstrings and comments.
RETIRED_PHRASES: Final = re.compile(
    r"\b(call(ed|ing|s)? ((it|them|an? \w+) )?off|lock(ed|s|ing)? (\w+ )?out)\b", re.IGNORECASE
)

# Names that clients know stay for as long as there are clients.
ON_THE_WIRE: Final = frozenset(
    {
        "sittings",  # a circle's sessions
        "sitting_not_started",  # codes of errors
        "sitting_not_live",
        "classbell_sittings_without_zoom",  # metrics
        "classbell_live_sittings",
    }
)
# Databases have been through them under these names.
OLD: Final = "migrations"


def files(*endings: str) -> list[Path]:
    """Return the project's files with these endings."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in endings)
    return sorted(path for path in found if OLD not in path.parts and "__pycache__" not in path.parts)


def words_of(name: str) -> list[str]:
    """Return the words of a name in any spelling: `MeetingSpec`, `meeting_spec`, `meeting-spec`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").strip("_").split("_")


def is_retired(name: str) -> bool:
    """Tell whether a name has a retired word in it, or is one."""
    words = words_of(name)
    return name not in ON_THE_WIRE and ("_".join(words) in NO_NAMES or not RETIRED.isdisjoint(words))


def names_in(source: str) -> Iterator[str]:
    """Yield the names that Python code defines: classes, functions, arguments, variables, attributes."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def classes_in(text: str) -> Iterator[str]:
    """Yield the CSS classes and ids that a page or a sheet of styles names."""
    for attribute in re.findall(r"""\b(?:class|id)="([^"]*)\"""", text):
        yield from re.findall(r"[a-zA-Z][\w-]+", re.sub(r"{[{%].*?[}%]}", " ", attribute))
    yield from re.findall(r"[.#]([a-zA-Z][\w-]+)[^{};]*{", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def test_words_are_known_in_any_spelling() -> None:
    assert [
        name for name in ("MeetingWish", "wish_of", "sitting-title", "news", "_let_go") if not is_retired(name)
    ] == []
    assert [name for name in ("told", "wishbone", "standing_out", "news_from") if is_retired(name)] == []


def test_files_and_folders_are_named_for_what_is_in_them() -> None:
    everything = files(".py", ".html", ".css", ".js")
    wrong = {
        str(path.relative_to(ROOT))
        for path in everything
        if not RETIRED.isdisjoint(words_of(path.stem)) or not NO_MODULES.isdisjoint({path.stem, *path.parts})
    }

    assert wrong == set()


def test_code_defines_no_retired_name() -> None:
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files(".py")
        for name in names_in(path.read_text(encoding="utf-8"))
        if is_retired(name)
    }

    assert wrong == set()


def test_pages_and_styles_name_no_retired_class() -> None:
    wrong = {
        (str(path.relative_to(ROOT)), name)
        for path in files(".html", ".css")
        for name in classes_in(path.read_text(encoding="utf-8"))
        if is_retired(name)
    }

    assert wrong == set()


def test_nothing_is_said_in_retired_words() -> None:
    examples = {"test_glossary.py", "test_wording.py"}
    said = {
        (str(path.relative_to(ROOT)), found.group())
        for path in files(".py", ".html", ".js")
        if path.name not in examples
        for found in RETIRED_PHRASES.finditer(path.read_text(encoding="utf-8"))
    }

    assert said == set()


def test_addresses_have_no_retired_name() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert {name for name in names if is_retired(name)} == set()


def test_glossary_lists_every_retired_word() -> None:
    retired = GLOSSARY.read_text(encoding="utf-8").partition("## Retired")[2]
    listed = set(
        re.findall(r"[a-z]+(?: go)?", " ".join(row.split("|")[1] for row in retired.splitlines() if "|" in row))
    )

    assert {word for word in RETIRED if word.rstrip("s") not in listed and word not in {"wishes", "wished"}} == set()
    assert {name.replace("_", " ") for name in NO_MODULES} <= listed


def test_glossary_names_only_what_there_is() -> None:
    explained = GLOSSARY.read_text(encoding="utf-8").partition("## Retired")[0]
    named = set(re.findall(r"`([A-Z][a-z]\w+)`", explained))
    defined = {name for path in files(".py") for name in names_in(path.read_text(encoding="utf-8"))}

    assert named - defined == set()
