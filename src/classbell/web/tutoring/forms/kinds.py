"""Kinds of lessons as an admin types them."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, Final, cast

from babel.numbers import get_currency_precision
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.bookings.kinds.questions import (
    LONGEST_CHOICE,
    LONGEST_QUESTION,
    MOST_CHOICES,
    MOST_QUESTIONS,
    AnsweredBy,
    Question,
)
from classbell.bookings.kinds.services import KindChanges
from classbell.bookings.models import ChosenBy, LessonKind, OpenTo
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.models.kind import MOST_SEATS
from classbell.bookings.models.settings import MOST_BUFFER_MINUTES, MOST_NOTICE_MINUTES
from classbell.bookings.queries import people_who_may_teach
from classbell.fields import LineField, TextField
from classbell.meetings.meeting_settings.catalogue import merged
from classbell.meetings.meeting_settings.checks import SettingsRefused
from classbell.meetings.meeting_settings.inherited import below, defaults_of
from classbell.meetings.models import SettingsOf
from classbell.web.kit.forms.teacher import TeacherField
from classbell.web.meetings.settings_forms import MeetingSettingsForm

BLANK_ROWS: Final = 2
MORE_ROWS: Final = 3


class KindForm(forms.Form):
    """A kind of lesson, but for who teaches it and what is asked."""

    name = LineField(label=gettext_lazy("Name"), max_length=100)
    description = TextField(
        label=gettext_lazy("What it is"),
        help_text=gettext_lazy("Students read it before they choose. You may leave it empty."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minutes = LineField(
        label=gettext_lazy("Minutes"),
        help_text=gettext_lazy("The length, or several to choose from with commas between them: 30, 45, 60."),
        max_length=80,
        initial="60",
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price"),
        help_text=gettext_lazy("Empty: free of charge."),
        min_value=0,
        max_digits=9,
        decimal_places=3,
        required=False,
    )
    currency = LineField(
        label=gettext_lazy("Currency"),
        help_text=gettext_lazy("Three letters, such as EUR or SAR."),
        max_length=3,
        required=False,
    )
    seats = forms.IntegerField(
        label=gettext_lazy("Places"),
        help_text=gettext_lazy("1 is a lesson of one student; with more, several students share each lesson."),
        min_value=1,
        max_value=MOST_SEATS,
        initial=1,
    )
    trial = forms.BooleanField(label=gettext_lazy("A trial: each person books it once"), required=False)
    takes_a_lesson = forms.BooleanField(
        label=gettext_lazy("It is booked with a lesson of the student’s balance"), required=False
    )
    open_to = forms.ChoiceField(label=gettext_lazy("Who may book"), choices=OpenTo.choices, initial=OpenTo.SIGNED_IN)
    chosen_by = forms.ChoiceField(
        label=gettext_lazy("Who teaches it when the student leaves that open"),
        choices=ChosenBy.choices,
        initial=ChosenBy.LEAST_BOOKED,
    )
    min_notice_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of notice"),
        help_text=gettext_lazy("How long ahead it must be booked. Empty: as each teacher has it."),
        min_value=0,
        max_value=MOST_NOTICE_MINUTES,
        required=False,
    )
    buffer_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes kept free before and after"),
        help_text=gettext_lazy("Empty: as each teacher has it."),
        min_value=0,
        max_value=MOST_BUFFER_MINUTES,
        required=False,
    )
    address = LineField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "The last part of its links: small letters a to z, digits and hyphens. Empty: from the name."
        ),
        max_length=60,
        required=False,
    )
    colour = forms.CharField(
        label=gettext_lazy("Colour"),
        help_text=gettext_lazy("Of the mark before its name, such as #1a73e8. Empty: no mark."),
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocapitalize": "off", "spellcheck": "false"}),
    )
    place = forms.IntegerField(
        label=gettext_lazy("Position in the list"),
        help_text=gettext_lazy("Lower numbers come first."),
        min_value=0,
        max_value=30_000,
        required=False,
    )
    is_active = forms.BooleanField(label=gettext_lazy("It is offered"), required=False, initial=True)

    def clean_minutes(self) -> list[int]:
        """Return the lengths."""
        parts = self.cleaned_data["minutes"].replace("،", ",").replace(" ", ",").split(",")
        try:
            found = [int(part) for part in parts if part]
        except ValueError:
            found = []
        if not found or not all(SHORTEST_MINUTES <= one <= LONGEST_MINUTES for one in found):
            text = _("Write one or several lengths of %(shortest)s to %(longest)s minutes, such as 30, 45.")
            raise forms.ValidationError(text % {"shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES})
        return found

    def clean_colour(self) -> str:
        """Return the colour as it is written everywhere."""
        return str(self.cleaned_data["colour"]).strip().lower()

    def clean_currency(self) -> str:
        """Return the code as it is written everywhere."""
        return str(self.cleaned_data["currency"]).upper()


class TeacherRow(forms.Form):
    """Who teaches a kind; the rows are in order."""

    def __init__(self, *args: Any, teacher: TeacherField, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["teacher"] = deepcopy(teacher)


class QuestionRow(forms.Form):
    """A question; one that is emptied is taken away."""

    key = LineField(widget=forms.HiddenInput, max_length=40, required=False)
    text = LineField(label=gettext_lazy("Question"), max_length=LONGEST_QUESTION, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("How it is answered"), choices=AnsweredBy.choices, required=False, initial=AnsweredBy.SHORT
    )
    choices = TextField(
        label=gettext_lazy("Answers to choose from, each on its line"),
        max_length=MOST_CHOICES * (LONGEST_CHOICE + 2),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    required = forms.BooleanField(label=gettext_lazy("It must be answered"), required=False)


def zoom_form(data: QueryDict | None, kind: LessonKind | None) -> MeetingSettingsForm:
    """Return the form of how Zoom holds lessons of a kind, where not as all lessons; without rooms, which are people's."""
    of_lessons = defaults_of(SettingsOf.LESSONS)
    form = MeetingSettingsForm(
        data,
        own={} if kind is None else kind.meeting_settings,
        inherited=merged(below(SettingsOf.LESSONS), of_lessons),
        inherited_from=dict.fromkeys(of_lessons, _("As lessons have it")),
    )
    del form.fields["breakout_room"]
    return form


