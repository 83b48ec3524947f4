"""What is typed about people: whom to invite, and what one decides about oneself."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import ReminderTime, Role, User
from classbell.accounts.services import PersonInput
from classbell.addresses import Address
from classbell.fields import AddressListField, NameField
from classbell.names import LONGEST as LONGEST_NAME
from classbell.names import split_name
from classbell.web.forms.timezones import searchable_timezones
from classbell.web.views.preferences import THEMES
from classbell.zones import is_timezone

MOST_INVITED = 200


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    emails = AddressListField(
        most=MOST_INVITED,
        label=gettext_lazy("E-mail addresses"),
        help_text=gettext_lazy("As a list, or as your mail program copies them. A name may stand before each."),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("They are"), choices=Role.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language of the mail"), choices=settings.LANGUAGES)

    def people(self) -> list[PersonInput]:
        """Return them as the accounts take them."""
        return [self._person(address) for address in self.cleaned_data["emails"]]

    def _person(self, address: Address) -> PersonInput:
        first_name, last_name = split_name(address.name)
        return PersonInput(
            email=address.email,
            first_name=first_name[:LONGEST_NAME],
            last_name=last_name[:LONGEST_NAME],
            role=Role(self.cleaned_data["role"]),
            timezone=settings.TIME_ZONE,
        )


class PlaceField(forms.CharField):
    """A timezone found by typing: a city in the reader's language, or an IANA name, in any case."""

    def to_python(self, value: str | None) -> str:
        """Return the IANA name of what was typed."""
        typed = super().to_python(value) or ""
        if not typed or is_timezone(typed):
            return typed
        for zone, city in searchable_timezones():
            spelled = {zone.casefold(), city.casefold(), zone.rpartition("/")[2].replace("_", " ").casefold()}
            if typed.casefold() in spelled:
                return zone
        raise forms.ValidationError(_("No such city is known here. Choose one of the list, or write one near you."))


def timezone_field() -> PlaceField:
    """Return the field as forms here have it; the page brings the list to search in: parts/timezones.html."""
    return PlaceField(
        label=gettext_lazy("Timezone"),
        help_text=gettext_lazy("Type a city, such as Lisbon or Riyadh. All times are shown in it."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"list": "timezones", "autocomplete": "off", "spellcheck": "false", "dir": "auto"}
        ),
    )


class ProfileForm(forms.Form):
    """What one decides about oneself. The theme belongs to the device, the rest to the account."""

    first_name = NameField(label=gettext_lazy("First name"))
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    locale = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    timezone = timezone_field()
    theme = forms.ChoiceField(
        label=gettext_lazy("Theme on this device"),
        choices=[
            ("auto", gettext_lazy("As the device")),
            (THEMES[0], gettext_lazy("Light")),
            (THEMES[1], gettext_lazy("Dark")),
        ],
    )
    wants_mail = forms.BooleanField(
        label=gettext_lazy("Send me news by mail"),
        help_text=gettext_lazy("Without it they wait for you under News."),
        required=False,
    )
    reminder_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Remind me of each sitting"),
        help_text=gettext_lazy("Of those you teach or are expected at."),
        choices=ReminderTime.choices,
        coerce=lambda typed: ReminderTime(int(typed)),
    )


class WelcomeForm(forms.Form):
    """What somebody says of themselves when they come in for the first time."""

    first_name = NameField(label=gettext_lazy("First name"))
    last_name = NameField(label=gettext_lazy("Last name"), required=False)
    timezone = timezone_field()
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least ten characters. Three words that belong to nobody are a good one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        """Hold it against the school's rules for passwords."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password
