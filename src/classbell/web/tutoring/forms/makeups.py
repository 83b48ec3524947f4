"""What an admin enters in somebody's balance of lessons."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from classbell.bookings.makeup import MOST_CORRECTED
from classbell.bookings.models import Origin
from classbell.bookings.models.credit import BY_HAND, LONGEST_REASON
from classbell.bookings.queries import people_who_may_teach
from classbell.errors import DomainError
from classbell.fields import DayField, TextField
from classbell.web.kit.forms.teacher import TeacherField

TAKE = "take"
# The names that services have for what this form asks for under others.
FIELDS = {"amount": "count", "teacher_id": "teacher", "expires_at": "until"}


class CorrectionForm(forms.Form):
    """Lessons to give, as what, with whom and until when, or to take away; and why."""

    what = forms.ChoiceField(
        label=gettext_lazy("Give or take away"),
        choices=[
            (TAKE, pgettext_lazy("lessons", "Take away")),
            (gettext_lazy("Give"), [(origin.value, origin.label) for origin in BY_HAND]),
        ],
        initial=Origin.PACKAGE,
    )
    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST_CORRECTED, initial=1)
    until = DayField(
        label=gettext_lazy("Last day on which they can be used"),
        required=False,
    )
    reason = TextField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("The student reads it."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    field_order = ("what", "count", "teacher", "until", "reason")

    def __init__(self, *args: Any, days: int, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = ngettext(
            "Only for those that are given. Empty: for ever; make-up lessons for %(n)s day.",
            "Only for those that are given. Empty: for ever; make-up lessons for %(n)s days.",
            days,
        ) % {"n": days}
        self._zone = zone
        self.fields["teacher"] = TeacherField(
            people_who_may_teach(),
            label=gettext_lazy("With which teacher"),
            help_text=gettext_lazy("Empty: with any teacher. A make-up lesson needs one."),
            required=False,
        )
        self.order_fields(self.field_order)

    @property
    def gives(self) -> bool:
        """Whether lessons are given; ask only when the form is valid."""
        return bool(self.cleaned_data["what"] != TAKE)

    @property
    def origin(self) -> Origin:
        """As what they are given; ask only where some are."""
        return Origin(self.cleaned_data["what"])

    @property
    def expires_at(self) -> datetime | None:
        """When what is given can no longer be used: at the end of the day that was typed, on the typist's clock."""
        until: date | None = self.cleaned_data["until"]
        if until is None:
            return None
        return datetime.combine(until + timedelta(days=1), time.min, tzinfo=self._zone)

    def refuse(self, error: DomainError) -> None:
        """Say what a service refused, beside its field where that is named."""
        named = str(error.details[0].get("field")) if error.details else ""
        name = FIELDS.get(named, named)
        self.add_error(name if name in self.fields else None, str(error))
