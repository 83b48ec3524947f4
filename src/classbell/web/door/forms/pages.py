"""What the school and its teachers show to whoever has no account."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.door import values
from classbell.door.models import (
    LONGEST_ADDRESS,
    LONGEST_PICTURE,
    LONGEST_WORDS,
    ConfirmsGuests,
    PublicSchool,
    PublicTeacher,
    ShownWords,
)
from classbell.fields import LineField, TextField
from classbell.web.kit.forms.kept import KeptForm

LONGEST_ORIGINS = 6_000


class WordsForm(KeptForm):
    """What both kinds of page have: words in two languages, a picture, and whether search engines may list it."""

    english = TextField(
        label=gettext_lazy("Text in English"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "en", "dir": "ltr"}),
    )
    arabic = TextField(
        label=gettext_lazy("Text in Arabic"),
        help_text=gettext_lazy("Without one, the other is shown."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "ar", "dir": "rtl"}),
    )
    picture = LineField(
        label=gettext_lazy("Address of a picture"),
        help_text=gettext_lazy(
            "Of a picture that is on the web already, beginning with https://. You may leave it empty."
        ),
        max_length=LONGEST_PICTURE,
        required=False,
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    indexable = forms.BooleanField(label=gettext_lazy("Search engines may list the page"), required=False)

    def __init__(self, data: QueryDict | None = None, *, page: ShownWords, **initial: object) -> None:
        kept = {name: getattr(page, name) for name in self.base_fields if name not in initial}
        super().__init__(data, initial=kept | initial)

    def changes(self) -> dict[str, Any]:
        """Return what is changed; ask only when the form is valid."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def clean_picture(self) -> str:
        """Return the picture's address as it is kept."""
        return _read(values.checked_picture, self.cleaned_data["picture"])


class SchoolPageForm(WordsForm):
    """The school's own page, and what holds for all pages that everybody sees."""

    is_open = forms.BooleanField(
        label=gettext_lazy("The school’s page is open to everybody"),
        help_text=gettext_lazy(
            "Whoever has the address sees what stands here, the lesson kinds, and those teachers who have switched their own "
            "page on; and may book with them. Without it, nobody sees anything, and no teacher’s page."
        ),
        required=False,
    )
    name = LineField(label=gettext_lazy("Name of the school"), max_length=120, required=False)
    confirms_guests_by = forms.ChoiceField(
        label=gettext_lazy("What somebody without an account books counts"), choices=ConfirmsGuests.choices
    )
    shows_ratings = forms.BooleanField(
        label=gettext_lazy("Show what students’ ratings of a teacher come to"), required=False
    )
    allowed_origins = TextField(
        label=gettext_lazy("Your other sites that may show these pages inside theirs"),
        help_text=gettext_lazy("One in a line, such as https://www.school.example. All others are refused."),
        max_length=LONGEST_ORIGINS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
    )

    field_order = (
        "is_open",
        "name",
        "english",
        "arabic",
        "picture",
        "indexable",
        "shows_ratings",
        "confirms_guests_by",
        "allowed_origins",
    )

    def __init__(self, data: QueryDict | None = None, *, page: PublicSchool) -> None:
        super().__init__(data, page=page, allowed_origins="\n".join(page.allowed_origins))

    def clean(self) -> dict[str, Any]:
        """An open page needs a name: it is what people read first, and what search engines and links show."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("is_open") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Write what the school is called; it stands at the top of the page."))
        return data

    def clean_allowed_origins(self) -> list[str]:
        """Return the origins, each once, in the order given."""
        lines = [line for line in self.cleaned_data["allowed_origins"].split() if line.strip(",")]
        found = list(dict.fromkeys(_read(values.checked_origin, line.strip(",")) for line in lines))
        if len(found) > values.MOST_ORIGINS:
            raise forms.ValidationError(_("At most %(most)s sites.") % {"most": values.MOST_ORIGINS})
        return found


class TeacherPageForm(WordsForm):
    """A teacher's own page."""

    is_public = forms.BooleanField(
        label=gettext_lazy("Show my page to everybody"),
        help_text=gettext_lazy(
            "Whoever has the address sees your name, what stands here, your subjects and when you are free; never your "
            "e-mail address, your students or what fills the rest of your time."
        ),
        required=False,
    )
    address = LineField(
        label=gettext_lazy("Address of your page"),
        help_text=gettext_lazy(
            "Its last part: letters a to z, digits and hyphens. Links to an older one stop working."
        ),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages in which you teach"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    field_order = ("is_public", "address", "english", "arabic", "picture", "languages", "indexable")

    def __init__(self, data: QueryDict | None = None, *, page: PublicTeacher) -> None:
        super().__init__(data, page=page)
        languages = self.fields["languages"]
        assert isinstance(languages, forms.MultipleChoiceField)  # noqa: S101 -- declared above
        languages.choices = list(values.language_names().items())

    def clean_address(self) -> str:
        """Return the address as it is kept."""
        return _read(values.checked_address, self.cleaned_data["address"])


def _read(check: Callable[[str], str], text: str) -> str:
    """Return what a check makes of a text, and refuse it by the check's own sentence."""
    try:
        return check(text)
    except ValueError as error:
        raise forms.ValidationError(str(error), code="invalid") from error
