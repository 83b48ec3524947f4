"""The words that pages no longer use, because another word is theirs: one word for each thing."""

import re
from collections.abc import Mapping
from typing import Final

# What stands for it now is beside each.
RETIRED: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        r"\bsittings?\b": "session",
        r"\boccurrences?\b": "session",
        r"\bhalak[ah]t?\b": "circle",
        r"\bcall(s|ed|ing)?( \w+){0,2} off\b": "cancel",
        r"\b(bring|bringing|brought) (\w+ ){0,2}in\b": "import",
        r"\bdays without classes\b": "holidays",
        r"\bas you wished\b": "as planned",
        r"\bseats?\b": "place",
        r"\bpupils?\b": "student",
        r"\bparents?\b": "guardian",
        r"\bnews\b": "notifications",
        r"\bverdicts?\b": "attendance",
        r"\bjudg(e|es|ed|ing)\b": "calculate",
        r"\bowe[sd]?\b": "make-up lesson",
    },
    "ar": {
        r"جلس(ة|ات|تان|تين)": "حصة",
        r"مقعد|مقاعد": "مكان",
        r"مدرّس|أستاذ": "معلّم",
        r"معلم": "معلّم",
        r"مستجدات": "إشعارات",
        r"ترخيص": "رخصة",
        r"زووم": "Zoom",
        r"أحكام|تُحكم|حُكمت": "الحضور",
    },
}
# What only the admins of a school hear of: what their licences at Zoom can do.
FOR_ADMINS: Final = r"\bhosts?\b|\b(Zoom: \d+|Zoom) calls?\b|\bcalls? to Zoom\b|مضيف|Zoom: (طلب|\d+ طلب)"


def retired(text: str, language: str) -> list[str]:
    """Return the retired words of a language in a text, each with the word to use."""
    return [
        f"{found[0]}: say {better}"
        for pattern, better in RETIRED[language].items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


def for_admins(text: str) -> list[str]:
    """Return the words in a text that are for admins only."""
    return [found[0] for found in re.finditer(FOR_ADMINS, text)]
