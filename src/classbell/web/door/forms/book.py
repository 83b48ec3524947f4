"""What somebody types who books a lesson without an account."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from classbell.bookings.models import LessonKind
from classbell.fields import EmailField, LineField, TextField
from classbell.names import LONGEST as LONGEST_NAME
from classbell.web.tutoring.forms.bookings import PeriodForm

LONGEST_ANSWER = 2_000
# Before the key of a question in the names of fields.
ANSWER = "answer-"


class GuestForm(PeriodForm):
    """A time that was picked, who asks for it, and the answers to what the kind of lesson asks."""

    name = LineField(
        label=gettext_lazy("Your name"),
        max_length=2 * LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailField(
        label=gettext_lazy("Your e-mail address"),
        help_text=gettext_lazy("The link to your lesson goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, kind: LessonKind, initial: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        for question in kind.questions:
            self.fields[f"{ANSWER}{question['key']}"] = _field_of(question)

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by the questions' keys; ask only when the form is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name.startswith(ANSWER)}
        return {name.removeprefix(ANSWER): value for name, value in given.items() if value}


def _field_of(question: Mapping[str, Any]) -> forms.Field:
    options: dict[str, Any] = {"label": question["text"], "required": question["required"]}
    if question["kind"] == "choice":
        choices = [("", pgettext_lazy("answer", "Choose")), *((each, each) for each in question["choices"])]
        return forms.ChoiceField(choices=choices, **options)
    if question["kind"] == "long":
        return TextField(max_length=LONGEST_ANSWER, widget=forms.Textarea(attrs={"rows": 3}), **options)
    return LineField(**options)
