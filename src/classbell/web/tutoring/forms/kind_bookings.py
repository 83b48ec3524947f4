"""What is answered by whoever books a kind of lesson: a student, a guest, or the school for a student."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from classbell.accounts.models import User
from classbell.bookings.kinds.questions import AnsweredBy
from classbell.bookings.kinds.rules import LONGEST_LONG, LONGEST_SHORT
from classbell.bookings.models import LessonKind
from classbell.bookings.models.kind import MOST_PRICE
from classbell.bookings.queries import people_who_may_teach
from classbell.fields import LineField, TextField
from classbell.web.kit.forms.teacher import TeacherField
from classbell.web.tutoring.forms.bookings import BookForStudentForm, PeriodForm

# Before the key of a question in the names of fields.
ANSWER: Final = "answer-"


class AsksQuestions(forms.Form):
    """The questions of a kind of lesson, each a field."""

    def ask(self, kind: LessonKind, *, may_stay_open: bool = False) -> None:
        """Add the fields."""
        for question in kind.questions:
            is_required = question["required"] and not may_stay_open
            self.fields[ANSWER + question["key"]] = _field_of(question, is_required=is_required)

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by the keys of the questions; once valid."""
        given = self.cleaned_data.items()
        return {name.removeprefix(ANSWER): text for name, text in given if name.startswith(ANSWER) and text}

    @property
    def questions(self) -> list[forms.BoundField]:
        """The fields of the questions."""
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    def refuse_answers(self, refused: Mapping[str, str]) -> None:
        """Say beside each question what is wrong with its answer, as `AnswersRefused` has it."""
        for name, message in refused.items():
            field = ANSWER + name.removeprefix("answers.")
            self.add_error(field if field in self.fields else None, message)


class SaysPrice(forms.Form):
    """The price that the page showed of what is paid when booked. The page writes it, so that another try has the new one."""

    price = forms.IntegerField(min_value=0, max_value=MOST_PRICE, required=False, widget=forms.HiddenInput)
    currency = forms.CharField(max_length=3, required=False, widget=forms.HiddenInput)

    @property
    def seen(self) -> tuple[int, str]:
        """The price in the smallest unit, and its currency; once valid."""
        return self.cleaned_data["price"] or 0, self.cleaned_data["currency"]


class KindBookForm(AsksQuestions, SaysPrice, PeriodForm):
    """Asking for a lesson of a kind: a time, and the kind's own questions."""

    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)

    def __init__(self, data: QueryDict | None = None, *, kind: LessonKind, **options: Any) -> None:
        super().__init__(data, **options)
        self.ask(kind)


class BookKindForStudentForm(AsksQuestions, BookForStudentForm):
    """A lesson of a kind that a teacher or an admin books: one of its lengths, and its questions, which may stay open."""

    def __init__(self, *args: Any, by: User, kind: LessonKind, **options: Any) -> None:
        super().__init__(*args, by=by, **options)
        self.fields["minutes"] = forms.TypedChoiceField(
            label=gettext_lazy("Minutes"), coerce=int, choices=[(one, str(one)) for one in kind.minutes]
        )
        if by.is_admin:
            taught_by = people_who_may_teach().filter(kinds_taught__kind=kind)
            self.fields["teacher"] = TeacherField(taught_by, label=gettext_lazy("Teacher"))
        self.ask(kind, may_stay_open=True)


def _field_of(question: Mapping[str, Any], *, is_required: bool) -> forms.Field:
    options = {"label": question["text"], "required": is_required}
    if question["kind"] == AnsweredBy.CHOICE:
        choices = [("", pgettext_lazy("answer", "Choose")), *((one, one) for one in question["choices"])]
        return forms.ChoiceField(choices=choices, **options)
    if question["kind"] == AnsweredBy.LONG:
        return TextField(max_length=LONGEST_LONG, widget=forms.Textarea(attrs={"rows": 3}), **options)
    return LineField(max_length=LONGEST_SHORT, **options)
