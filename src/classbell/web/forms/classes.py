"""What is typed about a class, who is in it and when it meets."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.services import MeetingWish
from classbell.web.forms.schedule import WEEKLY, ScheduleForm, offer_weekdays
from classbell.web.forms.teacher import TeacherField
from classbell.web.forms.timezones import TimezoneField

LONGEST_FILE = 1_000_000
MOST_EMAILS = 500


class ClassForm(forms.Form):
    """A class: what it is called, what it is about and on whose clock it meets."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    description = forms.CharField(
        label=gettext_lazy("Description (optional)"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    timezone = forms.CharField()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        kept: Group | None = None,
        timezone: str = "UTC",
        teachers: QuerySet[User] | None = None,
    ) -> None:
        initial = {"timezone": timezone}
        if kept is not None:
            initial = {"name": kept.name, "description": kept.description, "timezone": kept.timezone}
        super().__init__(data, initial=initial)
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"), help_text=_("Its times stay the same on this clock."), kept=initial["timezone"]
        )
        if teachers is not None:
            self.fields["teacher"] = TeacherField(
                teachers, label=_("Teacher (optional)"), required=False, nobody=_("Nobody yet")
            )


class PeopleForm(forms.Form):
    """Who is to be added, by e-mail."""

    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        help_text=gettext_lazy("One or many, with spaces, commas or line breaks between them."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_emails(self) -> list[str]:
        """Return the addresses, each once, in the order given."""
        return addresses_in(self.cleaned_data["emails"])


def addresses_in(text: str) -> list[str]:
    """Return the e-mail addresses of a text, each once, in the order given. Raises ValidationError for too many."""
    found = list(dict.fromkeys(filter(None, re.split(r"[\s,;،؛]+", text.strip()))))
    if len(found) > MOST_EMAILS:
        raise forms.ValidationError(_("At most %(most)s at once; import a file for more.") % {"most": MOST_EMAILS})
    return found


class RosterForm(forms.Form):
    """A list of students, as a file or pasted; `raw` is what it says."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the list"),
        required=False,
        strip=False,
        max_length=LONGEST_FILE,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "ltr", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Take the file where there is one, else the text."""
        data = super().clean() or {}
        upload = data.get("file")
        if upload is not None and upload.size > LONGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB. Split it."))
        data["raw"] = upload.read() if upload is not None else data.get("text", "").encode()
        if not data["raw"].strip():
            raise forms.ValidationError(_("Choose a file, or paste the list."))
        return data


class MeetingForm(ScheduleForm):
    """A meeting of a class, on the class's clock."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        group: Group,
        first_weekday: int,
        teachers: QuerySet[User] | None = None,
    ) -> None:
        self.group = group
        super().__init__(data, initial={"title": group.name, "minutes": 60, "repeats": WEEKLY})
        offer_weekdays(self, first_weekday)
        if teachers is not None:
            self.fields["teacher"] = TeacherField(teachers, label=_("Teacher"))

    def wish(self, teacher: User) -> MeetingWish:
        """Return the meeting that was typed, held by `teacher` unless somebody else was chosen."""
        data = self.cleaned_data
        return MeetingWish(
            teacher=data.get("teacher") or teacher,
            group=self.group,
            title=data["title"],
            starts_at=self.starts_at(ZoneInfo(self.group.timezone)),
            duration_minutes=data["minutes"],
            timezone=self.group.timezone,
            rule=self.rule(),
        )
