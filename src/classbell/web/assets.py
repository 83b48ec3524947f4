"""
Stylesheets and scripts as browsers get them: compressed, and under addresses that change with them, to be kept for good.

The stylesheets of all pages are one file. Scripts are modules that name each other, so that they stay files of one folder,
whose name changes with any of them.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

STATIC = Path(__file__).resolve().parent / "static" / "web"
CSS, JS = STATIC / "css", STATIC / "js"
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Stylesheet:
    """All sheets as one; `name` changes with the content."""

    name: str
    asset: Asset


@dataclass(frozen=True, kw_only=True, slots=True)
class Scripts:
    """All scripts by name, without ".js"; `version` changes with any of them."""

    version: str
    files: Mapping[str, Asset]


def stylesheet() -> Stylesheet:
    """Return all sheets as one; read anew in development, where they change."""
    if settings.DEBUG:
        _joined.cache_clear()
    return _joined()


def scripts() -> Scripts:
    """Return the scripts of all pages, and htmx; read anew in development, where they change."""
    if settings.DEBUG:
        _scripts.cache_clear()
    return _scripts()


@lru_cache(maxsize=1)
def _joined() -> Stylesheet:
    text = "\n".join((CSS / f"{name}.css").read_text() for name in SHEETS)
    text = AROUND.sub(r"\1", SPACE.sub(" ", COMMENT.sub("", text)))
    # The sheets name files beside themselves; the joined one stands elsewhere.
    plain = text.replace("../", static("web/")).encode()
    return Stylesheet(name=_name_of(plain), asset=_asset(plain))


@lru_cache(maxsize=1)
def _scripts() -> Scripts:
    sources = {file.stem: file.read_bytes() for file in sorted(JS.glob("*.js"))}
    sources["htmx"] = Path(str(finders.find(HTMX))).read_bytes()
    version = _name_of(b"\0".join(sources.values()))
    return Scripts(version=version, files={name: _asset(plain) for name, plain in sources.items()})


def _name_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _asset(plain: bytes) -> Asset:
    return Asset(plain=plain, compressed=gzip.compress(plain, 9, mtime=0))
