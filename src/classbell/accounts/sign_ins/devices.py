"""
Devices: what one calls itself, in words; and which ones somebody has signed in on before, by a signed cookie.

A known device counts failures of its own, so that nobody's guesses elsewhere keep its owner out. The cookie lets nobody in
and gives nobody more guesses than a stranger has.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from classbell.accounts.sign_in_models import LONGEST_AGENT
from classbell.clients import address_of
from classbell.text import one_line

COOKIE: Final = "device"
SALT: Final = "classbell.accounts.devices"
KNOWN_FOR: Final = timedelta(days=365)
# A computer of a family or a library: the latest so many are remembered.
MOST_PEOPLE: Final = 8

# What stands in the name that a browser gives itself; the telling ones first, for most also say Chrome and Safari.
BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM: Final = re.compile(r"^([A-Za-z][\w.+-]{0,39})(?:/|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """What a request says of where it came from. `id` is "" without a good cookie; `people` are those known on it."""

    agent: str = ""
    address: str = ""
    id: str = ""
    people: tuple[UUID, ...] = ()


def device_of(request: HttpRequest) -> Device:
    """Return where a request came from."""
    agent = one_line(request.META.get("HTTP_USER_AGENT", ""))[:LONGEST_AGENT]
    said = _read(request.COOKIES.get(COOKIE, ""))
    return Device(agent=agent, address=address_of(request)[:64], id=said[0], people=said[1])


def in_words(agent: str) -> str:
    """Return what a device calls itself as people would, "Firefox, Windows"; browsers may say what they like."""
    browser = next((name for sign, name in BROWSERS if f"{sign}/" in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    if browser and system:
        return _("%(browser)s, %(system)s") % {"browser": browser, "system": system}
    program = _PROGRAM.match(agent)
    if not (browser or system) and program and program[1] != "Mozilla":
        return program[1]
    return browser or system or _("Unknown device")


def remember(request: HttpRequest, response: HttpResponse, user_id: UUID) -> None:
    """Let this device be known as one on which somebody has signed in."""
    known = device_of(request)
    people = [user_id, *(one for one in known.people if one != user_id)][:MOST_PEOPLE]
    said = {"id": known.id or secrets.token_urlsafe(12), "people": [one.hex for one in people]}
    response.set_cookie(
        COOKIE,
        signing.dumps(said, salt=SALT),
        max_age=KNOWN_FOR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _read(cookie: str) -> tuple[str, tuple[UUID, ...]]:
    if not cookie:
        return "", ()
    try:
        said = signing.loads(cookie, salt=SALT, max_age=KNOWN_FOR)
        return str(said["id"]), tuple(UUID(one) for one in said["people"])
    except (signing.BadSignature, LookupError, TypeError, ValueError):
        return "", ()
