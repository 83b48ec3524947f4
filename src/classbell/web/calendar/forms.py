"""What is typed about calendars elsewhere."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from classbell.calendars.dav import Collection
from classbell.calendars.models import LONGEST_LOGIN, LONGEST_URL, CalendarKind
from classbell.calendars.schemas import LONGEST_PASSWORD
from classbell.fields import LineField

BY_ADDRESS: Final = (
    (CalendarKind.ICS, _("Address of a calendar (ICS): Google, Outlook and most others have one")),
    (CalendarKind.CALDAV, _("CalDAV, with name and password: Apple, Nextcloud, Fastmail and others")),
)


class CalendarForm(forms.Form):
    """A calendar by its address."""

    kind = forms.ChoiceField(label=_("How it is read"), choices=BY_ADDRESS)
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

    def offer(self, found: Sequence[Collection]) -> None:
        """Let one of several calendars be chosen: its own address is what is asked for then."""
        self.fields["url"] = forms.ChoiceField(
            label=_("Calendar"), choices=[(one.url, one.name or one.url) for one in found], widget=forms.RadioSelect
        )
        # Whoever has typed it need not look it up once more.
        self.fields["password"].widget = forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True)


class WhatCountsForm(forms.Form):
    """What of a calendar makes its owner busy, and whether their sessions are written into it."""

    takes_tentative = forms.BooleanField(label=_("Entries that are not sure yet make me busy"), required=False)
    takes_whole_days = forms.BooleanField(label=_("Entries of whole days make me busy"), required=False)
    writes_lessons = forms.BooleanField(
        label=_("Write my sessions into this calendar"),
        help_text=_(
            "They are moved and deleted there as they are here, and put right when somebody changes them there. Sessions are "
            "in one calendar at a time."
        ),
        required=False,
    )

    def __init__(self, *args: Any, can_write: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_write:
            del self.fields["writes_lessons"]
