"""
The one door by which text comes in: from the API, pages, files, outside tokens and Zoom.

What one sees is what is kept. White space that breaks lines, control characters and characters that nobody can see are the
same for everybody after this, so that headers, calendars and lists never meet them. Pure: no database, no settings.
"""

import re
import unicodedata
from typing import Final

# Every character that ends a line somewhere, and the tab.
_BREAK: Final = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
# White space; a Braille pattern without dots is some, too.
_BLANKS: Final = re.compile(r"[\s\u2800]+")
_HALF: Final = re.compile("[\ud800-\udfff]")
# Controls; soft hyphen; zero width space; word joiner and what is invisible beside it; embeddings, overrides and isolates of
# bidirectional text; byte order mark; notes between lines; letters that are drawn as nothing (fillers of Hangul and Khmer);
# what Unicode keeps free for more of the kind; code points that are no characters, which no XML holds. Joiners (Persian,
# emoji), what chooses among pictures of a character, and the marks that only lean (LRM, RLM) stay in text.
_UNSEEN: Final = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x9f\xad\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
# What is seen only in what it joins, leans or varies: nothing at the ends, nothing alone.
_JOINERS: Final = "\u200c\u200d\u200e\u200f\u061c\u034f"
_VARIANTS: Final = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
_BLANK: Final = "\u2800"
_MANY_BREAKS: Final = re.compile(r"\n{4,}")


def one_line(text: str) -> str:
    """
    Return text as one line that can be kept and shown anywhere: any break or tab is a space, none at the ends, NFC.

    Never fails; what is no character becomes U+FFFD.
    """
    return unicodedata.normalize("NFC", unbroken(text))


def unbroken(text: str) -> str:
    """Return text as `one_line` does, but not normalised: for what is looked at before it is compared."""
    seen = _UNSEEN.sub("", _BREAK.sub(" ", _whole(text)))
    return _nothing_alone(_BLANKS.sub(" ", seen).strip(f" {_JOINERS}"))


def many_lines(text: str) -> str:
    r"""Return longer text in which every break is `\n`: tabs stay, breaks at the ends do not. Otherwise as `one_line`."""
    seen = _UNSEEN.sub("", _BREAK.sub("\n", _whole(text)))
    return _nothing_alone(unicodedata.normalize("NFC", _MANY_BREAKS.sub("\n\n\n", seen)).strip())


def identifier(text: str) -> str:
    """
    Return a word that is compared with others: as `one_line`, and without any character that cannot be seen.

    Where a character looks like ASCII, nothing is normalised: NFC itself would make a K of the Kelvin sign.
    """
    seen = "".join(char for char in unbroken(text) if not _is_hidden(char))
    return seen if any(map(looks_ascii, seen)) else unicodedata.normalize("NFC", seen)


def is_storable(text: str) -> bool:
    """Say whether a database keeps this text: no NUL, no half of a character. For those who are told rather than mended."""
    return "\0" not in text and _HALF.search(text) is None


def storable(text: str) -> str:
    """Return text with U+FFFD for what no database keeps, and otherwise as it is. For what nobody can be told to mend."""
    return _whole(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def looks_ascii(char: str) -> bool:
    """
    Say whether a character is not ASCII but becomes it somewhere: the Kelvin sign is k in lower case, a full-width a is a.

    Names that are compared must not hold such a character: two people could have "the same" one.
    """
    if char.isascii():
        return False
    forms = {char.lower(), char.upper(), char.casefold(), unicodedata.normalize("NFKC", char).casefold()}
    return any(form.isascii() or form[0].isascii() for form in forms)


def _nothing_alone(text: str) -> str:
    """Return "" for a text in which there is nothing to see."""
    return text if any(char != _BLANK and not char.isspace() and not _is_hidden(char) for char in text) else ""


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf"} or char in _JOINERS or _VARIANTS.fullmatch(char) is not None


def _whole(text: str) -> str:
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)
