"""A list of people that is to be taken over."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role
from classbell.accounts.people.reading import Listed, Wrong, read_listed
from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.text import FileText
from classbell.web.kit.forms.people_lists import table_input, uploaded_file

MISSING = {
    "": [],
    "student": [Role.STUDENT],
    "teacher": [Role.TEACHER],
    "both": [Role.STUDENT, Role.TEACHER],
}


class PeopleImportForm(forms.Form):
    """The list, as text or as a file, and what becomes of whom it does not name. `rows` is what it says."""

    text = forms.CharField(
        label=gettext_lazy("People"),
        help_text=gettext_lazy("Copy the columns from Excel or Sheets, with their names in the first line."),
        required=False,
        strip=False,
        max_length=LARGEST_FILE,
        widget=forms.Textarea(
            attrs={"rows": 6, "dir": "auto", "autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file (CSV or Excel)"), required=False, allow_empty_file=True, widget=table_input()
    )
    missing = forms.ChoiceField(
        label=gettext_lazy("Who is here and not in the list"),
        choices=[
            ("", gettext_lazy("stays")),
            ("student", gettext_lazy("is deactivated if a student")),
            ("teacher", gettext_lazy("is deactivated if a teacher")),
            ("both", gettext_lazy("is deactivated, students and teachers")),
        ],
        required=False,
    )
    invite = forms.BooleanField(label=gettext_lazy("Send everybody new a link to choose a password"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("In this language"), choices=settings.LANGUAGES)

    rows: Sequence[Listed | Wrong] = ()
    sheets = ""

    def clean(self) -> dict[str, Any]:
        """Read the file where there is one, else the text."""
        data = super().clean() or {}
        upload = data.get("file")
        file = uploaded_file(upload) if upload is not None else FileText(text=data.get("text", ""))
        if not file.text.strip():
            raise forms.ValidationError(_("Paste the list, or choose a file."))
        try:
            self.rows = read_listed(file.text)
        except TableUnreadable as error:
            raise forms.ValidationError(file.refusal(error)) from error
        self.sheets = file.said_of_sheets
        return data | {"text": file.text}

    def roles_missing(self) -> list[Role]:
        """Return of which roles those are deactivated whom the list does not name."""
        return MISSING[self.cleaned_data["missing"]]
