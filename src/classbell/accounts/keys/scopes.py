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
    "history": _("History"),
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
