"""Where a meeting is held instead of at Zoom: an address on the web, or a room in words."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from classbell.errors import DomainError
from classbell.meetings.models.meeting import LONGEST_LOCATION
from classbell.text import one_line

ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)


class LocationRefused(DomainError):
    """What was typed is no address that a browser opens safely, or too long."""

    code = "bad_location"

    def __init__(self, message: str) -> None:
        super().__init__(message, details=[{"field": "location", "message": message}])


def checked_location(text: str) -> str:
    """
    Return a place as it is kept, "" for Zoom: on one line, an address with its `https://` or `http://`.

    Raises LocationRefused for other addresses, such as `file:`, for those with a password in them, and for what is too long.
    """
    place = one_line(text).strip()
    if place.lower().startswith("www."):
        place = f"https://{place}"
    if len(place) > LONGEST_LOCATION:
        raise LocationRefused(_("Say where it is held in %(most)s characters at most.") % {"most": LONGEST_LOCATION})
    if ADDRESS.match(place):
        scheme, rest = place.split(":", 1)
        place = f"{scheme.lower()}:{rest}"
        if not _opens_safely(place):
            raise LocationRefused(
                _("This address cannot be opened: give one that begins with https://, or name a room in words.")
            )
    return place


def _opens_safely(address: str) -> bool:
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and has_host and not parts.username and " " not in address
