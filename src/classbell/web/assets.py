"""The stylesheets as one file: written in pieces, asked for once, kept by browsers for good."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

CSS = Path(__file__).resolve().parent / "static" / "web" / "css"
# In this order: later ones refine earlier ones. What only one page needs is linked by that page.
SHEETS = (
    "fonts",
    "tokens",
    "base",
    "components",
    "sections",
    "floating",
    "forms",
    "tables",
    "sign-in",
    "week",
    "meeting",
    "zoom",
    "teachers",
    "bookings",
    "availability",
    "overview",
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
AROUND = re.compile(r" ?([{};,]) ?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stylesheet:
    """`name` changes with the content, so that browsers may keep it for good."""

    name: str
    plain: bytes
    compressed: bytes


def stylesheet() -> Stylesheet:
    """Return all sheets as one; read anew in development, where they change."""
    if settings.DEBUG:
        _joined.cache_clear()
    return _joined()


@lru_cache(maxsize=1)
def _joined() -> Stylesheet:
    text = "\n".join((CSS / f"{name}.css").read_text() for name in SHEETS)
    text = AROUND.sub(r"\1", SPACE.sub(" ", COMMENT.sub("", text)))
    # The sheets name files beside themselves; the joined one stands elsewhere.
    plain = text.replace("../../", static("")).encode()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Stylesheet(name=digest, plain=plain, compressed=gzip.compress(plain, 9, mtime=0))
