"""The design system on one page: every token and every part, light, dark and from right to left."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbell.accounts.models import User
from classbell.accounts.permissions import allowed
from classbell.fields import LineField, TextField
from classbell.meetings.periods import Period
from classbell.web.kit.assets import sheet
from classbell.web.kit.charts.day_strip import day_marks
from classbell.web.kit.charts.timeline import bars_for, scale_for
from classbell.web.kit.presenters.members import Member, Members, WayOut
from classbell.web.kit.requests import PersonRequest

TOKEN = re.compile(r"^  --([\w-]+): (.+);$", re.MULTILINE)
SAMPLE_DAY = datetime(2027, 3, 1, tzinfo=ZoneInfo("Europe/Lisbon"))
OTHERS = {"radius", "press", "press-small", "press-least", "float", "quick", "measure", "page"}
STATES = ("ok", "wait", "bad", "off", "now")


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A value that everything else is made of, as it is written in the sheet."""

    name: str
    value: str


def may_see_styleguide(user: User) -> bool:
    """Admins; in development everybody who is signed in."""
    return user.is_admin or settings.DEBUG


@require_safe
@allowed(may_see_styleguide)
def styleguide(request: PersonRequest) -> HttpResponse:
    """The page that designers and developers keep open."""
    tokens = [Token(name=name, value=value) for name, value in TOKEN.findall(_first_block())]
    context = {
        "colours": [token for token in tokens if token.value.startswith(("light-dark(#", "#"))],
        "sizes": [token for token in tokens if token.name.startswith("size-")],
        "spaces": [token for token in tokens if re.fullmatch(r"s\d+", token.name)],
        "others": [token for token in tokens if token.name in OTHERS],
        "panes": list(_panes(request)),
    }
    return render(request, "styleguide/page.html", context)


def _panes(request: PersonRequest) -> Iterator[Mapping[str, object]]:
    """Yield what each column shows: the same parts in the reader's language twice, then in Arabic."""
    language = translation.get_language() or "en"
    for name, theme, spoken in (("light", "light", language), ("dark", "dark", language), ("rtl", "light", "ar")):
        with translation.override(spoken):
            yield {
                "name": name,
                "theme": theme,
                "language": spoken,
                "direction": "rtl" if spoken == "ar" else "ltr",
                "samples": _samples(name, request.user),
            }


def _samples(name: str, person: User) -> Mapping[str, object]:
    form = SampleForm({"name": "", "day": "2", "agree": "on"}, prefix=name)
    form.is_valid()
    starts_at = SAMPLE_DAY.replace(hour=17)
    occurrence = Period(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=60))
    stays = [_period(occurrence, 12, 30), _period(occurrence, 34, 52)]
    scale = scale_for(occurrence)
    return {
        "form": form,
        "person": person,
        "states": [(kind, word) for kind, word in zip(STATES, _state_words(), strict=True)],
        "starts_at": occurrence.starts_at,
        "ends_at": occurrence.ends_at,
        "elsewhere": SimpleNamespace(
            other_zone=ZoneInfo("Asia/Riyadh"),
            other_place=_("Riyadh"),
            starts_at=occurrence.starts_at,
            ends_at=occurrence.ends_at,
        ),
        "members": _members(person),
        "card": SimpleNamespace(rating=4.6, rating_count=12),
        "days": [_day(number) for number in range(7)],
        "line": SimpleNamespace(
            bars=bars_for(stays, occurrence=occurrence, scale=scale),
            picture=_("12 minutes late, gone from 17:30 to 17:34, left 8 minutes early."),
        ),
        "begins_at": scale.at(occurrence.starts_at),
        "lasts": scale.bar(occurrence, "counted").size,
        "tabs": [
            SimpleNamespace(url="#tabs", word=_("Upcoming"), is_here=True),
            SimpleNamespace(url="#tabs", word=_("Past"), is_here=False),
        ],
    }


def _members(person: User) -> Members:
    """Return a list of one person who may be taken out."""
    out = WayOut(url="#members", words=_("Take %(name)s out of the class") % {"name": person.name})
    member = Member(person=person, email=person.address, way_out=out)
    return Members(page=Paginator([member], 1).page(1), lines=[member])


def _state_words() -> list[str]:
    return [_("On time"), _("Zoom is working on it"), _("Did not work"), _("Cancelled"), _("Now")]


def _period(occurrence: Period, begin: int, end: int) -> Period:
    return Period(
        starts_at=occurrence.starts_at + timedelta(minutes=begin), ends_at=occurrence.starts_at + timedelta(minutes=end)
    )


def _day(number: int) -> SimpleNamespace:
    """Return a day of the sample week: one lesson a day, a second on every third, none on the last."""
    zone = ZoneInfo("Europe/Lisbon")
    day = SAMPLE_DAY.date() + timedelta(days=number)
    lessons = [(9 + number, number == 3)] * (number < 6) + [(18, False)] * (number % 3 == 0)
    periods = [
        (
            datetime(day.year, day.month, day.day, hour, tzinfo=zone),
            datetime(day.year, day.month, day.day, hour + 2, tzinfo=zone),
            off,
        )
        for hour, off in lessons
    ]
    return SimpleNamespace(
        date=day,
        is_today=number == 2,
        is_past=number < 2,
        occurrences=periods,
        now_at=46 if number == 2 else None,
        marks=day_marks(periods, day=day, zone=zone),
    )


def _first_block() -> str:
    """Return the sheet of tokens up to its first `}`: what holds for both themes."""
    return sheet("tokens").partition("}")[0]


class SampleForm(forms.Form):
    """One field of each kind; the first is left empty to show its error."""

    name = LineField(help_text="–")
    day = forms.ChoiceField(choices=[("1", "1"), ("2", "2")])
    note = TextField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    agree = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, str], *, prefix: str) -> None:
        super().__init__({f"{prefix}-{name}": value for name, value in data.items()}, prefix=prefix)
        texts = {"name": _("Name"), "day": _("Weekday"), "note": _("Note"), "agree": _("Every week")}
        for field, label in texts.items():
            self.fields[field].label = label
        self.fields["name"].help_text = _("As it stands on the class list.")
