"""
One spelling for what people type in several: case, accents, Arabic vowels and hamzas, letters that are typed one for the
other, and the space in names such as عبد الله and نور الدين make no difference.

The database has the same as a function, `classbell_folded`, which looks through what is kept; a test holds the two together.
"""

import re
import unicodedata
from typing import Final

_PAIRS: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_SINGLE: Final = (
    "ٱٲٳىیېےةەہھۃکڪگپچڤøłđıðς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹",
    "اااييييهههههكككبجفoldidσ01234567890123456789",
)
_LETTERS: Final = str.maketrans(dict(zip(*_SINGLE, strict=True)) | _PAIRS)
# A hamza without a seat is among them: شيماء is typed شيما, and هانئ also هانىء.
_MARKS: Final = re.compile(
    "['`\u2018\u2019\u02b9-\u02bf\u0300-\u036f\u0610-\u061a\u0621\u0640\u064b-\u065f\u0670\u0674\u06d6-\u06dc\u06df-\u06e8"
    "\u06ea-\u06ed\u200b-\u200f]"
)
# Servant of, father of, mother of: the name that follows is written beside them or apart; of the faith, of God: beside the
# name before them or apart.
_IN_TWO_WORDS: Final = re.compile(r"(?<!\S)(عبد|ابو|ابا|ابي|ام)\s+|\s+(الدين|الله)(?!\S)")


def folded(text: str) -> str:
    """Return a text as it is compared, in any spelling of it the same."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text).lower()).translate(_LETTERS)
    # Written once or twice: داود is داوود.
    return _IN_TWO_WORDS.sub(r"\1\2", plain).replace("وو", "و").replace("يي", "ي")