class KindEditor:
    """
    All of a kind on one page, with its Zoom settings, and rows for teachers and questions: some blank ones, and more when
    asked for, so that it works without scripts.
    """

    def __init__(self, data: QueryDict | None = None, *, kind: LessonKind | None, place: int = 0) -> None:
        teachers = [] if kind is None else [one.teacher for one in kind.taught_by.all()]
        # One for all rows, so that who may teach is asked once.
        teacher = TeacherField(
            people_who_may_teach(), kept=teachers, required=False, nobody=_("Nobody"), label=gettext_lazy("Teacher")
        )
        taught = [{"teacher": teacher.shown(one)} for one in teachers]
        asked = [] if kind is None else [_as_row(question) for question in kind.questions]
        given = data if data is None or "more" not in data else _with_more_rows(data)
        self.kind = kind
        self.wants_more = data is not None and "more" in data
        self.main = KindForm(given, initial=_initial(kind, place))
        self.zoom = zoom_form(given, kind)
        self.teachers = forms.formset_factory(TeacherRow, extra=BLANK_ROWS, max_num=500)(
            given, initial=taught, prefix="teachers", form_kwargs={"teacher": teacher}
        )
        self.questions = forms.formset_factory(QuestionRow, extra=BLANK_ROWS, max_num=MOST_QUESTIONS)(
            given, initial=asked, prefix="questions"
        )

    @property
    def is_bound(self) -> bool:
        """Whether something was sent."""
        return self.main.is_bound

    @property
    def shows_zoom(self) -> bool:
        """Whether there is something of its own, or wrong, among its Zoom settings."""
        has_own = self.kind is not None and bool(self.kind.meeting_settings)
        return has_own or (self.is_bound and (bool(self.zoom.errors) or self.zoom.has_changed()))

    def is_valid(self) -> bool:
        """Whether all of it can be saved, as far as forms can tell."""
        return (
            self.is_bound
            and not self.wants_more
            and all(part.is_valid() for part in (self.main, self.zoom, self.teachers, self.questions))
        )

    def changes(self, precision: int) -> KindChanges:
        """Return what was typed, once valid; the currency has so many digits after the point."""
        data = dict(self.main.cleaned_data)
        price = data.pop("price")
        data["price"] = None if price is None else int(price.scaleb(precision).to_integral_value())
        for name in ("address", "place"):
            if data[name] in ("", None):
                del data[name]
        rows = [row.cleaned_data for row in self.questions if row.cleaned_data.get("text")]
        data["questions"] = [_as_question(row) for row in rows]
        changed = self.zoom.changes()
        if changed:
            asked = {**(self.zoom.own), **changed}
            data["meeting_settings"] = {name: value for name, value in asked.items() if value is not None}
        data["teachers"] = [row.cleaned_data["teacher"].pk for row in self.teachers if row.cleaned_data.get("teacher")]
        return cast("KindChanges", data)

    def add_errors(self, refused: Mapping[str, str]) -> None:
        """Show beside each field why it was refused; what has none, above all."""
        for name, message in refused.items():
            kind, _dot, number = name.partition(".")
            if kind == "questions" and number.isdecimal():
                rows = [row for row in self.questions if row.cleaned_data.get("text")]
                rows[int(number)].add_error("text", message)
            elif kind == "meeting_settings":
                self.zoom.refuse(SettingsRefused({number: message}))
            else:
                self.main.add_error(name if name in self.main.fields else None, message)


def _with_more_rows(data: QueryDict) -> QueryDict:
    """Return what was sent with more blank rows."""
    more = data.copy()
    for prefix in ("teachers", "questions"):
        text = more.get(f"{prefix}-TOTAL_FORMS", "0")
        total = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
        more[f"{prefix}-TOTAL_FORMS"] = str(total + MORE_ROWS)
    return more


def _initial(kind: LessonKind | None, place: int) -> dict[str, Any]:
    if kind is None:
        return {"place": place}
    price = None if kind.price is None else Decimal(kind.price).scaleb(-get_currency_precision(kind.currency))
    plain = {name: getattr(kind, name) for name in KindForm.base_fields if name not in ("price", "minutes")}
    return plain | {"price": price, "minutes": ", ".join(str(one) for one in kind.minutes)}


def _as_row(question: Mapping[str, Any]) -> dict[str, Any]:
    return dict(question) | {"choices": "\n".join(question["choices"])}


def _as_question(row: Mapping[str, Any]) -> Question:
    question: Question = {
        "text": row["text"],
        "kind": row["kind"] or AnsweredBy.SHORT.value,
        "required": row["required"],
        "choices": row["choices"].splitlines(),
    }
    if row["key"]:
        question["key"] = row["key"]
    return question
