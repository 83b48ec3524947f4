"""A term's timetable as an admin hands it in."""

from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.courses.models import TermImport
from classbell.courses.timetable.columns import ENROLMENT_COLUMNS, TIMETABLE_COLUMNS
from classbell.fields import DayField
from classbell.web.kit.forms.dates import DatesField
from classbell.web.kit.forms.people_lists import table_input, uploaded_file
from classbell.web.kit.forms.timezones import TimezoneField

USUAL_WEEKS: Final = 14


class TermForm(forms.Form):
    """Two files, and when the timetable applies. `sheets` says of each workbook which of its sheets were not read."""

    timetable = forms.FileField(label=gettext_lazy("Timetable (CSV or Excel)"), widget=table_input())
    enrolments = forms.FileField(label=gettext_lazy("Enrolments (CSV or Excel)"), widget=table_input())
    people = forms.FileField(
        label=gettext_lazy("Names of people (CSV or Excel, optional)"),
        help_text=gettext_lazy("E-mails with the names that belong to them, when the other files have none."),
        required=False,
        widget=table_input(),
    )
    starts_on = DayField(label=gettext_lazy("First day of the first week"))
    weeks = forms.IntegerField(label=gettext_lazy("Weeks"), min_value=1, max_value=52, initial=USUAL_WEEKS)
    timezone = forms.CharField()
    holidays = DatesField(label=gettext_lazy("Holidays (optional)"))
    gap_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes a Zoom host rests between meetings"), min_value=0, max_value=240, initial=0
    )
    prune = forms.BooleanField(label=gettext_lazy("Cancel sections that are no longer in the file"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        timezone: str,
        today: date,
        latest: TermImport | None = None,
    ) -> None:
        super().__init__(data, files, initial=_as_before(latest, today))
        self._sheets: list[tuple[str, str]] = []
        timezone = latest.timezone if latest is not None else timezone
        for name, columns in (("timetable", TIMETABLE_COLUMNS), ("enrolments", ENROLMENT_COLUMNS)):
            self.fields[name].help_text = format_html('{} <bdi dir="ltr">{}</bdi>', _("Columns:"), ", ".join(columns))
        self.fields["timezone"] = TimezoneField(
            label=_("Timezone"),
            help_text=_("The timetable’s times are on this clock."),
            kept=timezone,
            initial=timezone,
        )

    def clean_timetable(self) -> str:
        """Return the file's text."""
        return self._text_of("timetable")

    def clean_enrolments(self) -> str:
        """Return the file's text."""
        return self._text_of("enrolments")

    def clean_people(self) -> str:
        """Return the file's text, "" without one."""
        return self._text_of("people") if self.cleaned_data["people"] is not None else ""

    def clean(self) -> dict[str, Any]:
        """Add what is said of sheets."""
        return (super().clean() or {}) | {"sheets": self._sheets}

    def _text_of(self, name: str) -> str:
        upload = self.cleaned_data[name]
        file = uploaded_file(upload)
        if file.said_of_sheets:
            self._sheets.append((str(upload.name), file.said_of_sheets))
        return file.text


def _as_before(latest: TermImport | None, today: date) -> dict[str, Any]:
    """Return what the term that is running was brought in with; of one that is over, what a school keeps."""
    next_monday = today + timedelta(days=7 - today.weekday())
    if latest is None:
        return {"starts_on": next_monday}
    if latest.starts_on + timedelta(weeks=latest.weeks) <= today:
        return {"starts_on": next_monday, "weeks": latest.weeks, "gap_minutes": latest.gap_minutes}
    days = tuple(date.fromisoformat(day) for day in latest.holidays)
    return {
        "starts_on": latest.starts_on,
        "weeks": latest.weeks,
        "gap_minutes": latest.gap_minutes,
        "holidays": days,
    }
