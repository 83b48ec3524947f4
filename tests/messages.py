"""
What is wrong with translations, as `./run check` asks: `python -m tests.messages FILE.po ...`.

Says what `msgfmt --check` would, which not everybody has, and where; ends with status 1 if there is anything.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import PYTHON_FORMAT, Catalog, Message
from babel.messages.pofile import read_po

NAMED: Final = re.compile(r"%\((\w+)\)")
BRACED: Final = re.compile(r"{(\w*)}")
# A message's first line: its context, or else its text.
TEXT: Final = re.compile(r'^(msgctxt|msgid) ((?:".*"\s*)+)', re.MULTILINE)
# All that a line may be besides a comment, quotes and backslashes in it written as such.
LINE: Final = re.compile(r'((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?) )?"(\\.|[^"\\])*"')


def problems(path: Path) -> Iterator[str]:
    """Yield what is wrong with a file, each as `path:line: what`."""
    text = path.read_text(encoding="utf-8")
    for line, said in sorted([*_unreadable(text), *_twice(text), *_odd_messages(path)]):
        yield f"{path}:{line}: {said}"


def _unreadable(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if line and not line.startswith("#") and not LINE.fullmatch(line):
            yield number, f"cannot be read: {line}"


def _twice(text: str) -> Iterator[tuple[int, str]]:
    """Yield texts that are translated a second time: of two translations one is lost."""
    seen: dict[tuple[str, str], int] = {}
    context = ""
    for found in TEXT.finditer(text):
        joined = "".join(re.findall(r'"(.*)"', found[2]))
        if found[1] == "msgctxt":
            context = joined
            continue
        line = text.count("\n", 0, found.start()) + 1
        before = seen.setdefault((context, joined), line)
        if before != line:
            yield line, f"translated in line {before} already: {joined}"
        context = ""


def _odd_messages(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        if message.id:
            for said in _odd(message, catalog):
                yield message.lineno or 0, said


def _odd(message: Message, catalog: Catalog) -> Iterator[str]:
    """Yield what is wrong with one message."""
    texts = _all(message.id)
    if message.fuzzy:
        yield "marked fuzzy: it would not be shown"
    translations = _all(message.string)
    if not all(translations):
        yield f"not translated, or not every form: {texts[0]}"
        return
    yield from (str(error) for error in message.check(catalog))
    for translation in translations:
        for end in (str.startswith, str.endswith):
            if end(translation, "\n") != end(texts[0], "\n"):
                yield f"begins or ends with a line break, unlike its text: {translation!r}"
    # Of several forms those for one and for two may say the number as a word; the last is for all others.
    lost = _placeholders(texts[-1], message) - _placeholders(translations[-1], message)
    new = set().union(*(_placeholders(it, message) for it in translations)) - _placeholders("".join(texts), message)
    for name in sorted(lost):
        yield f"leaves out {name}: {translations[-1]}"
    for name in sorted(new):
        yield f"names {name}, which the text does not: {texts[0]}"


def _placeholders(text: str, message: Message) -> set[str]:
    found = {f"%({name})" for name in NAMED.findall(text)} if PYTHON_FORMAT.search(text) else set()
    braced = "python-brace-format" in message.flags
    return found | ({f"{{{name}}}" for name in BRACED.findall(text)} if braced else set())


def _all(forms: object) -> tuple[str, ...]:
    return (forms,) if isinstance(forms, str) else tuple(forms or ())  # type: ignore[arg-type]


def main(names: list[str]) -> int:
    """Print what is wrong with the files and return the exit status."""
    found = [said for name in names for said in problems(Path(name))]
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
