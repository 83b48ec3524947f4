"""What the reader's device says of itself: where it is, by the cookie that zone.js keeps."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from classbell.zones import clocks_differ, is_timezone, place_of

ZONE_COOKIE = "device_zone"
# A visitor's choice goes before what the device says.
CHOSEN_COOKIE = "zone_chosen"
LONGEST_NAME = 64
# Which timezone of the device somebody chose not to use.
KEPT_COOKIE = "zone_kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """A device whose clock shows something else than its owner's account: both timezones by name and city."""

    zone: str
    place: str
    account_place: str


def device_zone(request: HttpRequest) -> ZoneInfo | None:
    """Return the timezone of the reader's device, None while it is not known."""
    return _named(request, ZONE_COOKIE)


def visitor_zone(request: HttpRequest) -> ZoneInfo | None:
    """Return in which timezone a visitor reads: the one they chose, or else the device's; None while neither is known."""
    return _named(request, CHOSEN_COOKIE) or device_zone(request)


def elsewhere(request: HttpRequest, *, now: datetime) -> Elsewhere | None:
    """Return where a signed-in reader is, unless their account's clock shows the same or they chose to keep it."""
    zone, user = device_zone(request), request.user
    if zone is None or not user.is_authenticated or not clocks_differ(zone, user.zone, now):
        return None
    if unquote(request.COOKIES.get(KEPT_COOKIE, "")) == zone.key:
        return None
    return Elsewhere(zone=zone.key, place=place_of(zone), account_place=place_of(user.zone))


def _named(request: HttpRequest, cookie: str) -> ZoneInfo | None:
    name = unquote(request.COOKIES.get(cookie, ""))
    return ZoneInfo(name) if name and len(name) <= LONGEST_NAME and is_timezone(name) else None
