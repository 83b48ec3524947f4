"""What is typed about calendars elsewhere."""

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from classbell.calendars.models import LONGEST_LOGIN, LONGEST_URL, CalendarKind
from classbell.calendars.schemas import LONGEST_PASSWORD
from classbell.fields import LineField

BY_ADDRESS: Final = (
    (CalendarKind.ICS, _("Address of a calendar (ICS): Google, Outlook and most others have one")),
    (CalendarKind.CALDAV, _("CalDAV, with name and password: Apple, Nextcloud, Fastmail and others")),
)


class CalendarForm(forms.Form):
    """A calendar by its address."""

    kind = forms.ChoiceField(label=_("How it is read"), choices=BY_ADDRESS[:1])
    url = LineField(
        label=_("Address of the calendar"),
        help_text=_("Copy it from the calendar’s settings; for Google it is the “secret address in iCal format”."),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    login = LineField(
        label=_("Name there"),
        help_text=_("Only if the calendar asks for one."),
        max_length=LONGEST_LOGIN,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password there"),
        help_text=_("Apple and others want one made for this app alone. It is kept encrypted."),
        max_length=LONGEST_PASSWORD,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class WhatCountsForm(forms.Form):
    """What of a calendar makes its owner busy."""

    takes_tentative = forms.BooleanField(label=_("Entries that are not sure yet make me busy"), required=False)
    takes_whole_days = forms.BooleanField(label=_("Entries of whole days make me busy"), required=False)
