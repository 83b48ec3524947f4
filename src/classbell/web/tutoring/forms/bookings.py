"""What students and teachers type about lessons."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from classbell.accounts.models import User
from classbell.bookings.finding import Part
from classbell.bookings.models import NoShow
from classbell.bookings.models.booking import LONGEST_MINUTES, SHORTEST_MINUTES
from classbell.bookings.queries import people_who_may_teach, students_to_book_for
from classbell.fields import DayField, LineField, MomentField, TextField
from classbell.web.kit.forms.teacher import StudentField, TeacherField

LONGEST_NOTE = 2000
LONGEST_REASON = 500


class SearchForm(forms.Form):
    """Finding a teacher."""

    q = LineField(label=gettext_lazy("Name or word"), max_length=100, required=False)
    subject = LineField(max_length=60, required=False)
    language = forms.RegexField("^[a-z]{2,3}$", required=False)
    price = forms.RegexField("^(free|[0-9]{1,9}-[A-Z]{3})$", required=False)
    weekday = forms.RegexField("^[0-6]$", required=False)
    part = forms.ChoiceField(choices=[("", ""), *((part.value, part.value) for part in Part)], required=False)

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, "" for what was not, or in a way that nobody can mean."""
        self.full_clean()
        return {name: str(self.cleaned_data.get(name) or "") for name in self.fields}


class SlotField(MomentField):
    """A moment as the picker writes it, in UTC."""

    default_error_messages = {
        "required": gettext_lazy("Choose a time first."),
        "invalid": gettext_lazy("Choose one of the times offered."),
    }


class PeriodForm(forms.Form):
    """A time that was picked: where it starts and how long it lasts."""

    slot = SlotField(widget=forms.HiddenInput)
    length = forms.IntegerField(
        widget=forms.HiddenInput, min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES, initial=60
    )

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The start and the end, once valid."""
        starts_at = self.cleaned_data["slot"]
        return starts_at, starts_at + timedelta(minutes=self.cleaned_data["length"])


class BookForm(PeriodForm):
    """Asking for a lesson."""

    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)

    notes = TextField(
        label=gettext_lazy("What is the lesson to be about?"),
        help_text=gettext_lazy("The teacher reads it before answering. You may leave it empty."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    use_credit = forms.BooleanField(label=gettext_lazy("Use a make-up lesson"), required=False)


class ReasonForm(forms.Form):
    """Why, for the other one to read."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MoveForm(PeriodForm, ReasonForm):
    """Another time for a lesson, picked from the free ones."""

    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)


class TypedPeriodForm(forms.Form):
    """A time that was typed, on the typist's own clock: for those who know better than the hours that were opened."""

    day = DayField(label=gettext_lazy("Day"))
    time = forms.TimeField(label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=SHORTEST_MINUTES, max_value=LONGEST_MINUTES, initial=60
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The start and the end, once valid, read on the typist's own clock."""
        data = self.cleaned_data
        starts_at = datetime.combine(data["day"], data["time"], tzinfo=self._zone)
        return starts_at, starts_at + timedelta(minutes=data["minutes"])


class MoveAnywhereForm(TypedPeriodForm, ReasonForm):
    """Another time for a lesson, typed."""

    field_order = ("day", "time", "minutes", "reason")


class BookForStudentForm(TypedPeriodForm):
    """A lesson that a teacher books with themselves, or an admin with any teacher."""

    notes = TextField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The student and the teacher read it. You may leave it empty."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)

    field_order = ("student", "teacher", "day", "time", "minutes", "notes", "despite_overlap")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, zone=by.zone, **kwargs)
        self.fields["student"] = StudentField(students_to_book_for(by), label=gettext_lazy("Student"))
        if by.is_admin:
            self.fields["teacher"] = TeacherField(people_who_may_teach(), label=gettext_lazy("Teacher"))
        self.order_fields(self.field_order)


class NoShowForm(forms.Form):
    """Who did not come: asked only of admins; the two people can report each other only."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who did not come?"),
        choices=[choice for choice in NoShow.choices if choice[0]],
        widget=forms.RadioSelect,
    )


class RatingForm(forms.Form):
    """How the lesson was with the other one."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("How was it?"),
        coerce=int,
        choices=[
            (5, gettext_lazy("5, excellent")),
            (4, gettext_lazy("4, good")),
            (3, gettext_lazy("3, all right")),
            (2, gettext_lazy("2, not so good")),
            (1, gettext_lazy("1, poor")),
        ],
        widget=forms.RadioSelect,
    )
    comment = TextField(
        label=gettext_lazy("In your words"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
