"""Whether a kind of lesson can be like that: each column that is named, with what to do where it cannot."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from classbell.bookings.kinds.errors import KindRefused
from classbell.bookings.kinds.questions import checked_questions
from classbell.bookings.models import ChosenBy, LessonKind, OpenTo
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.models.kind import MOST_PRICE, MOST_SEATS
from classbell.bookings.models.settings import MOST_BUFFER_MINUTES, MOST_NOTICE_MINUTES
from classbell.meetings.meeting_settings.catalogue import merged
from classbell.meetings.meeting_settings.checks import SettingsRefused, checked
from classbell.meetings.meeting_settings.inherited import below, defaults_of
from classbell.meetings.models import SettingsOf

MOST_LENGTHS: Final = 10
ADDRESS: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
WHOLE_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "price": (0, MOST_PRICE),
    "seats": (1, MOST_SEATS),
    "min_notice_minutes": (0, MOST_NOTICE_MINUTES),
    "buffer_minutes": (0, MOST_BUFFER_MINUTES),
    "place": (0, 30_000),
}
MAY_BE_NONE: Final = frozenset({"price", "min_notice_minutes", "buffer_minutes"})


def checked_columns(kind: LessonKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a kind that are named, as they are kept. Raises KindRefused with all that is wrong."""
    kept: dict[str, Any] = dict(given)
    refused = _numbers_refused(given) | _words_refused(given) | _price_refused(kind, given)
    if "minutes" in given:
        kept["minutes"] = sorted(set(given["minutes"]))
        refused |= _lengths_refused(kept["minutes"])
    if "questions" in given:
        kept["questions"] = checked_questions(given["questions"], refused)
    if "meeting_settings" in given:
        kept["meeting_settings"] = _settings(given["meeting_settings"], refused)
    if refused:
        raise KindRefused(refused)
    return kept


def _numbers_refused(given: Mapping[str, Any]) -> dict[str, str]:
    refused = {}
    for name, (least, most) in WHOLE_NUMBERS.items():
        value = given.get(name, least)
        if not (value is None and name in MAY_BE_NONE) and not _is_within(value, least, most):
            refused[name] = _("must be a whole number from %(least)s to %(most)s") % {"least": least, "most": most}
    return refused


def _words_refused(given: Mapping[str, Any]) -> dict[str, str]:
    refused = {}
    if "name" in given and not str(given["name"]).strip():
        refused["name"] = _("say what it is called")
    if "address" in given and not ADDRESS.fullmatch(given["address"]):
        refused["address"] = _("small letters a to z, digits, and hyphens between them")
    if given.get("colour") and not COLOUR.fullmatch(given["colour"]):
        refused["colour"] = _("must be as #1a73e8")
    for name, choices in (("open_to", OpenTo), ("chosen_by", ChosenBy)):
        if name in given and given[name] not in choices.values:
            refused[name] = _("must be one of %(choices)s") % {"choices": ", ".join(choices.values)}
    return refused


def _price_refused(kind: LessonKind, given: Mapping[str, Any]) -> dict[str, str]:
    price, currency = given.get("price", kind.price), given.get("currency", kind.currency)
    if currency and not CURRENCY.fullmatch(currency):
        return {"currency": _("three letters, such as EUR or SAR")}
    if price and price > 0 and not currency:
        return {"currency": _("say in which currency the price is, such as EUR or SAR")}
    return {}


def _is_within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _lengths_refused(minutes: Sequence[int]) -> dict[str, str]:
    fit = all(_is_within(one, SHORTEST_MINUTES, LONGEST_MINUTES) for one in minutes)
    if fit and 1 <= len(minutes) <= MOST_LENGTHS:
        return {}
    return {
        "minutes": _("name 1 to %(most)s lengths, each of %(shortest)s to %(longest)s minutes")
        % {"most": MOST_LENGTHS, "shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
    }


def _settings(values: Mapping[str, Any], refused: dict[str, str]) -> dict[str, Any]:
    inherited = merged(below(SettingsOf.LESSONS), defaults_of(SettingsOf.LESSONS))
    try:
        kept = checked(values, inherited=inherited)
    except SettingsRefused as error:
        refused |= {f"meeting_settings.{name}": message for name, message in error.refused.items()}
        return {}
    return {name: value for name, value in kept.items() if value is not None}
