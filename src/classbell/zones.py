"""IANA timezones by name."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import get_timezone_location
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# "GMT+3": no zone, as it says nothing of summer time; and Etc/GMT+3 is the other way round, six hours off.
_OFFSET: Final = re.compile(r"(?:utc|gmt|z)?\s*[+\-−]?\s*\d{1,2}(?::?\d{2})?", re.IGNORECASE)
# Names that a system's database has beside the zones: they mean something else on every machine, or nothing.
_NO_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})


@cache
def timezones() -> frozenset[str]:
    """Return the name of every timezone that is one everywhere."""
    return frozenset(available_timezones() - _NO_ZONES)


def is_timezone(name: str) -> bool:
    """Say whether this is the name of a timezone, written as IANA does."""
    return name in timezones()


def nearest_timezone(name: str) -> str:
    """Return the timezone that was probably meant, "" when that is anybody's guess."""
    by_name = _by_lower_name()
    if _OFFSET.fullmatch(name.strip()[:64]):
        return ""
    wanted = name.strip().lower().replace(" ", "_").removeprefix("posix/").removeprefix("right/")[:64]
    if wanted in by_name:
        return by_name[wanted]
    windows: str | None = get_global("windows_zone_mapping").get(name.strip())
    if windows:
        return windows
    close = get_close_matches(wanted, by_name, n=1, cutoff=0.8)
    return by_name[close[0]] if close else ""


def what_is_wrong(name: str) -> str:
    """Return a sentence, without its subject, for what is no timezone."""
    if nearest := nearest_timezone(name):
        return _("must be an IANA timezone. Did you mean %(name)s?") % {"name": nearest}
    return _("must be an IANA timezone such as Europe/Lisbon")


def validate_timezone(name: str) -> None:
    """Refuse, in a form, what is no timezone. Raises Django's ValidationError."""
    if not is_timezone(name):
        nearest = nearest_timezone(name)
        text = _("Did you mean %(name)s?") % {"name": nearest} if nearest else ""
        raise ValidationError(
            (_("Write an IANA timezone such as Europe/Lisbon.") + f" {text}").strip(), code="timezone"
        )


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
    return get_timezone_location(ZoneInfo(name), locale=locale, return_city=True) if is_timezone(name) else name


@lru_cache(maxsize=1)
def _former_names() -> Mapping[str, Sequence[str]]:
    names: dict[str, list[str]] = {}
    for former, name in get_global("zone_aliases").items():
        names.setdefault(name, []).append(former)
    return names


@cache
def _by_lower_name() -> dict[str, str]:
    """Return the zones by name in lower case, and by city; a whole name goes before a city, a place before its alias."""
    names = sorted(timezones(), key=lambda name: ("/" in name, name), reverse=True)
    cities = {name.rpartition("/")[2].lower(): name for name in sorted(timezones(), reverse=True) if "/" in name}
    return cities | {name.lower(): name for name in names}


def clocks_differ(one: ZoneInfo, other: ZoneInfo, *moments: datetime) -> bool:
    """Return whether two timezones show different clocks at any of these moments."""
    return any(moment.astimezone(one).utcoffset() != moment.astimezone(other).utcoffset() for moment in moments)
