"""What students and teachers type about lessons for weeks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from classbell.accounts.models import User
from classbell.bookings.models import Booking
from classbell.bookings.queries import people_who_may_teach, students_to_book_for
from classbell.bookings.weekly import MOST_DATES, MOST_WEEKS_BETWEEN
from classbell.fields import TextField
from classbell.moments import moment_in_words
from classbell.web.kit.forms.teacher import StudentField, TeacherField
from classbell.web.tutoring.forms.bookings import LONGEST_NOTE, ReasonForm, TypedPeriodForm

PREVIEW = "preview"
# What decides which dates there are: what was shown for other values is shown again before anything is booked.
DECIDING = ("student", "teacher", "day", "time", "minutes", "every", "weeks")


def _every() -> list[tuple[int, str]]:
    return [
        (weeks, ngettext("every week", "every %(weeks)s weeks", weeks) % {"weeks": weeks})
        for weeks in range(1, MOST_WEEKS_BETWEEN + 1)
    ]


class SeriesForm(TypedPeriodForm):
    """
    Lessons for weeks, the first at a time that is typed. Who books for others names the student, and admins the teacher.

    `date` are the days, on the clock of the series, that were ticked of those shown for `seen`.
    """

    every = forms.TypedChoiceField(label=gettext_lazy("How often"), coerce=int, choices=_every, initial=1)
    weeks = forms.IntegerField(
        label=gettext_lazy("For how many weeks"), min_value=1, max_value=MOST_DATES * MOST_WEEKS_BETWEEN, initial=10
    )
    notes = TextField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The student and the teacher read it. You may leave it empty."),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = ("student", "teacher", "day", "time", "minutes", "every", "weeks", "notes", "despite_overlap", "seen")

    def __init__(self, *args: Any, by: User, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, zone=by.zone, **kwargs)
        if for_others:
            self.fields["student"] = StudentField(students_to_book_for(by), label=gettext_lazy("Student"))
        if for_others and by.is_admin:
            self.fields["teacher"] = TeacherField(people_who_may_teach(), label=gettext_lazy("Teacher"))
        self.order_fields(self.field_order)

    @property
    def shown_for(self) -> str:
        """What the dates are made of, once valid."""
        return "|".join(str(self.data.get(name, "")).strip() for name in DECIDING)

    @property
    def is_seen(self) -> bool:
        """Whether the dates of just these values were shown before."""
        return bool(self.cleaned_data["seen"]) and self.cleaned_data["seen"] == self.shown_for


class ConfirmSeriesForm(ReasonForm):
    """Which of the dates that wait are confirmed."""

    def __init__(self, *args: Any, waiting: Sequence[Booking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"] = forms.TypedMultipleChoiceField(
            coerce=UUID,
            choices=[(str(one.pk), "") for one in waiting],
            error_messages={"required": gettext_lazy("Tick at least one date, or decline them all.")},
        )


class SinceForm(forms.Form):
    """From which of the dates that are to come."""

    def __init__(self, *args: Any, coming: Sequence[Booking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"] = forms.TypedChoiceField(
            label=gettext_lazy("From which lesson on"),
            coerce=UUID,
            choices=[(str(one.pk), moment_in_words(one.starts_at)) for one in coming],
        )


class CancelSeriesForm(SinceForm, ReasonForm):
    """The rest of a series is cancelled."""

    field_order = ("since", "reason")


class MoveSeriesForm(SinceForm, TypedPeriodForm, ReasonForm):
    """The rest of a series is held at another time: the first of it at a time that is typed."""

    despite_overlap = forms.BooleanField(label=gettext_lazy("I know, and want both"), required=False)
    field_order = ("since", "day", "time", "minutes", "reason", "despite_overlap")

    def __init__(self, *args: Any, coming: Sequence[Booking], zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, coming=coming, zone=zone, **kwargs)
        self.order_fields(self.field_order)
