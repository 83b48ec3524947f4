"""What is typed about a class, who is in it and when it meets."""

import re
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.groups.models import Group
from classbell.meetings.recurrence import weekly_rule
from classbell.meetings.services import MeetingWish
from classbell.web.forms.timezones import TimezoneField
from classbell.web.weeks import YEARS

LONGEST_FILE = 1_000_000
MOST_EMAILS = 500
ONCE, WEEKLY = "once", "weekly"


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
        teachers: Collection[User] | None = None,
    ) -> None:
        initial = {"timezone": timezone}
        if kept is not None:
            initial = {"name": kept.name, "description": kept.description, "timezone": kept.timezone}
        super().__init__(data, initial=initial)
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"), help_text=_("Its times stay the same on this clock."), kept=initial["timezone"]
        )
        if teachers is not None:
            self.fields["teacher"] = person_field(teachers, label=_("Teacher (optional)"), required=False)


class PeopleForm(forms.Form):
    """Who is to be added, by e-mail."""

    emails = forms.CharField(
        label=gettext_lazy("E-mail addresses"),
        help_text=gettext_lazy("One or many, with spaces, commas or line breaks between them."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_emails(self) -> list[str]:
        """Return the addresses, each once, in the order given."""
        found = list(dict.fromkeys(re.split(r"[\s,;،؛]+", self.cleaned_data["emails"].strip())))
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


class MeetingForm(forms.Form):
    """A meeting of a class: once, or every week on some days until a last one."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    start = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=720)
    repeats = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=[(ONCE, gettext_lazy("Once")), (WEEKLY, gettext_lazy("Every week"))],
        widget=forms.RadioSelect,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        group: Group,
        first_weekday: int,
        teachers: Collection[User] | None = None,
    ) -> None:
        self.group = group
        super().__init__(data, initial={"title": group.name, "minutes": 60, "repeats": WEEKLY})
        offer_weekdays(self, first_weekday)
        if teachers is not None:
            self.fields["teacher"] = person_field(teachers, label=_("Teacher"))

    def clean(self) -> dict[str, Any]:
        """Settle the days; a weekly meeting without any is held on the weekday it begins with."""
        data = super().clean() or {}
        for name in ("day", "until"):
            if data.get(name) is not None and data[name].year not in YEARS:
                self.add_error(name, _("Choose a day of these years."))
        if data.get("repeats") == WEEKLY and data.get("day") is not None:
            data["weekdays"] = data.get("weekdays") or [data["day"].weekday()]
            if data.get("until") is None:
                self.add_error("until", _("Say until when."))
            elif data["until"] < data["day"]:
                self.add_error("until", _("The last day must not be before the first."))
        return data

    def wish(self, teacher: User) -> MeetingWish:
        """Return the meeting that was typed, held by `teacher` unless somebody else was chosen."""
        data = self.cleaned_data
        start: time = data["start"]
        rule = ""
        if data["repeats"] == WEEKLY:
            until: date = data["until"]
            rule = weekly_rule(data["weekdays"], until=datetime.combine(until, time(23, 59, 59)))
        return MeetingWish(
            teacher=data.get("teacher") or teacher,
            group=self.group,
            title=data["title"],
            starts_at=datetime.combine(data["day"], start, tzinfo=ZoneInfo(self.group.timezone)),
            duration_minutes=data["minutes"],
            timezone=self.group.timezone,
            rule=rule,
        )


def offer_weekdays(form: forms.Form, first_weekday: int) -> None:
    """Let a form's `weekdays` be chosen from the days of the reader's week (0 is Monday)."""
    field = form.fields["weekdays"]
    assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101 -- declared so by every form that asks this
    field.choices = [(day, str(WEEKDAYS_ABBR[day])) for number in range(7) for day in [(first_weekday + number) % 7]]


def person_field(people: Collection[User], *, label: str, required: bool = True) -> forms.TypedChoiceField:
    """Return a choice of one of these people."""
    by_id = {str(person.pk): person for person in people}
    none = [] if required else [("", _("Nobody yet"))]
    return forms.TypedChoiceField(
        label=label,
        required=required,
        choices=none + [(key, person.name) for key, person in by_id.items()],
        coerce=by_id.__getitem__,
        empty_value=None,
    )
