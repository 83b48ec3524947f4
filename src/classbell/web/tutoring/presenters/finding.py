"""Finding a teacher: what one can ask for, what was asked for in words, and how to take each of it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.bookings.finding import Part, Price, Wanted
from classbell.bookings.models import LessonKind, TeacherSettings
from classbell.bookings.queries import teachers
from classbell.door.models import PublicTeacher
from classbell.door.values import language_names
from classbell.money import price_in_words
from classbell.web.kit.labels import WEEKDAYS, in_week_order

FREE: Final = "free"
PARTS: Final[Mapping[Part, Promise]] = {
    Part.MORNING: gettext_lazy("In the morning, until 12:00"),
    Part.AFTERNOON: gettext_lazy("In the afternoon, 12:00 to 17:00"),
    Part.EVENING: gettext_lazy("In the evening, from 17:00"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One that can be chosen, as an address writes it."""

    value: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Select:
    """Something to choose in the form; `any_word` is chosen by who does not care."""

    name: str
    label: str
    any_word: str
    choices: Sequence[Choice]


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """What was asked for, and the address of the same without it."""

    word: str
    url: str


def selects_for(asked: Mapping[str, str]) -> list[Select]:
    """Return what can be chosen, with what was; nothing of which there is only one answer. Three statements."""
    offered = [
        ("subject", _("Subject"), _("All subjects"), {one: one for one in _subjects()}),
        ("language", _("Language"), _("Any language"), _languages()),
        ("price", _("Price of a lesson"), _("Any price"), _prices()),
        ("weekday", _("Free on"), _("Any day"), {str(day): str(WEEKDAYS[day]) for day in in_week_order(range(7))}),
        ("part", _("Time of day"), _("Any time"), {part.value: str(word) for part, word in PARTS.items()}),
    ]
    return [
        Select(
            name=name,
            label=label,
            any_word=any_word,
            choices=[Choice(value=key, word=word, is_chosen=key == asked[name]) for key, word in words.items()],
        )
        for name, label, any_word, words in offered
        if words
    ]


def removals_of(asked: Mapping[str, str], selects: Sequence[Select]) -> list[Removal]:
    """Return what was asked for, each with the address without it; of what nobody offers the words that were typed."""
    labels = {one.name: one.label for one in selects} | {"q": _("Name or word")}
    words = {one.name: choice.word for one in selects for choice in one.choices if choice.is_chosen}
    return [
        Removal(
            word=f"{labels.get(name, name)}: {words.get(name, value)}",
            url="?" + urlencode({other: text for other, text in asked.items() if text and other != name}),
        )
        for name, value in asked.items()
        if value
    ]


def wanted_of(asked: Mapping[str, str], zone: ZoneInfo) -> Wanted:
    """Return what an address asks for; what nobody can mean is left out of it before, by the form."""
    return Wanted(
        search=asked["q"],
        subject=asked["subject"],
        language=asked["language"],
        price=_price(asked["price"]),
        weekday=int(asked["weekday"]) if asked["weekday"] else None,
        part=Part(asked["part"]) if asked["part"] else None,
        zone=zone,
    )


def _price(text: str) -> Price | None:
    if not text:
        return None
    if text == FREE:
        return Price(at_most=0)
    amount, _dash, currency = text.partition("-")
    return Price(at_most=int(amount), currency=currency)


def _subjects() -> list[str]:
    """Return every subject that some teacher teaches. One query."""
    lists = TeacherSettings.objects.filter(teacher__in=teachers().values("pk")).values_list("subjects", flat=True)
    return sorted({subject for subjects in lists for subject in subjects}, key=str.casefold)


def _languages() -> dict[str, str]:
    lists = PublicTeacher.objects.filter(teacher__is_active=True).order_by().values_list("languages", flat=True)
    spoken = {code for codes in lists for code in codes}
    return {code: name for code, name in language_names().items() if code in spoken}


def _prices() -> dict[str, str]:
    """Return the prices of what is offered, the lowest of each currency first; none where nothing has a price."""
    rows = LessonKind.objects.offered().order_by("currency", "price").values_list("price", "currency").distinct()
    found = list(rows)
    priced = {f"{price}-{currency}": (price, currency) for price, currency in found if price}
    if not priced:
        return {}
    free = {FREE: _("Free of charge")} if len(priced) < len(found) else {}
    text = _("Up to %(price)s")
    return free | {key: text % {"price": price_in_words(*one)} for key, one in priced.items()}
