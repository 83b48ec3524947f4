"""
The stylesheets of all pages as one file, the scripts, and htmx, compressed.

Their addresses hold `settings.STATIC_VERSION`, as those of all static files do: browsers keep them for good. Scripts are
modules that name each other, so that they are served beside each other, whatever subject they belong to.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

# Comes with a package of its own; served beside our scripts, or it would go out uncompressed.
HTMX = "django_htmx/htmx-2.min.js"
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
class Asset:
    """A file, as it is and as gzip makes it."""

    plain: bytes
    compressed: bytes


def assets() -> Mapping[str, Asset]:
    """Return `site.css`, `htmx.js` and all scripts by name; read anew in development, where they change."""
    if settings.DEBUG:
        _assets.cache_clear()
    return _assets()


@lru_cache(maxsize=1)
def _assets() -> Mapping[str, Asset]:
    plain = {file.name: file.read_bytes() for folder in settings.STATIC_FOLDERS for file in folder.glob("js/*.js")}
    plain["htmx.js"] = Path(str(finders.find(HTMX))).read_bytes()
    plain["site.css"] = _joined_sheets()
    return {name: Asset(plain=it, compressed=gzip.compress(it, 9, mtime=0)) for name, it in plain.items()}


def sheet(name: str) -> str:
    """Return a style sheet of ours, whose name is without its ending."""
    return Path(str(finders.find(f"web/css/{name}.css"))).read_text()


def _joined_sheets() -> bytes:
    text = "\n".join(map(sheet, SHEETS))
    text = AROUND.sub(r"\1", SPACE.sub(" ", COMMENT.sub("", text)))
    # The sheets name files beside themselves; the joined one stands elsewhere.
    return text.replace("../", static("web/")).encode()
