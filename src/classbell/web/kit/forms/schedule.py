"""When something meets, as it is typed: once, or every week on some days until a last one."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbell.fields import DayField, LineField
from classbell.meetings.recurrence import weekly_rule

ONCE, WEEKLY = "once", "weekly"
# A preview shows this much of what has no last day yet: about a term.
OPEN_END: Final = timedelta(weeks=12)
OPEN: Final = "open"


class ScheduleForm(forms.Form):
    """A title and a time: one meeting, or a weekly one."""

    title = LineField(label=gettext_lazy("Title"))
    day = DayField(label=gettext_lazy("Day"))
    start = forms.TimeField(label=gettext_lazy("Starts"), widget=forms.TimeInput(attrs={"type": "time"}))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=720)
    repeats = forms.ChoiceField(
        label=gettext_lazy("How often"),
        choices=[(ONCE, gettext_lazy("Once")), (WEEKLY, gettext_lazy("Every week"))],
        widget=forms.RadioSelect,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On these days"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    until = DayField(label=gettext_lazy("Last day"), required=False)

    def clean(self) -> dict[str, Any]:
        """Settle the days; a weekly meeting without any is held on the weekday it begins with."""
        data = super().clean() or {}
        if data.get("repeats") == WEEKLY and data.get("day") is not None:
            data["weekdays"] = data.get("weekdays") or [data["day"].weekday()]
            if data.get("until") is None:
                self.add_error("until", forms.ValidationError(_("Say until when."), code=OPEN))
            elif data["until"] < data["day"]:
                self.add_error("until", _("The last day must not be before the first."))
        return data

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Return the first start on the clock of `zone`; only of a valid form."""
        day: date = self.cleaned_data["day"]
        return datetime.combine(day, self.cleaned_data["start"], tzinfo=zone)

    @property
    def shown_until(self) -> date | None:
        """The day up to which a preview shows what has no last day yet; None where nothing is open."""
        day: date | None = self.cleaned_data.get("day") if self.has_error("until", OPEN) else None
        return day + OPEN_END if day is not None else None

    @property
    def has_schedule(self) -> bool:
        """Whether what it makes can be shown already, though it has no title, nobody is invited or its end is open."""
        unsaid = {"invited", "title"} | ({"until"} if self.shown_until else set())
        return self.is_bound and not self.errors.keys() - unsaid

    def rule(self) -> str:
        """Return the RFC 5545 rule, "" for a single session; only of a form that is valid but for an open end."""
        if self.cleaned_data["repeats"] != WEEKLY:
            return ""
        until: date = self.shown_until or self.cleaned_data["until"]
        return weekly_rule(self.cleaned_data["weekdays"], until=datetime.combine(until, time(23, 59, 59)))


def offer_weekdays(form: forms.Form, first_weekday: int) -> None:
    """Let a form's `weekdays` be chosen from the days of the reader's week (0 is Monday)."""
    field = form.fields["weekdays"]
    assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101 -- declared so by every form that asks this
    field.choices = [(day, str(WEEKDAYS_ABBR[day])) for number in range(7) for day in [(first_weekday + number) % 7]]
