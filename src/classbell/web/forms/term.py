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

from classbell.courses.timetable.files import ENROLMENT_COLUMNS, TIMETABLE_COLUMNS, TimetableUnreadable, decoded
from classbell.web.forms.dates import DatesField
from classbell.web.forms.timezones import TimezoneField
from classbell.web.pictures.weeks import YEARS

LARGEST_FILE: Final = 5_000_000
USUAL_WEEKS: Final = 14
_CSV: Final = forms.FileInput(attrs={"accept": ".csv,text/csv"})


class TermForm(forms.Form):
    """Two files, and when the timetable applies."""

    timetable = forms.FileField(label=gettext_lazy("Timetable (CSV)"), widget=_CSV)
    enrolments = forms.FileField(label=gettext_lazy("Enrolments (CSV)"), widget=_CSV)
    starts_on = forms.DateField(
        label=gettext_lazy("First day of the first week"), widget=forms.DateInput(attrs={"type": "date"})
    )
    weeks = forms.IntegerField(label=gettext_lazy("Weeks"), min_value=1, max_value=52, initial=USUAL_WEEKS)
    timezone = forms.CharField()
    holidays = DatesField(label=gettext_lazy("Days without classes (optional)"))
    gap_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes a Zoom host rests between meetings"), min_value=0, max_value=240, initial=0
    )
    prune = forms.BooleanField(label=gettext_lazy("Call off sections that are no longer in the file"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        timezone: str,
        today: date,
    ) -> None:
        next_monday = today + timedelta(days=7 - today.weekday())
        super().__init__(data, files, initial={"starts_on": next_monday})
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
        return self._text("timetable")

    def clean_enrolments(self) -> str:
        """Return the file's text."""
        return self._text("enrolments")

    def clean_starts_on(self) -> date:
        """Refuse years nobody means."""
        day: date = self.cleaned_data["starts_on"]
        if day.year not in YEARS:
            raise forms.ValidationError(_("Choose a day of these years."))
        return day

    def _text(self, name: str) -> str:
        upload: UploadedFile[Any] = self.cleaned_data[name]
        if (upload.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            return decoded(upload.read(), name=upload.name or name)
        except TimetableUnreadable as error:
            raise forms.ValidationError(str(error)) from error
