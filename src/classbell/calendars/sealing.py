"""Where a calendar is and what opens it, as it is stored: encrypted."""

import hashlib
import json
from typing import Final, cast

from classbell.calendars.models import ExternalCalendar
from classbell.calendars.troubles import CalendarTrouble, Trouble
from classbell.encryption import NotDecipherable, decrypt, encrypt

PURPOSE: Final = "external-calendars"


def sealed(secrets: dict[str, str]) -> bytes:
    """Return secrets by their names as they are stored."""
    return encrypt(json.dumps(secrets).encode(), purpose=PURPOSE)


def secrets_of(calendar: ExternalCalendar) -> dict[str, str]:
    """Return where a calendar is and what opens it. Raises CalendarTrouble when the secret key has changed."""
    try:
        return cast("dict[str, str]", json.loads(decrypt(bytes(calendar.sealed), purpose=PURPOSE)))
    except NotDecipherable as error:
        raise CalendarTrouble(Trouble.SECRET_UNREADABLE) from error


def digest_of(url: str, login: str) -> str:
    """Return by what a calendar is known again."""
    return hashlib.sha256(f"{url}\n{login}".encode()).hexdigest()
