"""A list of people that is to be taken over."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from classbell.accounts.models import Role
from classbell.accounts.people.planning import ROLES_OF
from classbell.accounts.people.reading import Listed, Wrong, read_listed
from classbell.web.kit.forms.people_lists import TableForm


class PeopleImportForm(TableForm):
    """The list, as text or as a file, and what becomes of whom it does not name. `rows` is what it says."""

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].help_text = gettext_lazy(
            "Copy the columns from Excel or Sheets, with their names in the first line."
        )

    def read(self, text: str, data: dict[str, Any]) -> dict[str, Any]:
        """Keep what the list says as `rows`."""
        self.rows = read_listed(text)
        return {}

    def roles_missing(self) -> list[Role]:
        """Return of which roles those are deactivated whom the list does not name."""
        missing = self.cleaned_data["missing"]
        return ROLES_OF[missing] if missing else []
