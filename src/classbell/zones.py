"""IANA timezones by name."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, get_global
from babel.dates import get_timezone_location
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def is_timezone(name: str) -> bool:
    """Say whether this is the name of a timezone that can be converted with."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as Europe.
        return False
    return True


def validate_timezone(name: str) -> None:
    """Refuse, in a form, what is no timezone. Raises Django's ValidationError."""
    if not is_timezone(name):
        raise ValidationError(_("Write an IANA timezone such as Europe/Lisbon."), code="timezone")


def place_of(zone: ZoneInfo) -> str:
    """Return the city a timezone is named for, in the reader's language: "Lisbon"; "UTC" for itself."""
    return _place(zone.key, get_language() or "en")


def current_place() -> str:
    """Return the city of the timezone in which times are shown just now."""
    return place_of(ZoneInfo(timezone.get_current_timezone_name()))


@lru_cache(maxsize=2_000)
def _place(name: str, language: str) -> str:
    if name in ("UTC", "Etc/UTC"):
        return "UTC"
    locale = Locale.parse(language, sep="-")
    # Translations keep a city under the name its zone had first, such as Asia/Calcutta.
    for known in (name, *_former_names().get(name, ())):
        city = locale.time_zones.get(known, {}).get("city")
        if city:
            return str(city)
    return get_timezone_location(ZoneInfo(name), locale=locale, return_city=True)


@lru_cache(maxsize=1)
def _former_names() -> Mapping[str, Sequence[str]]:
    names: dict[str, list[str]] = {}
    for former, name in get_global("zone_aliases").items():
        names.setdefault(name, []).append(former)
    return names
