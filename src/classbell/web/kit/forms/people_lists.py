"""Lists of people as they are handed in: a file, a pasted table, addresses."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.accounts.people_lists import PeopleList, read_people
from classbell.tables.limits import LARGEST_FILE, TableUnreadable
from classbell.tables.text import FileText, read_file

MOST_EMAILS: Final = 500
TABLES: Final = ".csv,.tsv,.txt,.xlsx,text/csv,text/plain"


def table_input() -> forms.FileInput:
    """Return where a file with a table is chosen."""
    return forms.FileInput(attrs={"accept": TABLES})


def uploaded_file(upload: UploadedFile[Any]) -> FileText:
    """Return what a file says. Raises ValidationError."""
    try:
        return read_file(upload.read())
    except TableUnreadable as error:
        raise forms.ValidationError(str(error)) from error


class TableForm(forms.Form):
    """
    A table of people, pasted or as a file. `text` is the table as it was read, also when it came as a file, and `sheets` says
    which sheets of a workbook were not read, "" for none.
    """

    text = forms.CharField(
        label=gettext_lazy("People"),
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

    def clean(self) -> dict[str, Any]:
        """Read the file where there is one, else the text."""
        data = super().clean() or {}
        upload = data.get("file")
        file = uploaded_file(upload) if upload is not None else FileText(text=data.get("text", ""))
        if not file.text.strip():
            raise forms.ValidationError(_("Paste the list, or choose a file."))
        try:
            said = self.read(file.text, data)
        except TableUnreadable as error:
            raise forms.ValidationError(file.refusal(error)) from error
        return data | {"text": file.text, "sheets": file.said_of_sheets} | said

    def read(self, text: str, data: dict[str, Any]) -> dict[str, Any]:
        """Return what a table says, by name, for those who read `cleaned_data`. Raises TableUnreadable."""
        raise NotImplementedError


class PeopleListForm(TableForm):
    """
    People for a group. `people` is what the list says, and `more_by_card` how many more it would have if those without an
    address of their own came, too.
    """

    without_email = forms.BooleanField(
        label=gettext_lazy("Some have no e-mail, or share a guardian’s"),
        help_text=gettext_lazy("Each of them gets an account of their own and comes in by a card that you print."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = gettext_lazy(
            "Copy the columns from Excel or Sheets, or write addresses. Names may stand beside them."
        )

    def read(self, text: str, data: dict[str, Any]) -> dict[str, Any]:
        """Return the people, and how many more there would be by card."""
        people: PeopleList = read_people(text, without_email=data.get("without_email", False))
        more_by_card = len(read_people(text, without_email=True).people) - len(people.people) if people.bad else 0
        return {"people": people, "more_by_card": max(0, more_by_card)}
