"""What may be typed about public pages. Pure."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from babel import Locale
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbell.door.models import LONGEST_ADDRESS

SHORTEST_ADDRESS: Final = 3
MOST_ORIGINS: Final = 20
# Hosts to which a browser reaches without a network: the one place where a page without https is nobody else's.
THIS_MACHINE: Final = ("localhost", "127.0.0.1")
# ISO 639: those in which lessons are given where this program is used, by number of speakers.
LANGUAGES: Final = (
    *("ar", "en", "ur", "fr", "tr", "id", "ms", "bn", "fa", "ps", "ku", "hi", "ha", "so", "sw", "am", "bs"),
    *("sq", "ru", "uz", "kk", "az", "zh", "es", "pt", "de", "nl", "it", "sv", "tl", "ta", "ml"),
)
_ADDRESS: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def checked_address(text: str) -> str:
    """
    Return the last part of a page's address as it is kept, in lower case. Raises ValueError with a sentence.

    Letters are a to z only: everybody can type them, and none is taken for another.
    """
    address = text.strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise ValueError(_("Use the letters a to z, digits, and single hyphens between them: amina-haddad."))
    if not SHORTEST_ADDRESS <= len(address) <= LONGEST_ADDRESS:
        said = {"fewest": SHORTEST_ADDRESS, "most": LONGEST_ADDRESS}
        raise ValueError(_("Use between %(fewest)s and %(most)s characters.") % said)
    return address


def proposed_address(name: str) -> str:
    """Return an address made of a name, "" where nothing of it can be written from a to z."""
    return slugify(name)[:LONGEST_ADDRESS].strip("-")


def checked_picture(text: str) -> str:
    """Return the address of a picture as it is kept, "" for none. Raises ValueError with a sentence."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        is_one = parts.scheme == "https" and _is_host(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        is_one = False
    if address and (not is_one or re.search(r"[\s\"'<>\\]", address)):
        raise ValueError(_("Write the whole address of the picture, beginning with https://."))
    return address


def checked_origin(text: str) -> str:
    """Return the origin of a site, `https://school.example`, without a path. Raises ValueError with a sentence."""
    written = text.strip()
    try:
        parts = urlsplit(written.lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in THIS_MACHINE)
    if (
        not is_safe
        or not _is_host(host)
        or parts.username
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise ValueError(
            _("“%(text)s” is no site: write one such as https://www.school.example.") % {"text": written[:80]}
        )
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def language_names() -> Mapping[str, str]:
    """Return the languages in which somebody may teach by their codes, named in the reader's language, in its order."""
    known = Locale.parse(get_language() or "en").languages
    named = {code: str(known.get(code, code)) for code in LANGUAGES}
    first = ("ar", "en")
    return {code: named[code] for code in (*first, *sorted(LANGUAGES, key=named.__getitem__)) if code in named}


def named_languages(codes: list[str]) -> list[str]:
    """Return what languages are called in the reader's, in the order given; an unknown one by its code."""
    names = language_names()
    return [names.get(code, code) for code in codes]


def _is_host(host: str | None) -> bool:
    return bool(host) and _HOST.fullmatch(host or "") is not None
