"""What is typed about people: whom to invite, and what one decides about oneself."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role, User
from classbell.accounts.people_lists import PeopleList, read_people
from classbell.accounts.services import PersonInput
from classbell.fields import NameField
from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.records import BadRow
from classbell.web.kit.forms.kept import KeptForm
from classbell.web.kit.forms.timezones import searchable_timezones
from classbell.zones import is_timezone

MOST_INVITED = 1000

THEMES = ("light", "dark")


def learns_field() -> forms.BooleanField:
    """Return the field that makes a teacher or an admin a student too."""
    return forms.BooleanField(
        label=gettext_lazy("They also learn here"),
        help_text=gettext_lazy("For teachers and admins who take lessons or are in classes and circles themselves."),
        required=False,
    )


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    emails = forms.CharField(
        label=gettext_lazy("People"),
        help_text=gettext_lazy(
            "Copy the columns from Excel or Sheets, or write addresses. Names may stand beside them."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "false"}),
        max_length=LARGEST_FILE,
        strip=False,
    )
    role = forms.ChoiceField(label=gettext_lazy("They are"), choices=Role.choices)
    learns = learns_field()
    language = forms.ChoiceField(
        label=gettext_lazy("Their language"),
        help_text=gettext_lazy("Of the invitation and of their pages, until they choose another."),
        choices=settings.LANGUAGES,
    )

    def clean_emails(self) -> PeopleList:
        """Return who is understood, and which lines are not."""
        try:
            listed = read_people(self.cleaned_data["emails"], most=MOST_INVITED)
        except TableUnreadable as error:
            raise forms.ValidationError(str(error)) from error
        if not listed.people:
            first = listed.bad[0]
            text = _("%(line)s: %(reason)s") % {"line": first.text[:80], "reason": first.reason}
            raise forms.ValidationError(text)
        return listed

    def sorted_out(self) -> tuple[list[PersonInput], list[BadRow]]:
        """Return them as the accounts take them, and the lines left out: also those that the list calls something else."""
        listed: PeopleList = self.cleaned_data["emails"]
        role = Role(self.cleaned_data["role"])
        others = [one for one in listed.people if one.roles and role not in one.roles]
        bad = [
            BadRow(line=one.line, text=one.text, reason=_("The list says that they are something else."))
            for one in others
        ]
        people = [
            PersonInput(
                email=one.email,
                first_name=one.first_name,
                last_name=one.last_name,
                role=role,
                learns=self.cleaned_data["learns"] or (role in one.roles and Role.STUDENT in one.roles),
                timezone=settings.TIME_ZONE,
            )
            for one in listed.people
            if one not in others
        ]
        return people, sorted([*listed.bad, *bad], key=lambda row: row.line)


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


class ProfileForm(KeptForm):
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
    shows_hijri = forms.BooleanField(
        label=gettext_lazy("Show Hijri dates too"),
        help_text=gettext_lazy("On calendars, beside the other date; by Umm al-Qura."),
        required=False,
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
        if not self.is_bound:  # zone.js writes the device's own there
            self.fields["timezone"].widget.attrs["data-device-zone"] = ""

    def clean_password(self) -> str:
        """Hold it against the school's rules for passwords."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password
