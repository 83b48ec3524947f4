"""Names of people: from one text to what is called first and last name here. A name shown is always "first last"."""

import re
from collections.abc import Sequence
from typing import Final

from classbell.text import one_line

LONGEST: Final = 64
_COMMAS: Final = re.compile("[,\N{ARABIC COMMA}\N{FULLWIDTH COMMA}]")
# What belongs to the word after it, with and without its hamza.
_BEFORE_A_NAME: Final = """
    al el ul ad as ash at az bin ibn ben bint abu abou abi aba umm um abd abdul abdel
    af av da das de degli dei del della den der des di do dos du la las le lo los mac san santa st st. te ten ter
    van von zu zum zur vom
    ال آل بن ابن بنت أبو ابو أبي ابي أبا ابا أم ام عبد ذو ذي
"""
_PARTICLES: Final = frozenset(_BEFORE_A_NAME.split())
# What stands between two last names: Ortega y Gasset, Santos e Silva.
_BETWEEN: Final = frozenset({"e", "i", "und", "y"})
# What makes one name of two words.
_BEARERS: Final = frozenset({"abd", "abdul", "abdel", "abu", "abou", "umm", "um", "عبد", "أبو", "ابو", "أم", "ام"})
_SUFFIX: Final = re.compile(
    r"(?:jr|sr|ii|iii|iv|v|esq|phd|ph\.d|md|m\.d|dds|mba|ma|msc|bsc|ba|pe|cpa|rn)\.?|\(.*\)", re.IGNORECASE
)
# What stands in brackets is one word: (née Silva), (she/her).
_WORD: Final = re.compile(r"\([^()]*\)|\S+")


def split_name(text: str) -> tuple[str, str]:
    """
    Return (first name, last name) of a whole name; the last is "" for a single one.

    "Doe, Jane" and "الحربي، أحمد" name the last name first. Particles stay with their last name (Ludwig | van Beethoven,
    أحمد | عبد الله), suffixes too (Martin Luther | King Jr.).
    """
    parts = [part for part in map(one_line, _COMMAS.split(one_line(text))) if part]
    suffixes = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    rest = [part for part in parts[:1] if part] + [part for part in parts[1:] if not _SUFFIX.fullmatch(part)]
    if len(rest) > 1:
        return " ".join(rest[1:]), " ".join([rest[0], *suffixes])
    # What joins letters within a name is alone at the end of one that is parted there.
    first, last = map(one_line, _in_order(_WORD.findall(rest[0]) if rest else []))
    return first, " ".join(filter(None, [last, *suffixes]))


def _in_order(words: list[str]) -> tuple[str, str]:
    """Part a name written as it is spoken: the last word, with what belongs to it, is the last name."""
    if len(words) < 2:
        return " ".join(words), ""
    at = len(words) - 1
    if at > 1 and _SUFFIX.fullmatch(words[at]):
        at -= 1
    while at > 1 and (step := _belonging(words[:at])):
        at -= step
    if at == 1 and words[0].casefold() in _BEARERS:
        return " ".join(words), ""
    return " ".join(words[:at]), " ".join(words[at:])


def _belonging(before: Sequence[str]) -> int:
    """Return how many of the words before a last name belong to it; the first of all never does."""
    if before[-1].casefold() in _PARTICLES:
        return 1
    return 2 if len(before) > 2 and before[-1].casefold() in _BETWEEN else 0
