"""What somebody types who books a lesson without an account."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from classbell.bookings.models import LessonKind
from classbell.fields import EmailField, LineField
from classbell.names import LONGEST as LONGEST_NAME
from classbell.web.tutoring.forms.bookings import PeriodForm
from classbell.web.tutoring.forms.kind_bookings import AsksQuestions, SaysPrice


class GuestForm(AsksQuestions, SaysPrice, PeriodForm):
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
        self.ask(kind)
