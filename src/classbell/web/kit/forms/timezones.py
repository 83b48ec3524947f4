"""Choosing a timezone by region and city, in the reader's language."""

from functools import lru_cache
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from classbell.zones import is_timezone, nearest_timezone, place_of

UTC: Final = "UTC"
REGIONS: Final = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}

Choices = list[tuple[str, str | list[tuple[str, str]]]]


class TimezoneField(forms.ChoiceField):
    """An IANA timezone. Names that stand for another one are left out, but one that is kept already stays."""

    def __init__(self, *, kept: str = "", **options: Any) -> None:
        offered = _offered(get_language() or "en")
        known = {name for _region, cities in offered if isinstance(cities, list) for name, _city in cities} | {UTC}
        if kept and kept not in known and is_timezone(kept):
            offered = [(kept, kept), *offered]
        super().__init__(choices=offered, **options)

    def validate(self, value: Any) -> None:
        """Refuse what is not on the list, with the name that was probably meant."""
        if value and not self.valid_value(value) and (nearest := nearest_timezone(str(value))):
            raise forms.ValidationError(_("Did you mean %(name)s?") % {"name": nearest}, code="timezone")
        super().validate(value)


def searchable_timezones() -> list[tuple[str, str]]:
    """Return every timezone that is offered as (IANA name, city in the reader's language)."""
    offered = _offered(get_language() or "en")
    return [place for _region, cities in offered if isinstance(cities, list) for place in cities]


@lru_cache(maxsize=8)
def _offered(language: str) -> Choices:
    """Return the choices for a language: UTC, then every region with its cities, each by name."""
    zones = sorted(available_timezones() & get_global("zone_territories").keys())
    placed = [name for name in zones if name.partition("/")[0] in REGIONS]
    regions: Choices = [
        (
            str(REGIONS[region]),
            sorted(((name, place_of(ZoneInfo(name))) for name in names), key=lambda one: one[1]),
        )
        for region, names in groupby(placed, key=lambda name: name.partition("/")[0])
    ]
    return [(UTC, _("Universal time (UTC)")), *sorted(regions, key=lambda one: one[0])]
