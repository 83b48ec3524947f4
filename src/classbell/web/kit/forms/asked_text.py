"""A text that people are asked to agree to, in both languages, and whether they are."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from classbell.asked_texts import AskedText
from classbell.fields import TextField


class AskedTextForm(forms.Form):
    """The base of the forms of such texts; each says who is asked. `kept` is the newest version, None while there is none."""

    english = TextField(
        label=_("Text in English"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "lang": "en", "dir": "ltr"}),
    )
    arabic = TextField(
        label=_("Text in Arabic"),
        max_length=20_000,
        required=False,
        help_text=_("Without one, the other is shown."),
        widget=forms.Textarea(attrs={"rows": 8, "lang": "ar", "dir": "rtl"}),
    )
    is_asked = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None, *, kept: AskedText | None) -> None:
        initial = {"english": kept.english, "arabic": kept.arabic, "is_asked": kept.is_asked} if kept else None
        super().__init__(data, initial=initial)
