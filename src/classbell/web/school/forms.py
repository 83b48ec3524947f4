"""What is typed about the school's programs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from classbell.accounts.keys.schemas import LONGEST_NAME
from classbell.accounts.keys.scopes import PARTS, READ, SCOPES, WAYS, WRITE
from classbell.fields import LineField
from classbell.hooks.events import EVENTS
from classbell.hooks.models import LONGEST_DESCRIPTION, LONGEST_URL
from classbell.web.kit.forms.asked_text import AskedTextForm

A_YEAR: Final = 365
LASTS: Final = (
    (30, _("30 days")),
    (90, _("90 days")),
    (A_YEAR, _("One year")),
    (0, _("Until it is ended")),
)
NOTHING: Final = ""
CHOICES: Final = {NOTHING: _("Nothing")} | {ways: WAYS[ways] for ways in (READ, f"{READ} {WRITE}")}


class KeyForm(forms.Form):
    """A program: what it is called, for how long, and what it may do with each part."""

    name = LineField(
        label=_("Name of the program"),
        help_text=_("Such as “Timetable” or “School website”. History names it."),
        max_length=LONGEST_NAME,
    )
    lasts = forms.TypedChoiceField(label=_("Good for"), choices=LASTS, coerce=int, initial=A_YEAR)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, word in PARTS.items():
            ways = [(ways, said) for ways, said in CHOICES.items() if _scopes(part, ways) <= set(SCOPES)]
            self.fields[part] = forms.ChoiceField(label=word, choices=ways, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse a key that could do nothing."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.scopes():
            raise forms.ValidationError(_("Let it do something: choose for at least one part what it may."))
        return cleaned

    def parts(self) -> Iterator[BoundField]:
        """Yield the field of each part."""
        return (self[part] for part in PARTS)

    def scopes(self) -> list[str]:
        """Return what was chosen, as scopes."""
        chosen = {scope for part in PARTS for scope in _scopes(part, self.cleaned_data.get(part, NOTHING))}
        return [scope for scope in SCOPES if scope in chosen]

    def expires_at(self, now: datetime) -> datetime | None:
        """Return when the key ends by itself; None for never."""
        days: int = self.cleaned_data["lasts"]
        return now + timedelta(days=days) if days else None


class WebhookForm(forms.Form):
    """An address, what it is, and of which events it is told."""

    url = LineField(
        label=_("Address"),
        help_text=_("Where the program takes webhooks in, such as https://school.example/classbell."),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off"}),
    )
    description = LineField(
        label=_("What it is"),
        help_text=_("Such as “Guardians’ portal”."),
        max_length=LONGEST_DESCRIPTION,
        required=False,
    )
    events = forms.MultipleChoiceField(
        label=_("What it is told"),
        choices=[(name, event.words) for name, event in EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )


def _scopes(part: str, ways: str) -> set[str]:
    return {f"{part}:{way}" for way in ways.split()}


class ConsentForm(AskedTextForm):
    """What people are asked to agree to, in both languages, and whether they are."""

    is_asked = forms.BooleanField(label=_("Ask everybody who signs in"), required=False)
