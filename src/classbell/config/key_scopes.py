"""
Which scope an API key needs for which path, in one table: `tests/config/test_key_scopes.py` reads it beside the OpenAPI
document, in which it is shown for each operation.
"""

import re
from typing import Final

from classbell.accounts.keys.scopes import scope_for

# What is about the person who asks, and nothing that a program could be: their sign-in, their calendars, what they attend
# themselves; and the keys, by which no key may make another.
OF_PEOPLE: Final = (
    r"/api/auth/.*",
    r"/api/keys(/.*)?",
    r"/api/calendar(/.*)?",
    r"/api/calendars/external(/.*)?",
    r"/api/bookings/bookings/(my|credits)",
    r"/api/zoom/meetings/[^/]+/join",
    r"/api/zoom/meetings/[^/]+/attendance/objection",
    r"/api/v1/halaka/[^/]+/(join|leave)",
    r"/api/places(/.*)?",
    r"/api/v1/zoom/signature",
    # How people are told is theirs, and what holds for whoever chooses nothing an admin's.
    r"/api/school/notifications",
    # What opens accounts at Zoom goes in by hand.
    r"/api/zoom/(accounts|own)(/.*)?",
    # Everything there is about a person, and its end: people decide that.
    r"/api/(me/.*|exports/[^/]+|people/[^/]+/(export|erase))",
)

# The first that fits says to which part a path belongs.
PARTS_BY_PATH: Final = (
    (r"/api/audit", "history"),
    (r"/api/(bookings|balances|kinds)(/.*)?", "bookings"),
    (r"/api/(courses|sessions|zoom/sessions)(/.*)?", "courses"),
    (r"/api/excuses(/.*)?", "attendance"),
    (r"/api/v1/halaka(/.*)?", "halakat"),
    (r"/api/zoom/meetings/[^/]+/(attendance|participants|runs)(/.*)?", "attendance"),
    (r"/api/zoom/(reports|attendance-policy|classes/[^/]+/attendance-policy)", "attendance"),
    (r"/api/zoom/(meeting-settings(/lessons)?|classes/[^/]+/meeting-settings)", "meetings"),
    (r"/api/zoom/classes(/.*)?", "classes"),
    (r"/api/(recordings/.*|zoom/meetings/[^/]+/recordings)", "meetings"),
    (r"/api/zoom/(meetings|status)(/.*)?", "meetings"),
    (r"/api/v1/zoom/zak-token", "meetings"),
    (r"/api/holidays(/.*)?", "holidays"),
    (r"/api/people(/.*)?", "people"),
    (r"/api/teachers(/.*)?", "earnings"),
    (r"/api/(offers|purchases)(/.*)?", "payments"),
    (r"/api/webhooks(/.*)?", "webhooks"),
)

_OF_PEOPLE: Final = re.compile("|".join(OF_PEOPLE))
_PARTS: Final = [(re.compile(path), part) for path, part in PARTS_BY_PATH]


def scope_of(method: str, path: str) -> str | None:
    """
    Return the scope that a key needs for an operation, None where no key is let in.

    `path` is one that was asked for or, with its parameters in braces, one of the OpenAPI document; without a slash at its
    end. What the table does not know is for people alone.
    """
    if _OF_PEOPLE.fullmatch(path):
        return None
    part = next((part for pattern, part in _PARTS if pattern.fullmatch(path)), None)
    return scope_for(part, method) if part else None
