"""What an API key may be given: reading and writing, part by part."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

READ: Final = "read"
WRITE: Final = "write"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

# Each part of the API, and what pages call it. Which paths belong to it stands in `config/key_scopes.py`.
PARTS: Final = {
    "bookings": _("Lessons and bookings"),
    "halakat": _("Circles"),
    "courses": _("Courses and their sessions"),
    "classes": _("Classes and their members"),
    "meetings": _("Meetings and Zoom"),
    "attendance": _("Attendance and reports"),
    "holidays": _("Holidays"),
    "earnings": _("Hours taught, and what they are paid"),
    "people": _("People and their accounts"),
    "payments": _("Offers and payments"),
    "webhooks": _("Webhooks"),
    "history": _("History"),
}
# What may be done with a part, by the ways in the order in which scopes are kept.
WAYS: Final = {
    READ: _("Read"),
    f"{READ} {WRITE}": _("Read and change"),
    WRITE: _("Change without reading"),
}
# Nobody writes history.
SCOPES: Final = tuple(f"{part}:{way}" for part in PARTS for way in (READ, WRITE) if (part, way) != ("history", WRITE))


def scope_for(part: str, method: str) -> str:
    """Return the scope that a request to a part needs."""
    return f"{part}:{READ if method.upper() in READING else WRITE}"


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return scopes once each, in the order of SCOPES."""
    wanted = set(scopes)
    return [scope for scope in SCOPES if scope in wanted]


def may(scopes: Iterable[str]) -> list[tuple[str, str]]:
    """Return each part of which anything may be done and what that is, both in words."""
    given = set(scopes)
    ways = {part: " ".join(way for way in (READ, WRITE) if f"{part}:{way}" in given) for part in PARTS}
    return [(str(PARTS[part]), str(WAYS[those])) for part, those in ways.items() if those]
