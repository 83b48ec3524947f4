"""Translations are checked: nothing said twice, no placeholder lost or invented, every form there."""

from pathlib import Path

import pytest

from tests.messages import main

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"
"""
GOOD = {
    "context": 'msgctxt "a month"\nmsgid "May"\nmsgstr "Mai"\n\nmsgid "May"\nmsgstr "Darf"',
    "number as a word": (
        '#, python-format\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "ein Tag"\nmsgstr[1] "%(n)s Tage"'
    ),
    "percent sign": 'msgid "100% (sure)"\nmsgstr "100 % sicher"',
    "no longer used": 'msgid "Day"\nmsgstr "Tag"\n\n#~ msgid "Day"\n#~ msgstr "Tag"',
}
BAD = {
    "twice": ('msgid "Day"\nmsgstr "Tag"\n\nmsgid "Day"\nmsgstr "Tages"', ":9: translated in line 6 already: Day"),
    "line breaks do not hide it": (
        'msgid "One day"\nmsgstr "Tag"\n\nmsgid ""\n"One "\n"day"\nmsgstr "Tages"',
        ":9: translated in line 6 already: One day",
    ),
    "left out": ('#, python-format\nmsgid "Dear %(who)s"\nmsgstr "Hallo"', "leaves out %(who)"),
    "left out by the form of many": (
        '#, python-format\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "ein Tag"\nmsgstr[1] "Tage"',
        "leaves out %(n)",
    ),
    "invented": ('#, python-format\nmsgid "Dear %(who)s"\nmsgstr "Hallo %(wer)s %(who)s"', "names %(wer)"),
    "in braces": ('#, python-brace-format\nmsgid "Dear {who}"\nmsgstr "Hallo {wer}"', "leaves out {who}"),
    "other kind": ('#, python-format\nmsgid "%(n)d days"\nmsgstr "%(n)s Tage"', "not compatible"),
    "too few forms": ('msgid "day"\nmsgid_plural "days"\nmsgstr[0] "Tag"', "not every form: day"),
    "empty": ('msgid "Day"\nmsgstr ""', "not translated"),
    "fuzzy": ('#, fuzzy\nmsgid "Day"\nmsgstr "Nacht"', "marked fuzzy"),
    "line break at the end": ('msgid "Day\\n"\nmsgstr "Tag"', "line break"),
    "unreadable": ('msgid "Day\nmsgstr "Tag"', ":6: cannot be read"),
    "quotes": ('msgid "Day"\nmsgstr "Der "Tag""', ":7: cannot be read"),
}


def written(folder: Path, entries: str) -> str:
    file = folder / "some.po"
    file.write_text(f"{HEADER}\n{entries}\n", encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("entries", GOOD.values(), ids=GOOD)
def test_good_translations_are_passed_in_silence(entries, tmp_path, capsys):
    assert main([written(tmp_path, entries)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("entries", "said"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_its_place(entries, said, tmp_path, capsys):
    path = written(tmp_path, entries)

    assert main([path]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    assert any(said in line for line in lines), lines
