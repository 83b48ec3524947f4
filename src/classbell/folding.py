"""
One spelling for what people type in several: case, accents, Arabic vowels and hamzas, letters that are typed one for the
other, and the space in names such as عبد الله make no difference.

The database has the same as a function, `classbell_folded`, which looks through what is kept; a test holds the two together.
"""

import re
import unicodedata
from typing import Final

_PAIRS: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_SINGLE: Final = (
    "ٱىیېةەہھکڪøłđıð٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹",
    "ايييههههككoldid01234567890123456789",
)
_LETTERS: Final = str.maketrans(dict(zip(*_SINGLE, strict=True)) | _PAIRS)
_MARKS: Final = re.compile(
    "['`\u2018\u2019\u02bc\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u200b-\u200f]"
)
# Servant of, father of: the name that follows is written beside them or apart.
_BEGUN_NAME: Final = re.compile(r"(?<!\S)(عبد|ابو|ابا|ابي)\s+")


def folded(text: str) -> str:
    """Return a text as it is compared, in any spelling of it the same."""
    plain = unicodedata.normalize("NFKD", text).lower()
    return _BEGUN_NAME.sub(r"\1", _MARKS.sub("", plain).translate(_LETTERS))
